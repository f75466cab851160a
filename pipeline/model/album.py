"""What the files say about their album."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from attrs import field, frozen

from .audio import Codec, Stream
from .files import AlbumFile, FileSet
from .rips import RipLog


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


class Role(StrEnum):
    """What an artist did on a release."""

    MAIN = "main"
    GUEST = "guest"
    REMIXER = "remixer"
    COMPOSER = "composer"
    CONDUCTOR = "conductor"
    DJ = "DJ"
    PRODUCER = "producer"


@frozen
class Credit:
    """One artist in one role."""

    name: str
    role: Role


class Certainty(StrEnum):
    """How far a value can be trusted."""

    STATED = "stated"
    """A tag, a rip log or the user says it: what contradicts it is refused."""
    GUESSED = "guessed"
    """It only follows from something else, and gives way to what is stated."""


@frozen
class Origin:
    """Where a value of an album comes from."""

    source: str
    """Such as `tag releasetype`, `EAC log rip.log`, `--set`, `track count and length`."""
    certainty: Certainty = Certainty.STATED


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
    scene: str | None = None
    """The scene's name of the release, where it is one."""
    credits: tuple[Credit, ...] = ()
    """Every artist in every role once, main artists first, in the order of the tracks."""
    rip_logs: tuple[RipLog, ...] = ()
    origins: Mapping[str, Origin] = field(factory=dict)
    """Where each value above that is there comes from, under the value's name."""
    said: Mapping[str, frozenset[object]] = field(factory=dict)
    """All that tags and logs state of a value, under its name, where they may disagree; spelt in one way.

    A medium that is none of ours, or one of several, is the tag's own words."""

    @property
    def inferred(self) -> frozenset[str]:
        """The names of values that nobody states: they may be corrected."""
        guessed = Certainty.GUESSED
        return frozenset(name for name, origin in self.origins.items() if origin.certainty is guessed)

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
