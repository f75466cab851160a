"""What the files together say about their album."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence

from anyio import CapacityLimiter, to_thread
from attrs import evolve

from .errors import TagError
from .folders import disc_number
from .model.album import Album, ReleaseType, Track
from .model.files import FileSet
from .release_words import media_named, release_type_by_length, tagged_release_type
from .tags import read_track

VARIOUS_ARTISTS = "Various Artists"
MONTH_AND_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
YEAR = re.compile(rf"(?<![0-9])((?:1[89]|20)[0-9]{{2}})(?:{MONTH_AND_DAY})?(?![0-9])")
"""A year that stands by itself, or begins a date of eight digits."""
FEATURING = re.compile(r"\s[(\[]?(?:feat\.?|ft\.?|featuring)\s.*", re.IGNORECASE | re.DOTALL)
TRUE_FLAGS = frozenset({"1", "true", "yes"})


async def read_album(files: FileSet, limiter: CapacityLimiter) -> Album:
    """Reads all tracks of an album in one worker thread; fails as `read_track` and `make_album` do."""
    return await to_thread.run_sync(_read_album, files, limiter=limiter)


def _read_album(files: FileSet) -> Album:
    return make_album(files, [read_track(file) for file in files.audio])


def make_album(files: FileSet, tracks: Sequence[Track]) -> Album:
    """Brings the tracks together; TagError where their formats, album titles or album artists differ."""
    ordered = tuple(sorted((_with_disc(track) for track in tracks), key=_position))
    _check_one_format(ordered)
    original, date = _year(ordered, "originaldate", "originalyear"), _year(ordered, "date", "year")
    media = _common(ordered, "media")
    artist, release_type = _artist(ordered), _tagged_type(ordered)
    guessed_artist = artist == VARIOUS_ARTISTS and not any("albumartist" in track.tags for track in ordered)
    guesses = {"artist": guessed_artist, "release_type": release_type is None}
    return Album(
        files=files,
        tracks=ordered,
        content_id=content_id(ordered),
        title=_the_one(ordered, "album", "album titles"),
        artist=artist,
        year=original or date,
        edition_year=date if original and date != original else None,
        label=_common(ordered, "label"),
        catalogue_number=_common(ordered, "catalognumber"),
        barcode=_common(ordered, "barcode"),
        edition=_common(ordered, "edition") or _common(ordered, "musicbrainz_albumcomment"),
        media=media_named(media) if media else None,
        release_type=release_type or release_type_by_length(ordered),
        genres=_genres(ordered),
        inferred=frozenset(name for name, guessed in guesses.items() if guessed),
    )


def content_id(tracks: Iterable[Track]) -> str:
    """Names the audio of these tracks, in whatever order, under whatever names and tags."""
    lines = "\n".join(sorted(track.fingerprint for track in tracks))
    return f"a1-{hashlib.sha256(lines.encode()).hexdigest()[:32]}"


def _with_disc(track: Track) -> Track:
    """The track with its disc from the tag, else from the folder it lies in."""
    if track.disc is not None or len(track.file.parts) < 2:
        return track
    return evolve(track, disc=disc_number(track.file.parts[0]))


def _position(track: Track) -> tuple[int, bool, int, list[bytes]]:
    """Disc, number, path; tracks without a number come last."""
    parts = [os.fsencode(part) for part in track.file.parts]
    return track.disc or 1, track.number is None, track.number or 0, parts


def _check_one_format(tracks: Sequence[Track]) -> None:
    first = tracks[0]
    for track in tracks:
        if track.stream.codec is not first.stream.codec:
            raise TagError(
                f"two formats in one album: {first.file.path} is {first.stream.codec}, "
                f"{track.file.path} is {track.stream.codec}",
                path=track.file.path,
                reason="mixed_formats",
                hint="a torrent holds one format: move the others to an album of their own",
            )


def _artist(tracks: Sequence[Track]) -> str | None:
    """The album artist, else the one artist of all tracks, guests apart, else Various Artists."""
    if album_artist := _the_one(tracks, "albumartist", "album artists"):
        return album_artist
    artists = [", ".join(track.artists) for track in tracks if track.artists]
    whole = {_folded(artist) for artist in artists}
    mains = [FEATURING.sub("", " ".join(artist.split())) for artist in artists]
    if len(whole) == 1:
        return artists[0]
    if len({_folded(artist) for artist in mains}) == 1:
        return mains[0]
    return VARIOUS_ARTISTS if artists or _is_compilation(tracks) else None


def _tagged_type(tracks: Sequence[Track]) -> ReleaseType | None:
    """The type by its own tag, else by the compilation flag; None where no tag tells."""
    return tagged_release_type(tracks) or (ReleaseType.COMPILATION if _is_compilation(tracks) else None)


def _is_compilation(tracks: Iterable[Track]) -> bool:
    return all(_first(track, "compilation").lower() in TRUE_FLAGS for track in tracks)


def _year(tracks: Iterable[Track], *names: str) -> int | None:
    """The year that all tracks agree on, from the first of these tags that has one."""
    for name in names:
        if year := _common(tracks, name, _year_in):
            return int(year)
    return None


def _year_in(text: str) -> str:
    match = YEAR.search(text)
    return match[1] if match else ""


def _genres(tracks: Iterable[Track]) -> tuple[str, ...]:
    genres: dict[str, str] = {}
    for track in tracks:
        for value in track.tags.get("genre", ()):
            for genre in filter(None, map(str.strip, value.split(";"))):
                genres.setdefault(_folded(genre), genre)
    return tuple(genres.values())


def _the_one(tracks: Iterable[Track], name: str, what: str) -> str | None:
    """The value of all tracks that have one; TagError names two that differ."""
    having = [track for track in tracks if name in track.tags]
    for track in having:
        value, expected = _joined(track, name), _joined(having[0], name)
        if _folded(value) != _folded(expected):
            raise TagError(
                f"the {what} differ: {having[0].file.path} has “{expected}”, {track.file.path} has “{value}”",
                path=track.file.path,
                reason="tags_disagree",
                hint="tag the files alike, or put the albums in folders of their own",
            )
    return _joined(having[0], name) if having else None


def _common(tracks: Iterable[Track], name: str, part: Callable[[str], str] = str) -> str | None:
    """The value that all tracks agree on, those without one left aside; None where they differ."""
    values = [value for track in tracks if (value := part(_first(track, name)))]
    return values[0] if len({_folded(value) for value in values}) == 1 else None


def _joined(track: Track, name: str) -> str:
    return ", ".join(track.tags[name])


def _first(track: Track, name: str) -> str:
    return next(iter(track.tags.get(name, ())), "")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
