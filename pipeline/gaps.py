"""Fills what the files do not say from what the user says; what contradicts the files is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from attrs import evolve, frozen

from .artist_names import folded, is_various
from .credits import credits_of
from .errors import TagError, UsageError
from .media import allowed_by, beyond_cd, shown_stream
from .model.album import Album, Certainty, Media, Origin, ReleaseType
from .release_words import full_barcode, valid_barcode
from .text import clean_line, printable

MEDIA = {media.value.casefold(): media for media in Media}


@frozen
class Gap:
    """A field of the album that a user may fill: how its value is read, and what that has to be."""

    field: str
    read: Callable[[object], object]
    """Takes text, or what TOML makes of a value; ValueError for what is neither right nor readable."""
    wanted: str


@frozen
class Said:
    """A value, and which of the user's words it comes from."""

    value: object
    source: str


def _text(value: object) -> str:
    text = clean_line(value) if isinstance(value, str) else ""
    if not text:
        raise ValueError("no text")
    return text


def _year(value: object) -> int:
    if isinstance(value, int) and 1000 <= value <= 9999:
        return value
    text = _text(value)
    if not re.fullmatch("[1-9][0-9]{3}", text):
        raise ValueError("no year")
    return int(text)


def _barcode(value: object) -> str:
    barcode = valid_barcode(_text(value))
    if barcode is None:
        raise ValueError("no barcode")
    return barcode


def _genres(value: object) -> tuple[str, ...]:
    names = value if isinstance(value, list) else _text(value).split(",")
    genres = tuple(_text(name) for name in names if not isinstance(name, str) or clean_line(name))
    if not genres:
        raise ValueError("no genres")
    return genres


def _media(value: object) -> Media:
    media = MEDIA.get(_text(value).casefold())
    if media is None:
        raise ValueError("no medium")
    return media


def _release_type(value: object) -> ReleaseType:
    return ReleaseType(re.sub("[ -]", "_", _text(value).upper()))


def _scene(value: object) -> str:
    name = _text(value)
    if " " in name:
        raise ValueError("no scene name")
    return name


GAPS: Mapping[str, Gap] = {
    "artist": Gap("artist", _text, "a text"),
    "title": Gap("title", _text, "a text"),
    "year": Gap("year", _year, "a year such as 2011"),
    "edition_year": Gap("edition_year", _year, "a year such as 2011"),
    "label": Gap("label", _text, "a text"),
    "catalogue_number": Gap("catalogue_number", _text, "a text"),
    "barcode": Gap(
        "barcode", _barcode, "8, 12, 13 or 14 digits in quotes, the last of which checks the others"
    ),
    "edition": Gap("edition", _text, "a text"),
    "media": Gap("media", _media, f"one of {', '.join(Media)}"),
    "release_type": Gap("release_type", _release_type, f"one of {', '.join(ReleaseType)}"),
    "tags": Gap("genres", _genres, "names with commas between them"),
    "scene": Gap("scene", _scene, "the release's name without spaces"),
}
KEYS = {gap.field: key for key, gap in GAPS.items()}
"""The `--set` key of each field."""


def read_gaps(settings: Mapping[str, str]) -> dict[str, object]:
    """The album fields that a user sets, read from text; UsageError with every problem at once."""
    values, problems = read_fields(settings)
    if problems:
        raise UsageError("what is set cannot be used", problems=problems)
    return values


def read_fields(settings: Mapping[str, object]) -> tuple[dict[str, object], tuple[str, ...]]:
    """The album fields that `--set` keys and values of text or TOML mean, and all that is wrong with them."""
    values: dict[str, object] = {}
    problems = []
    for key, value in settings.items():
        gap = GAPS.get(key)
        if gap is None:
            problems.append(f"{printable(key)} cannot be set: {_meant(key)}")
            continue
        try:
            values[gap.field] = gap.read(value)
        except ValueError:
            shown = f"{key}={printable(value)}" if isinstance(value, str) else key
            problems.append(f"{shown}: must be {gap.wanted}")
    return values, tuple(problems)


def fill_gaps(album: Album, values: Mapping[str, object], source: str = "--set") -> Album:
    """The album with its gaps filled; TagError `contradiction` where the files say something else."""
    return fill_all(album, ((source, values),))


