"""What a template sees of a release: one flat object of plain values, named `release`."""

from __future__ import annotations

from attrs import frozen


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
    composer: str | None
    """All of its composers, joined."""
    size: str
    """Such as `23.4 MiB`."""
    size_bytes: int
    bitrate_kbps: int
    """The average of the track."""
    technical: str
    """As that of the release."""


@frozen
class DiscView:
    number: int
    tracks: tuple[TrackView, ...]
    subtitle: str | None
    duration: str
    """`m:ss` or `h:mm:ss`."""


@frozen
class RipLogView:
    """What a CD ripper's log says; `file` runs below the album folder."""

    file: str
    ripper: str
    score: int | None
    """0 to 100, as Gazelle sites count; None where it cannot be told."""
    checksum: str
    """`good`, `bad`, `missing`, `unchecked`."""
    summary: str
    """`EAC 1.6, score 100, checksum good`."""


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
    scene: str | None
    """The scene's name of the release."""

    main_artists: tuple[str, ...]
    guests: tuple[str, ...]
    remixers: tuple[str, ...]
    composers: tuple[str, ...]
    conductors: tuple[str, ...]
    djs: tuple[str, ...]
    producers: tuple[str, ...]

    format: str
    """The key of `format_ids`: FLAC, MP3, AAC, ALAC, OGG (Vorbis), OPUS, WAV, DSD..."""
    codec: str
    """The same as readers know it: `Vorbis`, `WavPack hybrid`."""
    container: str
    """What the audio lies in: `FLAC`, `Ogg`, `MP4`, or `DSF/DSDIFF` where the tracks differ."""
    quality: str
    """The audio for a name: `FLAC 24bit 96 kHz`, `MP3 V0`, `DSD64`."""
    preset: str | None
    """`V0` of LAME, `q8` of Vorbis, where all tracks have the same."""
    bitrate_mode: str | None
    """CBR, ABR or VBR; None where it is not known of all tracks, or differs."""
    encoder: str | None
    """As it names itself in all tracks: `LAME 3.100`."""
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
    """The bitrate that every track is proven to keep, within one per cent; None where it varies."""
    technical: str
    """`FLAC / 16 bit / 44.1 kHz / stereo`, `MP3 / V0, average 245 kbps / 44.1 kHz`."""
    rip_logs: tuple[RipLogView, ...]

    tracks: tuple[TrackView, ...]
    discs: tuple[DiscView, ...]
    track_count: int
    disc_count: int
    duration: str
    """`m:ss` or `h:mm:ss`."""
    size: str
    """All files, such as `123.4 MiB`."""
    size_bytes: int
