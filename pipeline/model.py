"""The words of the pipeline: what flows from stage to stage, all of it frozen."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from attrs import field, frozen

from .secret import Secret


class Codec(StrEnum):
    """What the audio stream is, told from the stream; the keys of `format_ids`."""

    FLAC = "FLAC"
    MP3 = "MP3"
    AAC = "AAC"
    ALAC = "ALAC"
    OGG = "OGG"
    """Vorbis in Ogg."""
    OPUS = "OPUS"
    WAV = "WAV"

    @property
    def lossless(self) -> bool:
        return self in {Codec.FLAC, Codec.ALAC, Codec.WAV}


class ReleaseType(StrEnum):
    """What kind of release it is; the keys of `category_ids`."""

    ALBUM = "ALBUM"
    EP = "EP"
    SINGLE = "SINGLE"
    COMPILATION = "COMPILATION"
    SOUNDTRACK = "SOUNDTRACK"
    LIVE = "LIVE"
    REMIX = "REMIX"
    BOOTLEG = "BOOTLEG"
    MIXTAPE = "MIXTAPE"
    DEMO = "DEMO"
    DJ_MIX = "DJ_MIX"
    INTERVIEW = "INTERVIEW"
    SPOKEN = "SPOKEN"


class Media(StrEnum):
    """What the audio was taken from."""

    CD = "CD"
    WEB = "WEB"
    VINYL = "Vinyl"
    DVD = "DVD"
    BLURAY = "Blu-Ray"
    SACD = "SACD"
    DAT = "DAT"
    CASSETTE = "Cassette"


@frozen
class AlbumFile:
    """A file of an album as the scan saw it; `parts` is its path below the album folder."""

    path: Path
    parts: tuple[str, ...]
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    audio: bool


@frozen
class FileSet:
    """The files that make one album, in torrent order; `single` is one audio file without a folder.

    `named` tells that the user gave this very path, rather than a library above it.
    """

    root: Path
    files: tuple[AlbumFile, ...]
    single: bool = False
    named: bool = False

    @property
    def name(self) -> str:
        """The torrent's name: the folder's, or the single file's."""
        return self.root.name

    @property
    def size(self) -> int:
        """All files, in bytes."""
        return sum(file.size for file in self.files)

    @property
    def audio(self) -> tuple[AlbumFile, ...]:
        return tuple(file for file in self.files if file.audio)


@frozen
class Stream:
    """The audio of one file, as its own headers tell."""

    codec: Codec
    duration: float
    """Seconds."""
    sample_rate: int
    """Hertz."""
    channels: int
    bitrate: int
    """Bits a second, averaged over the file."""
    bit_depth: int | None = None
    """Bits a sample; None where the codec has none (lossy)."""
    constant_bitrate: bool = False
    """Every second has that bitrate, as the encoder's own header proves (MP3 alone has one)."""


@frozen
class Track:
    """One audio file with its tags; text is NFC and stripped, absent is None or empty."""

    file: AlbumFile
    stream: Stream
    fingerprint: str
    """Names the audio without its tags: a line of `content_id`."""
    title: str | None = None
    artists: tuple[str, ...] = ()
    number: int | None = None
    disc: int | None = None
    tags: Mapping[str, tuple[str, ...]] = field(factory=dict)
    """Every text tag under its lower-case Vorbis name (`album`, `albumartist`, `date`, `label`...)."""
    has_picture: bool = False


@frozen
class Album:
    """What the files themselves say about the album; whatever they do not say is None."""

    files: FileSet
    tracks: tuple[Track, ...]
    content_id: str
    title: str | None = None
    artist: str | None = None
    year: int | None = None
    edition_year: int | None = None
    label: str | None = None
    catalogue_number: str | None = None
    barcode: str | None = None
    edition: str | None = None
    media: Media | None = None
    release_type: ReleaseType | None = None
    genres: tuple[str, ...] = ()
    inferred: frozenset[str] = frozenset()
    """The names of values above that no tag tells: they follow from the tracks, and may be corrected."""

    @property
    def codec(self) -> Codec:
        """The one codec of all tracks: an album of several is refused when its tags are read."""
        return self.tracks[0].stream.codec

    @property
    def duration(self) -> float:
        """Seconds."""
        return sum(track.stream.duration for track in self.tracks)

    @property
    def discs(self) -> int:
        return len({track.disc or 1 for track in self.tracks})


