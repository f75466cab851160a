"""What a template sees of a release: one flat object of plain values, named `release`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from pathlib import PurePath

from attrs import frozen

from .errors import DescribeError
from .model.album import Album, ReleaseType, Track
from .model.audio import Stream
from .model.release import Release
from .text import clean_line, printable

STANDARD_BITRATES = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
"""Kilobits a second, as constant-bitrate encoders offer them."""
BITRATE_TOLERANCE = 0.01
CHANNEL_NAMES = {1: "mono", 2: "stereo"}
TYPE_NAMES = {ReleaseType.EP: "EP", ReleaseType.DJ_MIX: "DJ Mix"}

Text = Callable[[str], str]


@frozen
class TrackView:
    """A track; `artists` are joined in `artist`, `path` runs below the album folder."""

    title: str
    """The file's name without its extension where the tags hold no title."""
    duration: str
    """`m:ss` or `h:mm:ss`."""
    path: str
    disc: int
    number: int | None
    artists: tuple[str, ...]
    artist: str | None


@frozen
class DiscView:
    number: int
    tracks: tuple[TrackView, ...]


@frozen(kw_only=True)
class ReleaseView:
    """The fields that a template has; whatever the files and the user do not say is None or empty."""

    artist: str
    title: str
    year: int | None
    edition_year: int | None
    edition: str | None
    label: str | None
    catalogue_number: str | None
    barcode: str | None
    media: str | None
    """CD, WEB, Vinyl..."""
    release_type: str | None
    """Album, EP, Single..."""
    genres: tuple[str, ...]

    format: str
    """FLAC, MP3, AAC, ALAC, OGG (Vorbis), OPUS, WAV."""
    lossless: bool
    bit_depth: int | None
    """Bits a sample; None where the codec has none or the tracks differ."""
    bit_depths: str | None
    """The bits a sample of all tracks: `24`, or `16/24`."""
    sample_rate: int | None
    """Hertz; None where the tracks differ."""
    sample_rate_khz: str
    """The kilohertz of all tracks: `44.1`, or `44.1/96`."""
    channels: int | None
    bitrate_kbps: int
    """The average of the album."""
    constant_bitrate_kbps: int | None
    """The standard bitrate that every track is proven to keep, within one per cent; MP3 only."""
    technical: str
    """`FLAC / 16 bit / 44.1 kHz / stereo`, `MP3 / 320 kbps / 44.1 kHz`."""

    tracks: tuple[TrackView, ...]
    discs: tuple[DiscView, ...]
    track_count: int
    disc_count: int
    duration: str
    """`m:ss` or `h:mm:ss`."""
    size: str
    """All files, such as `123.4 MiB`."""
    size_bytes: int


def view(release: Release, text: Text = str) -> ReleaseView:
    """The release for a template; `text` is applied to every text that came from tags or file names.

    Raises a DescribeError (`missing`) where no artist or no title is known.
    """
    album = release.album

    def line(value: str | None) -> str | None:
        return text(clean_line(value or "")) or None

    artist, title = line(album.artist), line(album.title)
    if artist is None or title is None:
        raise _missing(album, {"artist": artist, "title": title})
    discs = _discs(album, text)
    streams = [track.stream for track in album.tracks]
    return ReleaseView(
        artist=artist,
        title=title,
        year=album.year,
        edition_year=album.edition_year,
        edition=line(album.edition),
        label=line(album.label),
        catalogue_number=line(album.catalogue_number),
        barcode=line(album.barcode),
        media=album.media.value if album.media else None,
        release_type=_type_name(album),
        genres=tuple(genre for genre in map(line, album.genres) if genre),
        format=album.codec.value,
        lossless=album.codec.lossless,
        bit_depth=_only(stream.bit_depth for stream in streams),
        bit_depths=_each(stream.bit_depth for stream in streams) or None,
        sample_rate=_only(stream.sample_rate for stream in streams),
        sample_rate_khz=_khz(streams),
        channels=_only(stream.channels for stream in streams),
        bitrate_kbps=_average_kbps(streams),
        constant_bitrate_kbps=_constant_kbps(album),
        technical=_technical(album),
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


def _discs(album: Album, text: Text) -> tuple[DiscView, ...]:
    return tuple(
        DiscView(disc, tuple(_track(track, text) for track in tracks))
        for disc, tracks in groupby(album.tracks, key=lambda track: track.disc or 1)
    )


def _track(track: Track, text: Text) -> TrackView:
    artists = tuple(text(artist) for artist in map(clean_line, track.artists) if artist)
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
    )


def _type_name(album: Album) -> str | None:
    """As the tags or the user tell it: what only follows from count and length is not stated to readers."""
    release_type = None if "release_type" in album.inferred else album.release_type
    return None if release_type is None else TYPE_NAMES.get(release_type, release_type.capitalize())


def _only(values: Iterable[int | None]) -> int | None:
    """The one value that all share."""
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None


def _each(values: Iterable[float | None]) -> str:
    """All values that occur, smallest first: `16/24`."""
    return "/".join(f"{value:g}" for value in sorted({value for value in values if value}))


def _khz(streams: Sequence[Stream]) -> str:
    return _each(stream.sample_rate / 1000 for stream in streams)


def _average_kbps(streams: Sequence[Stream]) -> int:
    seconds = sum(stream.duration for stream in streams)
    bits = sum(stream.bitrate * stream.duration for stream in streams)
    return round(bits / seconds / 1000) if seconds else 0


def _constant_kbps(album: Album) -> int | None:
    """The standard bitrate that all tracks keep throughout; an average near one is none."""
    if not all(track.stream.constant_bitrate for track in album.tracks):
        return None
    for standard in STANDARD_BITRATES:
        rates = (track.stream.bitrate / 1000 for track in album.tracks)
        if all(abs(rate - standard) <= standard * BITRATE_TOLERANCE for rate in rates):
            return standard
    return None


def _technical(album: Album) -> str:
    streams = [track.stream for track in album.tracks]
    sample_rate = f"{_khz(streams)} kHz"
    if not album.codec.lossless:
        constant = _constant_kbps(album)
        bitrate = f"{constant} kbps" if constant else f"average {_average_kbps(streams)} kbps"
        return " / ".join((album.codec, bitrate, sample_rate))
    bits = _each(stream.bit_depth for stream in streams)
    channels = "/".join(
        CHANNEL_NAMES.get(count, f"{count} channels") for count in sorted({s.channels for s in streams})
    )
    return " / ".join(filter(None, (album.codec, bits and f"{bits} bit", sample_rate, channels)))
