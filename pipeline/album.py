"""What the files together say about their album."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence

from attrs import evolve

from .album_values import album_values, says_media, statements
from .artist_names import VARIOUS_ARTISTS as VARIOUS_ARTISTS
from .credits import credits_of
from .errors import TagError
from .folders import disc_number
from .media import CD_MEDIA, allowed_by, beyond_cd, every_disc_logged, shown_stream
from .model.album import Album, Certainty, Media, Origin, Track
from .model.audio import Stream
from .model.files import FileSet
from .model.rips import RipLog
from .rips.logs import is_of_another_disc
from .tags import read_track
from .text import printable


def read_album(files: FileSet) -> Album:
    """Reads all tracks of an album; fails as `read_track` and `make_album` do. Blocks."""
    return make_album(files, [read_track(file) for file in files.audio])


def make_album(files: FileSet, tracks: Sequence[Track]) -> Album:
    """Brings the tracks together.

    TagError where their formats, album titles or album artists differ, or a tag says CD of what no CD holds.
    """
    ordered = tuple(sorted(_with_discs(tracks), key=_position))
    _check_one_format(ordered)
    _check_cd_audio([track for track in ordered if says_media(track, Media.CD)], "tag media")
    found = album_values(files, ordered)
    return Album(
        files=files,
        tracks=ordered,
        content_id=content_id(ordered),
        credits=credits_of(ordered),
        origins={name: value.origin for name, value in found.items()},
        said=statements(ordered),
        **{name: value.value for name, value in found.items()},
    )


def with_rip_logs(album: Album, logs: tuple[RipLog, ...]) -> Album:
    """The album with its rip logs, which make it a CD's; a guess unless every disc has one.

    A log of another disc tells nothing. TagError `contradiction` if tags or audio say otherwise.
    """
    album = evolve(album, rip_logs=logs)
    logs = tuple(log for log in logs if not is_of_another_disc(log))
    if not logs:
        return album
    source = f"{logs[0].ripper} log {printable(logs[0].file.path.name)}"
    _check_other_media(album, source)
    whole = every_disc_logged(album.tracks, logs)
    folders = {log.file.parts[:-1] for log in logs}
    _check_cd_audio(
        [track for track in album.tracks if whole or track.file.parts[:-1] in folders], f"the {source}"
    )
    stated = album.media is not None and "media" not in album.inferred
    if not whole and (stated or beyond_cd(album.tracks)):
        return album
    origin = Origin(source, Certainty.STATED if whole else Certainty.GUESSED)
    return evolve(
        album,
        media=Media.CD,
        origins={**album.origins, "media": origin},
        said={**album.said, "media": frozenset({Media.CD})},
    )


def _check_other_media(album: Album, source: str) -> None:
    """TagError if anything states a medium that no CD ripper reads."""
    said = album.said.get("media", frozenset())
    if album.media and "media" not in album.inferred:
        said |= {album.media}
    if others := sorted(str(one) for one in said if not allowed_by(one) & CD_MEDIA):
        stated = album.origins.get("media", Origin("tag media")).source
        raise TagError(
            f"{printable(album.files.name)}: {printable(', '.join(others))} by {stated}, "
            f"but a CD by the {source}",
            path=album.files.root,
            reason="contradiction",
            hint="correct what says the medium, or take the log away if it is of another rip",
        )


def _check_cd_audio(tracks: Iterable[Track], source: str) -> None:
    """TagError if one of these tracks, of a CD by this source, holds what no CD does."""
    if track := beyond_cd(tracks):
        raise TagError(
            f"{printable(str(track.file.path))} is of a CD by {source}, "
            f"but its audio is not: {shown_stream(track.stream)}",
            path=track.file.path,
            reason="contradiction",
            hint="a CD holds 16 bit, 44100 Hz, 2 channels: correct what says the medium",
        )


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
