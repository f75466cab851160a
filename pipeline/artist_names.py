"""The names in artist tags: who is a guest, and how many artists `A, B & C` are.

Nothing but evidence parts a name, since no rule tells `Simon & Garfunkel` from two artists of one song.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import product
from math import prod

VARIOUS_ARTISTS = "Various Artists"
VARIOUS_ARTISTS_ID = "89ad4ac3-39f7-470e-963a-56509c546377"
"""MusicBrainz's id of Various Artists, under whatever name."""
VARIOUS_NAMES = frozenset(
    {
        "various artists",
        "various artist",
        "various",
        "v.a.",
        "v/a",
        "va",
        "artistas varios",
        "artistes divers",
        "artisti vari",
        "artistes variés",
        "div. interpreten",
        "diverse",
        "diverse artister",
        "diverse interpreten",
        "diversen",
        "multi-interprètes",
        "varios",
        "varios artistas",
        "various interprets",
        "vários artistas",
        "verschiedene",
        "verschiedene interpreten",
        "verschillende artiesten",
        "разные исполнители",
        "オムニバス",
        "ヴァリアス・アーティスト",
        "群星",
    }
)
UNKNOWN_NAMES = frozenset({"unknown artist", "unknown album", "[unknown]", "<unknown>", "[none]"})

NAMES = r"([^()\[\]]+)"
"""What no bracket parts."""
IN_BRACKETS = r"[(\[](?:feat\.|ft\.|(?:feat|ft|featuring)\s|(?-i:with\s(?![a-z])))"
NO_NAME = r"(?!\s*(?:(?:&|and|feat\.?|ft\.?|featuring)(?:\s|$)|[^\w\s\"'$]))"
"""What shows that the word before was part of a name: `Little Feat & Bonnie Raitt`."""
ARTIST_GUESTS = re.compile(
    rf"(?:{IN_BRACKETS}|(?<![0-9])\s(?:feat\.|ft\.|(?:feat|ft|featuring)\s)){NO_NAME}{NAMES}",
    re.IGNORECASE,
)
ARTICLES = frozenset({"the", "los", "las", "les", "le", "la", "die", "der", "das"})
"""No artist by itself, so that `The Feat. Band` is one name."""
MOST_WAYS = 10_000
"""To part the names of a track; where there are more, they stay whole."""
TITLE_GUESTS = re.compile(rf"(?:{IN_BRACKETS}|\sfeat\.|(?<![0-9])\sft\.|\sfeaturing\s){NAMES}", re.IGNORECASE)
"""Stricter, since titles have words of their own: `Last Feat of Strength`, `Seven by 9 ft. Tall`."""

STRONG_JOINTS = (r"[;\0]", r"\s/\s")
"""What hardly any name has in it."""
WEAK_JOINTS = (r",\s", r"\s&\s", r"\s[Aa]nd\s")

Partition = tuple[str, ...]


def folded(name: str) -> str:
    """Such that neither case nor spelling in Unicode makes a difference."""
    return unicodedata.normalize("NFC", " ".join(name.split())).casefold()


def is_various(name: str) -> bool:
    """Whether it says Various Artists, in whatever language."""
    return folded(name) in VARIOUS_NAMES


def is_unknown(name: str) -> bool:
    """Whether a program wrote it for want of a name."""
    return folded(name) in UNKNOWN_NAMES


def is_nobody(name: str) -> bool:
    """Whether the name only stands for artists that are not named."""
    return is_various(name) or is_unknown(name)


def part_guests(artist: str) -> tuple[str, str]:
    """The artist without guests, and the guests; either may be empty."""
    match = ARTIST_GUESTS.search(artist)
    main = artist[: match.start()].strip(" ,;&") if match else ""
    if match is None or folded(main) in ARTICLES:
        return artist.strip(), ""
    return main, _before_dash(match[1])


def title_guests(title: str) -> str:
    """The guests that a track's title names, if any."""
    match = TITLE_GUESTS.search(title)
    return _before_dash(match[1]) if match else ""


def split_names(texts: Sequence[str], known: Collection[str], count: int | None = None) -> list[Partition]:
    """The artists in each text, where evidence parts them; else each text whole.

    Evidence is that `count` artists are in all texts together and only one way of parting makes as many,
    or that every part is `known` (folded) as an artist by itself.
    """
    options = [_partitions(text) for text in texts]
    fitting = list(_fitting(options, count)) if count is not None else []
    confirmed = [choice for choice in fitting if all(_confirmed(parts, known) for parts in choice)]
    for choices in (fitting, confirmed):
        if len(choices) == 1:
            return list(choices[0])
    if fitting:
        return [(text,) for text in texts]
    return [next(parts for parts in reversed(ways) if _confirmed(parts, known)) for ways in options]


def _fitting(options: Sequence[Sequence[Partition]], count: int) -> Iterator[tuple[Partition, ...]]:
    """The ways to part all texts into as many artists."""
    if prod(map(len, options)) <= MOST_WAYS:
        yield from (choice for choice in product(*options) if sum(map(len, choice)) == count)


def _before_dash(names: str) -> str:
    return names.partition(" - ")[0].strip()


def _confirmed(parts: Partition, known: Collection[str]) -> bool:
    return len(parts) == 1 or all(folded(part) in known for part in parts)


def _partitions(text: str) -> list[Partition]:
    """The ways to part a text, the whole first, all parted last; what surely parts goes before what may."""
    joints = [joint for joint in STRONG_JOINTS if re.search(joint, text)]
    joints = joints or [joint for joint in WEAK_JOINTS if re.search(joint, text)]
    every = [*STRONG_JOINTS, *WEAK_JOINTS]
    return list(
        dict.fromkeys([(text,), *_parted(text, [*joints, "|".join(joints or every), "|".join(every)])])
    )


def _parted(text: str, patterns: Iterable[str]) -> Iterator[Partition]:
    for pattern in patterns:
        parts = tuple(part.strip() for part in re.split(pattern, text))
        if all(parts):
            yield parts
