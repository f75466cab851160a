"""What the tags of all tracks together say of the album, and which tag says it."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from attrs import frozen

from .artist_names import VARIOUS_ARTISTS, folded, is_nobody, is_unknown, part_guests
from .credits import says_various
from .errors import TagError
from .media import can_be_of
from .model.album import Certainty, Media, Origin, ReleaseType, Track
from .model.files import FileSet
from .release_words import (
    full_barcode,
    is_placeholder,
    is_scene_name,
    is_soundtrack_title,
    media_named,
    release_type_by_length,
    release_type_by_title,
    split_genres,
    stated_release_types,
    tagged_release_type,
    valid_barcode,
)
from .text import printable

MONTH_AND_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
YEAR = re.compile(rf"(?<![0-9])((?:1[89]|20)[0-9]{{2}})(?:{MONTH_AND_DAY})?(?![0-9])")
"""A year that stands by itself, or begins a date of eight digits."""
TRUE_FLAGS = frozenset({"1", "true", "yes"})
SCENE_SUFFIXES = frozenset({".nfo", ".sfv"})


@frozen
class Found:
    """A value of the album, and where it comes from."""

    value: Any
    origin: Origin


@frozen
class TagField:
    """How a field is read from tags, the first of which goes before the others."""

    tags: tuple[str, ...]
    read: Callable[[tuple[str, ...]], Iterable[Any]]
    same: Callable[[Any], Hashable] = lambda value: folded(str(value))
    """What is equal for two spellings of one value."""


def _names(values: tuple[str, ...]) -> Iterator[str]:
    """All names in one: they belong together."""
    names = (" ".join(value.split()) for value in values)
    if joined := " / ".join(name for name in names if name and not is_placeholder(name)):
        yield joined


def _barcodes(values: tuple[str, ...]) -> Iterator[str]:
    return filter(None, map(valid_barcode, values))


def _years_in(values: tuple[str, ...]) -> Iterator[int]:
    return (int(match[1]) for value in values if (match := YEAR.search(value)))


def _media_in(values: tuple[str, ...]) -> Iterator[Media | str]:
    """Media, and the words that mean none of ours, or several."""
    words = (" ".join(value.split()) for value in values)
    return (media_named(word) or word for word in words if word and not is_placeholder(word))


ORIGINAL_YEAR = TagField(("originaldate", "originalyear"), _years_in)
YEAR_OF_DATE = TagField(("date", "year"), _years_in)
MEDIA = TagField(("media",), _media_in)
TEXT_FIELDS = {
    "label": TagField(("label",), _names),
    "catalogue_number": TagField(("catalognumber",), _names),
    "barcode": TagField(("barcode",), _barcodes, same=full_barcode),
    "edition": TagField(("edition", "musicbrainz_albumcomment"), _names),
}


def album_values(files: FileSet, tracks: Sequence[Track]) -> Mapping[str, Found]:
    """The album's values under its fields' names; TagError where album titles or album artists differ."""
    title = _the_one(tracks, "album", "album titles")
    found = {
        "title": title,
        "artist": _artist(tracks),
        **_years(tracks),
        **{name: _common(tracks, field) for name, field in TEXT_FIELDS.items()},
        "media": _media(tracks),
        "release_type": _release_type(tracks, title.value if title else ""),
        "genres": _genres(tracks),
        "scene": _scene(files),
    }
    return {name: value for name, value in found.items() if value is not None}


def statements(tracks: Sequence[Track]) -> Mapping[str, frozenset[object]]:
    """All that any track's tags state, under the names of the fields on which tracks may disagree."""
    original, date = _stated(tracks, ORIGINAL_YEAR), _stated(tracks, YEAR_OF_DATE)
    said: dict[str, frozenset[object]] = {
        "year": original | date,
        "edition_year": date if original else frozenset(),
        **{name: _stated(tracks, field) for name, field in TEXT_FIELDS.items()},
        "media": _stated(tracks, MEDIA),
        "release_type": stated_release_types(tracks, "releasetype")
        | stated_release_types(tracks, "releasestatus"),
    }
    return {name: values for name, values in said.items() if values}


def says_media(track: Track, media: Media) -> bool:
    """Whether the track's own tag names this medium, and no other."""
    return set(_media_in(track.tags.get("media", ()))) == {media}


def _artist(tracks: Sequence[Track]) -> Found | None:
    """The album artist, else the one artist of all tracks, guests apart, else Various Artists."""
    for tag in ("albumartist", "albumartists"):
        if found := _the_one(tracks, tag, "album artists"):
            track = next(track for track in tracks if tag in track.tags)
            return Found(VARIOUS_ARTISTS, found.origin) if says_various(track, found.value) else found
    artists = [" ".join(", ".join(track.artists).split()) for track in tracks]
    artists = [artist for artist in artists if artist and not is_nobody(artist)]
    for names in (artists, [part_guests(artist)[0] for artist in artists]):
        if len(set(map(folded, names))) == 1 and names[0]:
            return Found(names[0], Origin("tag artist"))
    if artists:
        return Found(VARIOUS_ARTISTS, Origin("the artists of the tracks", Certainty.GUESSED))
    if _is_compilation(tracks):
        return Found(VARIOUS_ARTISTS, Origin("tag compilation", Certainty.GUESSED))
    return None


