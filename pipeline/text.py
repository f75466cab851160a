"""Text from files and tags, made fit for names, descriptions and messages."""

from __future__ import annotations

import re
import unicodedata

BIDI_CONTROLS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
NOT_TEXT = {"Cc", "Cs"}
"""Unicode categories: control characters and lone surrogates."""

SURROGATES = re.compile("[\ud800-\udfff]")
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, line separators, switches of the writing direction, and what is no text at all."""


def clean_line(text: str) -> str:
    """The text as one line: NFC, single spaces, no control characters, nothing that turns the line round."""
    kept = "".join(character for character in text if character.isspace() or _is_text(character))
    return " ".join(unicodedata.normalize("NFC", kept).split())


def printable(text: str) -> str:
    r"""The text on one line and harmless to a terminal: what would act on it is shown as `\n` or `\xNN`."""
    return UNPRINTABLE.sub(_escaped, text)


def valid_text(text: str) -> str:
    r"""The text with bytes that are no UTF-8 shown as `\xNN`."""
    return SURROGATES.sub(_escaped, text)


def _is_text(character: str) -> bool:
    return (
        unicodedata.category(character) not in NOT_TEXT
        and unicodedata.bidirectional(character) not in BIDI_CONTROLS
        and not _is_noncharacter(character)
    )


def _is_noncharacter(character: str) -> bool:
    return ord(character) & 0xFFFE == 0xFFFE


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    if "\udc80" <= character <= "\udcff":  # a byte that Python could not decode in a file name
        return f"\\x{ord(character) - 0xDC00:02x}"
    if character < "\x80":
        return character.encode("unicode_escape").decode("ascii")
    return f"\\u{ord(character):04x}"  # not \\xNN, which is a byte