@frozen
class Cover:
    """A picture ready to be sent; it lives in memory and is never written into the album."""

    data: bytes = field(repr=False)
    mime: str
    width: int
    height: int
    source: str
    """Where it was found: a file name, or `embedded in FILE`."""

    @property
    def filename(self) -> str:
        return "cover.png" if self.mime == "image/png" else "cover.jpg"


@frozen
class Pieces:
    """The SHA-1 digests of a file set, 20 bytes a piece, the same for every tracker."""

    files: FileSet = field(repr=False)
    piece_length: int
    digests: bytes = field(repr=False)
    distrusted_engine: str | None = None
    """The engine that a sample proved wrong, if one was: these digests are hashlib's."""

    @property
    def count(self) -> int:
        return len(self.digests) // 20


@frozen
class Torrent:
    """A .torrent made for one tracker; `data` carries the announce URL, so it is never shown."""

    name: str
    data: bytes = field(repr=False)
    infohash: str
    """40 hex digits, lower case."""
    piece_length: int


@frozen
class Release:
    """An album made ready to publish: its gaps filled, its cover chosen."""

    album: Album
    cover: Cover | None = None
    cover_problem: str | None = None
    """Why there is no cover, if there should be one."""


@frozen
class Words:
    """What one tracker's templates make of a release."""

    name: str
    description: str


@frozen
class PreparedAlbum:
    """A release with its pieces and its words: what the fan-out hands to each tracker."""

    release: Release
    pieces: Pieces
    words: Words


@frozen
class UploadRequest:
    """One release for one tracker: everything that the site is told."""

    release: Release
    torrent: Torrent
    name: str
    description: str
    anonymous: bool


@frozen
class Existing:
    """What the site holds already: the `same_content`, or another upload of the same release."""

    same_content: bool
    torrent_id: str | None
    url: str | None
    download_url: Secret | None
    name: str


@frozen
class UploadResult:
    """What the site said of an upload that it stored."""

    torrent_id: str | None = None
    url: str | None = None
    """The public page, without any key."""
    download_url: Secret | None = None
    """Where the site's own .torrent lies; on many sites the address carries a key."""
    message: str = ""


@frozen
class SeedReport:
    """What became of a torrent at a client; `seeds` is None where the client cannot tell."""

    seeds: bool | None
    path: Path | None = None
    message: str = ""


@frozen
class SiteRules:
    """What a site refuses, as data: checked before anything is hashed or sent."""

    name_length: int | None = None
    """Characters of the release name."""
    path_length: int | None = None
    """Characters of folder and file together."""
    inner_path_length: int | None = None
    """Characters of a file's path below the album folder."""
    file_name_bytes: int = 255
    forbidden_characters: str = ""
    windows_names: bool = False
    """Device names, and names that end in a dot or a space, are refused."""
    forbidden_prefixes: tuple[str, ...] = ()
    folder_required: bool = False
    """A single file must lie in a folder."""
    description_bytes: int | None = None
    piece_length_max: int | None = None
    """Bytes."""
    torrent_bytes_max: int | None = None
    """The size of the .torrent itself."""


@frozen
class TrackerProfile:
    """What the core needs to know of a tracker to make its torrent, its name and its description."""

    id: str
    name: str
    site: str
    """Host, port and base path: two ids of one site are one tracker."""
    announce_url: Secret
    source_name: str
    anonymous: bool
    cover_wanted: bool
    cover_required: bool
    rules: SiteRules
    name_template: str
    description_template: str
