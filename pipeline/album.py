"""What the files together say about their album."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence

from attrs import evolve

from .album_values import album_values
from .artist_names import VARIOUS_ARTISTS as VARIOUS_ARTISTS
from .credits import credits_of
from .errors import TagError
from .folders import disc_number
from .model.album import Album, Certainty, Media, Origin, Track
from .model.audio import Stream
from .model.files import FileSet
from .model.rips import RipLog
from .tags import read_track
from .text import printable

CD_MEDIA = frozenset({Media.CD, Media.SACD})
"""What a CD ripper reads: a hybrid SACD has a layer that is a CD."""


def read_album(files: FileSet) -> Album:
    """Reads all tracks of an album; fails as `read_track` and `make_album` do. Blocks."""
    return make_album(files, [read_track(file) for file in files.audio])


def make_album(files: FileSet, tracks: Sequence[Track]) -> Album:
    """Brings the tracks together; TagError where their formats, album titles or album artists differ."""
    ordered = tuple(sorted(_with_discs(tracks), key=_position))
    _check_one_format(ordered)
    found = album_values(files, ordered)
    return Album(
        files=files,
        tracks=ordered,
        content_id=content_id(ordered),
        credits=credits_of(ordered),
        origins={name: value.origin for name, value in found.items()},
        **{name: value.value for name, value in found.items()},
    )


def with_rip_logs(album: Album, logs: tuple[RipLog, ...]) -> Album:
    """The album with its rip logs, which make it a CD's; TagError `contradiction` if it says otherwise."""
    if not logs:
        return album
    origin = Origin(f"{logs[0].ripper} log {printable(logs[0].file.path.name)}")
    said = album.origins.get("media", Origin("the files"))
    if album.media and album.media not in CD_MEDIA and said.certainty is Certainty.STATED:
        raise TagError(
            f"{printable(album.files.name)}: {album.media} by {said.source}, but a CD by the {origin.source}",
            path=album.files.root,
            reason="contradiction",
            hint="correct what says the medium, or take the log away if it is of another rip",
        )
    return evolve(album, rip_logs=logs, media=Media.CD, origins={**album.origins, "media": origin})


def content_id(tracks: Iterable[Track]) -> str:
    """Names the audio of these tracks, in whatever order, under whatever names and tags."""
    lines = "\n".join(sorted(track.fingerprint for track in tracks))
    return f"a1-{hashlib.sha256(lines.encode()).hexdigest()[:32]}"


def _with_discs(tracks: Sequence[Track]) -> list[Track]:
    """The tracks with their discs from the tags; from the folders where no tag, or one tag for all, tells."""
    folders = [disc_number(track.file.parts[0]) if len(track.file.parts) > 1 else None for track in tracks]
    tagged = {track.disc for track in tracks}
    if len(tagged) == 1 < len(set(folders)) and None not in folders:
        return [evolve(track, disc=disc) for track, disc in zip(tracks, folders, strict=True)]
    return [evolve(track, disc=track.disc or disc) for track, disc in zip(tracks, folders, strict=True)]


def _position(track: Track) -> tuple[int, bool, int, list[bytes]]:
    """Disc, number, path; tracks without a number come last."""
    parts = [os.fsencode(part) for part in track.file.parts]
    return track.disc or 1, track.number is None, track.number or 0, parts


def _check_one_format(tracks: Sequence[Track]) -> None:
    first = tracks[0]
    for track in tracks:
        one, other = first.stream, track.stream
        if (one.codec, one.container, one.lossless) != (other.codec, other.container, other.lossless):
            raise TagError(
                f"two formats in one album: {_named_format(first, other)}, {_named_format(track, one)}",
                path=track.file.path,
                reason="mixed_formats",
                hint="a torrent holds one format: move the others to an album of their own",
            )


def _named_format(track: Track, other: Stream) -> str:
    """The file and its format, as far as it differs from the other."""
    stream, words = track.stream, str(track.stream.codec)
    if stream.codec is other.codec and stream.container is not other.container:
        words += f" in {stream.container}"
    if stream.codec is other.codec and stream.lossless is not other.lossless:
        words += " (lossless)" if stream.lossless else " (lossy)"
    return f"{printable(str(track.file.path))} is {words}"
