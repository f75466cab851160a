"""Fills what the files do not say from what the user says; what contradicts the files is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve, frozen

from .errors import TagError, UsageError
from .model.album import Album, Media, ReleaseType
from .text import clean_line, printable

MEDIA = {media.value.casefold(): media for media in Media}


@frozen
class Gap:
    """A field of the album that a user may fill: how its text is read, and what that text has to be."""

    field: str
    read: Callable[[str], object]
    wanted: str


def _text(text: str) -> str:
    if not text:
        raise ValueError(text)
    return text


def _year(text: str) -> int:
    if not re.fullmatch("[1-9][0-9]{3}", text):
        raise ValueError(text)
    return int(text)


def _genres(text: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, _text(text.strip(" ,")).split(","))))


def _media(text: str) -> Media:
    return MEDIA[text.casefold()]


def _release_type(text: str) -> ReleaseType:
    return ReleaseType(re.sub("[ -]", "_", text.upper()))


GAPS: Mapping[str, Gap] = {
    "artist": Gap("artist", _text, "a text"),
    "title": Gap("title", _text, "a text"),
    "year": Gap("year", _year, "a year such as 2011"),
    "edition_year": Gap("edition_year", _year, "a year such as 2011"),
    "label": Gap("label", _text, "a text"),
    "catalogue_number": Gap("catalogue_number", _text, "a text"),
    "barcode": Gap("barcode", _text, "a text"),
    "edition": Gap("edition", _text, "a text"),
    "media": Gap("media", _media, f"one of {', '.join(Media)}"),
    "release_type": Gap("release_type", _release_type, f"one of {', '.join(ReleaseType)}"),
    "tags": Gap("genres", _genres, "names with commas between them"),
}


def read_gaps(settings: Mapping[str, str]) -> dict[str, object]:
    """The album fields that a user sets, read from text; UsageError with every problem at once."""
    values: dict[str, object] = {}
    problems = []
    for key, text in settings.items():
        gap = GAPS.get(key)
        if gap is None:
            problems.append(f"{printable(key)} cannot be set: it is none of {', '.join(GAPS)}")
            continue
        try:
            values[gap.field] = gap.read(clean_line(text))
        except (ValueError, KeyError):
            problems.append(f"{key}={printable(text)}: must be {gap.wanted}")
    if problems:
        raise UsageError("what is set cannot be used", problems=tuple(problems))
    return values


def fill_gaps(album: Album, values: Mapping[str, object]) -> Album:
    """The album with its gaps filled; TagError `contradiction` where the files say something else."""
    filled: dict[str, Any] = {}
    for field, value in values.items():
        said = getattr(album, field)
        if not said or field in album.inferred:
            filled[field] = value
        elif _folded(said) != _folded(value):
            raise TagError(
                f"{printable(album.files.name)}: {field} is set to {_shown(value)}, "
                f"but the files say {_shown(said)}",
                path=album.files.root,
                reason="contradiction",
                hint="what the files say is published; correct the tags first if they are wrong",
            )
    return evolve(album, **filled, inferred=album.inferred - filled.keys())


def _folded(value: object) -> object:
    """Such that neither case nor the order of several values makes a difference."""
    match value:
        case str():
            return value.casefold()
        case tuple():
            return sorted(map(str.casefold, value))
        case _:
            return value


def _shown(value: object) -> str:
    return printable(", ".join(value) if isinstance(value, tuple) else str(value))
