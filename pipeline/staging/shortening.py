"""Names cut to a length, without tearing a character from what belongs to it."""

from __future__ import annotations

import os
import re
import unicodedata
from itertools import takewhile

TRACK_NUMBER = re.compile(r"\d{1,4}(?:[-.]\d{1,4})?(?!\d)")
EXTENSION_LENGTH = 8
"""What is longer behind a dot is part of the title."""
MARKS = {"Mn", "Mc", "Me"}
JOINER = "\u200d"


def split_extension(name: str) -> tuple[str, str]:
    """The stem, and the extension with its dot."""
    stem, extension = os.path.splitext(name)
    return (stem, extension) if len(extension) <= EXTENSION_LENGTH and " " not in extension else (name, "")


def shortened(
    name: str, characters: int | None, size: int, *, folder: bool = False, ending: str = ""
) -> str | None:
    """The name with `ending` behind its stem, in so many characters and bytes; None if it does not fit.

    The extension and a leading track number are kept, and something of the name in any case.
    """
    stem, extension = (name, "") if folder else split_extension(name)
    tail = ending + extension
    number = TRACK_NUMBER.match(stem)
    least = number.end() if number else 1
    kept = stem
    while (characters is not None and len(kept + tail) > characters) or _bytes(kept + tail) > size:
        kept = _without_last(kept)
        if len(kept) < least:
            return None
    return kept + tail


def _without_last(stem: str) -> str:
    """The stem without its last visible character, and without the spaces and dots that then end it."""
    end = len(stem) - 1
    while end > 0 and _continues(stem, end):
        end -= 1
    return stem[:end].rstrip(" .")


def _continues(stem: str, index: int) -> bool:
    """Tells whether the character there is seen as one with the character before it."""
    character, before = stem[index], stem[index - 1]
    return (
        unicodedata.category(character) in MARKS
        or JOINER in (character, before)
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # the colour of a hand or a face
        or "\u1160" <= character <= "\u11ff"  # the vowels and finals of Hangul
        or (_is_flag_letter(character) and _flag_letters_before(stem, index) % 2 == 1)
    )


def _flag_letters_before(stem: str, index: int) -> int:
    """Two make a flag."""
    return sum(1 for _ in takewhile(_is_flag_letter, reversed(stem[:index])))


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))