def _years(tracks: Sequence[Track]) -> dict[str, Found | None]:
    """The first year and this edition's; neither where the edition would be the older one."""
    original = _common(tracks, ORIGINAL_YEAR)
    date = _common(tracks, YEAR_OF_DATE)
    if original is None or date is None or original.value == date.value:
        return {"year": original or date}
    return {"year": original, "edition_year": date} if original.value < date.value else {}


def _release_type(tracks: Sequence[Track], title: str) -> Found:
    """What the tags say; a bootleg by its status; else what title, count and length suggest."""
    bootleg = tagged_release_type(tracks, "releasestatus")
    if bootleg is ReleaseType.BOOTLEG:
        return Found(bootleg, Origin("tag releasestatus"))
    if tagged := tagged_release_type(tracks, "releasetype"):
        return Found(tagged, Origin("tag releasetype"))
    if is_soundtrack_title(title):
        return Found(ReleaseType.SOUNDTRACK, Origin("the end of the title", Certainty.GUESSED))
    if _is_compilation(tracks):  # which only means several artists
        return Found(ReleaseType.COMPILATION, Origin("tag compilation", Certainty.GUESSED))
    if titled := release_type_by_title(title):
        return Found(titled, Origin("the end of the title", Certainty.GUESSED))
    return Found(release_type_by_length(tracks), Origin("track count and length", Certainty.GUESSED))


def _is_compilation(tracks: Iterable[Track]) -> bool:
    return all(TRUE_FLAGS.intersection(map(str.lower, track.tags.get("compilation", ()))) for track in tracks)


def _media(tracks: Sequence[Track]) -> Found | None:
    """The medium of all tracks, guessed if some say none; None where one has other or unknown words."""
    found = _common(tracks, MEDIA)
    if found is None or not isinstance(found.value, Media):
        return None
    if all(says_media(track, found.value) for track in tracks):
        return found
    if not all(can_be_of(track.stream, found.value) for track in tracks):
        return None
    return Found(found.value, Origin("tag media of some tracks", Certainty.GUESSED))


def _genres(tracks: Sequence[Track]) -> Found | None:
    genres: dict[str, str] = {}
    for track in tracks:
        for value in track.tags.get("genre", ()):
            for genre in split_genres(value):
                genres.setdefault(folded(genre), genre)
    return Found(tuple(genres.values()), Origin("tag genre")) if genres else None


def _scene(files: FileSet) -> Found | None:
    """The folder's name, if it is one of the scene's and an .nfo or .sfv in it is named after it."""
    if files.single or not is_scene_name(files.name):
        return None
    for file in files.files:
        name = PurePath(file.parts[-1])
        stem = re.sub("^0+-", "", name.stem)
        if (
            len(file.parts) == 1
            and name.suffix.lower() in SCENE_SUFFIXES
            and folded(stem) == folded(files.name)
        ):
            return Found(files.name, Origin(f"file {printable(name.name)}", Certainty.GUESSED))
    return None


def _the_one(tracks: Iterable[Track], tag: str, what: str) -> Found | None:
    """The value of all tracks that have one; TagError names two that differ."""
    first: tuple[Track, str] | None = None
    for track in tracks:
        value = " ".join(", ".join(track.tags.get(tag, ())).split())
        if not value or is_unknown(value):
            continue
        if first is None:
            first = track, value
        elif folded(value) != folded(first[1]):
            raise TagError(
                f"the {what} differ: {printable(str(first[0].file.path))} has “{printable(first[1])}”, "
                f"{printable(str(track.file.path))} has “{printable(value)}”",
                path=track.file.path,
                reason="tags_disagree",
                hint="tag the files alike, or put the albums in folders of their own",
            )
    return Found(first[1], Origin(f"tag {tag}")) if first else None


def _common(tracks: Sequence[Track], field: TagField) -> Found | None:
    """The one value in all such tags of all tracks, by the first of the tags where there is just one."""
    for tag in field.tags:
        values = list(_values(tracks, field, tag))
        if len(set(map(field.same, values))) == 1:
            return Found(values[0], Origin(f"tag {tag}"))
    return None


def _stated(tracks: Sequence[Track], field: TagField) -> frozenset[object]:
    """The different values in all such tags, each in its first spelling."""
    stated: dict[Hashable, object] = {}
    for tag in field.tags:
        for value in _values(tracks, field, tag):
            stated.setdefault(field.same(value), value)
    return frozenset(stated.values())


def _values(tracks: Sequence[Track], field: TagField, tag: str) -> Iterator[Any]:
    return (value for track in tracks for value in field.read(track.tags.get(tag, ())))
