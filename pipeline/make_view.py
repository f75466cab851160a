"""Makes of a release what a template sees of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import groupby
from pathlib import PurePath
from typing import Any, TypeVar

from attrs import evolve

from . import labels
from .errors import DescribeError
from .model.album import Album, ReleaseType, Role, Track
from .model.release import Release
from .model.rips import LogChecksum, RipLog
from .text import clean_line, printable
from .view import DiscView, ReleaseView, RipLogView, TrackView

TYPE_NAMES = {ReleaseType.EP: "EP", ReleaseType.DJ_MIX: "DJ Mix"}
CHECKSUM_WORDS = {
    LogChecksum.GOOD: "checksum good",
    LogChecksum.BAD: "checksum bad",
    LogChecksum.MISSING: "no checksum",
    LogChecksum.UNCHECKED: "checksum not checked",
}
UNTOLD_IF_GUESSED = (
    *("year", "edition_year", "edition", "label", "catalogue_number"),
    *("barcode", "media", "release_type", "scene"),
)

Text = Callable[[str], str]
Value = TypeVar("Value")


@lru_cache(maxsize=8)  # for the name and the description, at several trackers
def view(release: Release, text: Text = str) -> ReleaseView:
    """The release for a template; `text` is applied to every text that came from tags or file names.

    What is only guessed is left out, an artist such as Various Artists apart. Raises a DescribeError
    (`missing`) where no artist or no title is known.
    """
    album = _without_guesses(release.album)
    artist, title = _line(album.artist, text), _line(album.title, text)
    if artist is None or title is None:
        raise _missing(album, {"artist": artist, "title": title})
    streams = [track.stream for track in album.tracks]
    mode = labels.common_mode(streams)
    discs = _discs(album, text)
    return ReleaseView(
        artist=artist,
        title=title,
        year=album.year,
        edition_year=album.edition_year,
        edition=_line(album.edition, text),
        label=_line(album.label, text),
        catalogue_number=_line(album.catalogue_number, text),
        barcode=_line(album.barcode, text),
        media=album.media.value if album.media else None,
        release_type=_type_name(album.release_type) if album.release_type else None,
        genres=_lines(album.genres, text),
        scene=_line(album.scene, text),
        main_artists=_names(album, Role.MAIN, text),
        guests=_names(album, Role.GUEST, text),
        remixers=_names(album, Role.REMIXER, text),
        composers=_names(album, Role.COMPOSER, text),
        conductors=_names(album, Role.CONDUCTOR, text),
        djs=_names(album, Role.DJ, text),
        producers=_names(album, Role.PRODUCER, text),
        format=album.codec.value,
        codec=labels.codec_label(streams),
        container="/".join(dict.fromkeys(stream.container.value for stream in streams)),
        quality=labels.quality_label(album),
        preset=labels.common_preset(streams),
        bitrate_mode=mode.value if mode else None,
        encoder=_line(_only(stream.encoder for stream in streams), text),
        lossless=all(stream.lossless for stream in streams),
        bit_depth=_only(stream.bit_depth for stream in streams),
        bit_depths=labels.each(stream.bit_depth for stream in streams) or None,
        sample_rate=_only(stream.sample_rate for stream in streams),
        sample_rate_khz=labels.khz(streams),
        channels=_only(stream.channels for stream in streams),
        bitrate_kbps=labels.average_kbps(streams),
        constant_bitrate_kbps=labels.constant_kbps(streams),
        technical=labels.technical_label(streams),
        rip_logs=tuple(_rip_log(log, text) for log in album.rip_logs),
        tracks=tuple(track for disc in discs for track in disc.tracks),
        discs=discs,
        track_count=len(album.tracks),
        disc_count=len(discs),
        duration=clock(album.duration),
        size=binary_size(album.files.size),
        size_bytes=album.files.size,
    )


def clock(seconds: float) -> str:
    """`4:05`, or `1:02:03` from an hour on."""
    minutes, second = divmod(int(seconds + 0.5), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"


def binary_size(size: int) -> str:
    """`123.4 MiB`; KiB below one MiB, GiB from 1024 MiB on."""
    mebibytes = size / 2**20
    if mebibytes < 1:
        return f"{size / 2**10:.1f} KiB"
    return f"{mebibytes:.1f} MiB" if mebibytes < 1024 else f"{mebibytes / 1024:.2f} GiB"


def _missing(album: Album, needed: dict[str, str | None]) -> DescribeError:
    names = [name for name, value in needed.items() if value is None]
    return DescribeError(
        f"{printable(album.files.name)} has no {' and no '.join(names)} in its tags",
        path=album.files.root,
        reason="missing",
        hint=" ".join(f"--set {name}=..." for name in names),
    )


def _without_guesses(album: Album) -> Album:
    untold: dict[str, Any] = {name: None for name in UNTOLD_IF_GUESSED if name in album.inferred}
    return evolve(album, **untold, genres=() if "genres" in album.inferred else album.genres)


def _names(album: Album, role: Role, text: Text) -> tuple[str, ...]:
    return _lines((credit.name for credit in album.credits if credit.role is role), text)


def _rip_log(log: RipLog, text: Text) -> RipLogView:
    ripper = text(clean_line(log.ripper))
    score = None if log.score is None else f"score {log.score}"
    return RipLogView(
        file=text(printable("/".join(log.file.parts))),
        ripper=ripper,
        score=log.score,
        checksum=log.checksum.value,
        summary=", ".join(filter(None, (ripper, score, CHECKSUM_WORDS[log.checksum]))),
    )


def _discs(album: Album, text: Text) -> tuple[DiscView, ...]:
    discs = groupby(album.tracks, key=lambda track: track.disc or 1)
    return tuple(_disc(number, tuple(tracks), text) for number, tracks in discs)


def _disc(number: int, tracks: tuple[Track, ...], text: Text) -> DiscView:
    return DiscView(
        number=number,
        tracks=tuple(_track(track, text) for track in tracks),
        subtitle=_line(_only(_tag(track, "discsubtitle") for track in tracks), text),
        duration=clock(sum(track.stream.duration for track in tracks)),
    )


def _track(track: Track, text: Text) -> TrackView:
    artists = _lines(track.artists, text)
    stem = PurePath(track.file.parts[-1]).stem
    title = clean_line(track.title or "") or clean_line(stem) or printable(stem)
    return TrackView(
        title=text(title),
        duration=clock(track.stream.duration),
        path=text(printable("/".join(track.file.parts))),
        disc=track.disc or 1,
        number=track.number,
        artists=artists,
        artist=", ".join(artists) or None,
        composer=_line(_tag(track, "composer"), text),
        size=binary_size(track.file.size),
        size_bytes=track.file.size,
        bitrate_kbps=labels.average_kbps([track.stream]),
        technical=labels.technical_label([track.stream]),
    )


def _tag(track: Track, name: str) -> str | None:
    return ", ".join(track.tags.get(name, ())) or None


def _type_name(release_type: ReleaseType) -> str:
    return TYPE_NAMES.get(release_type, release_type.capitalize())


def _line(value: str | None, text: Text) -> str | None:
    return text(clean_line(value or "")) or None


def _lines(values: Iterable[str], text: Text) -> tuple[str, ...]:
    return tuple(line for value in values if (line := _line(value, text)))


def _only(values: Iterable[Value | None]) -> Value | None:
    """The one value that all share."""
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None