def fill_all(album: Album, sources: Sequence[tuple[str, Mapping[str, object]]]) -> Album:
    """The album with its gaps filled from several sources, the first that has a value winning.

    TagError `contradiction` where the files say something else.
    """
    said: dict[str, Said] = {}
    for source, values in sources:
        for field, value in values.items():
            said.setdefault(field, Said(value, source))
    filled: dict[str, Any] = {}
    for field, own in said.items():
        of_the_edition = _is_of_the_edition(album, field, said)
        if not of_the_edition and not _agrees(album, field, own.value):
            raise _contradiction(album, field, own)
        if of_the_edition or _is_open(album, field):
            filled[field] = own.value
    if not filled:
        return album
    _check_audio(album, filled, said)
    origins = {**album.origins, **{field: Origin(said[field].source) for field in filled}}
    if "artist" in filled:
        filled["credits"] = credits_of(album.tracks, filled["artist"])
    known = evolve(album, **filled, origins=origins)
    _check_years(known, filled)
    return known


def _is_open(album: Album, field: str) -> bool:
    """Nothing states the field: it is unknown or guessed."""
    origin = album.origins.get(field)
    return not getattr(album, field) or (origin is not None and origin.certainty is Certainty.GUESSED)


def _agrees(album: Album, field: str, value: object) -> bool:
    """Whether the files say the same; where they disagree or only suggest, whether any of them does."""
    if not _is_open(album, field):
        return _comparable(field, getattr(album, field)) == _comparable(field, value)
    said = album.said.get(field)
    if not said:
        return True
    if field == "media":
        return any(value in allowed_by(statement) for statement in said)
    return _comparable(field, value) in {_comparable(field, statement) for statement in said}


def _check_audio(album: Album, filled: Mapping[str, object], said: Mapping[str, Said]) -> None:
    """TagError if it is to be a CD, and its audio is not."""
    if filled.get("media") is Media.CD and (track := beyond_cd(album.tracks)):
        raise TagError(
            f"{printable(album.files.name)}: media is set to CD ({said['media'].source}), "
            f"but {printable(track.file.path.name)} has {shown_stream(track.stream)}",
            path=album.files.root,
            reason="contradiction",
            hint="a CD holds 16 bit, 44100 Hz, 2 channels: set what the audio was taken from",
        )


def _check_years(album: Album, filled: Mapping[str, object]) -> None:
    """TagError if what is filled in makes the edition older than the release."""
    if not filled.keys() & {"year", "edition_year"} or not album.year or not album.edition_year:
        return
    if album.edition_year < album.year:
        years = [
            f"{KEYS[field]} is {getattr(album, field)}"
            + (f" ({album.origins[field].source})" if field in album.origins else "")
            for field in ("edition_year", "year")
        ]
        raise TagError(
            f"{printable(album.files.name)}: {', but '.join(years)}",
            path=album.files.root,
            reason="contradiction",
            hint="year is the first one, edition_year that of this edition, which cannot be older",
        )


def _is_of_the_edition(album: Album, field: str, said: Mapping[str, Said]) -> bool:
    """The files' year is kept as the edition's, where the user tells an earlier one and says so."""
    if field != "year" or album.edition_year or "edition_year" not in said:
        return False
    year, edition_year = said["year"].value, said["edition_year"].value
    years = {album.year} if album.year else album.said.get("year", frozenset())
    if not isinstance(year, int) or not isinstance(edition_year, int):
        return False
    return edition_year in years and year < edition_year


def _contradiction(album: Album, field: str, said: Said) -> TagError:
    if _is_open(album, field):
        stated, where = ", ".join(sorted(map(str, album.said[field]))), " (not all alike)"
    else:
        origin = album.origins.get(field)
        stated, where = _shown(getattr(album, field)), f" ({origin.source})" if origin else ""
    hint = "what the files say is published; correct the tags first if they are wrong"
    if field == "year" and album.year and album.edition_year is None:
        hint += f", or set edition_year={album.year}, too, if that is only this edition's year"
    return TagError(
        f"{printable(album.files.name)}: {KEYS[field]} is set to {_shown(said.value)} ({said.source}), "
        f"but the files say {printable(stated)}{where}",
        path=album.files.root,
        reason="contradiction",
        hint=hint,
    )


def _comparable(field: str, value: object) -> object:
    """Such that neither spelling nor the order of several values makes a difference."""
    match value:
        case str() if field == "artist" and is_various(value):
            return is_various
        case str() if field == "barcode":
            return full_barcode(value)
        case str():
            return folded(value)
        case tuple():
            return sorted(map(folded, value))
        case _:
            return value


def _meant(key: str) -> str:
    near = get_close_matches(key.lower(), GAPS, n=1)
    return f"did you mean {near[0]}?" if near else f"it is none of {', '.join(GAPS)}"


def _shown(value: object) -> str:
    return printable(", ".join(value) if isinstance(value, tuple) else str(value))
