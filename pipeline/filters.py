"""The filters that templates have beside Jinja2's own: text measured as a reader sees it."""

from __future__ import annotations

import unicodedata

MAX_COLUMNS = 1_000

ELLIPSIS = "\u2026"
ZERO_WIDTH_JOINER = "\u200d"
ATTACHED = {"Mn", "Me", "Mc", "Cf"}
"""Unicode categories of what belongs to the character before it: marks, joiners, variation selectors."""
FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))
"""Regional indicators: two of them are one flag."""
VIRAMA = 9
"""The combining class of the sign that joins two Indic consonants."""


def display_width(text: object) -> int:
    """Columns of a monospaced font: wide East Asian characters take two, combining marks none."""
    return sum(map(_width, "" if text is None else str(text)))


def pad(text: object, columns: int, right: bool = False) -> str:
    """The text filled up with spaces to so many columns, on its left if it shall stand `right`; never cut."""
    if columns > MAX_COLUMNS:
        raise ValueError(f"pad fills up to {MAX_COLUMNS:,} columns at most")
    shown = "" if text is None else str(text)
    spaces = " " * (columns - display_width(shown))
    return spaces + shown if right else shown + spaces


def shorten(text: object, characters: int) -> str | None:
    """The text if it has at most so many characters, else its beginning with `…` as the last of them.

    It is never cut inside what a reader sees as one character; None stays None.
    """
    if text is None:
        return None
    if characters < 1:
        raise ValueError("shorten needs room for 1 character at least")
    whole = unicodedata.normalize("NFC", str(text))
    if len(whole) <= characters:
        return whole
    end = characters - 1
    while end and _inside_one(whole, end):
        end -= 1
    return whole[:end].rstrip() + ELLIPSIS


FILTERS = {"display_width": display_width, "pad": pad, "shorten": shorten}


def _width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"} or _is_jamo_end(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def _inside_one(text: str, index: int) -> bool:
    """Whether the characters on both sides of the index are seen as one."""
    before, after = text[index - 1], text[index]
    if before in FLAG_LETTERS and after in FLAG_LETTERS:
        return (index - len(text[:index].rstrip(FLAG_LETTERS))) % 2 == 1
    return (
        unicodedata.category(after) in ATTACHED
        or "\U0001f3fb" <= after <= "\U0001f3ff"  # a tone of skin
        or before == ZERO_WIDTH_JOINER
        or (unicodedata.combining(before) == VIRAMA and unicodedata.category(after) == "Lo")
        or _is_jamo_end(after)
    )


def _is_jamo_end(character: str) -> bool:
    """The vowels and final consonants of Hangul syllables that Unicode has not as one character."""
    return "\u1160" <= character <= "\u11ff"
