"""What happens during a run, as typed events; their names and fields are public: only ever add."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from .outcome import Outcome

if TYPE_CHECKING:
    from .model.album import Album


@frozen(kw_only=True)
class Event:
    """`at` is the time in Unix seconds."""

    at: float = field(factory=time.time)

    @classmethod
    def event_name(cls) -> str:
        """The public name: `UploadDone` is `upload_done`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


@frozen(kw_only=True)
class RunStarted(Event):
    paths: tuple[Path, ...]
    trackers: tuple[str, ...]
    dry_run: bool


@frozen(kw_only=True)
class AlbumEvent(Event):
    """About one album; `album` is the folder, or the single file."""

    album: Path


@frozen(kw_only=True)
class AlbumFound(AlbumEvent):
    files: int
    size: int


@frozen(kw_only=True)
class AlbumSkipped(AlbumEvent):
    """The scan passed something by: no album, or one that was named twice."""

    reason: str
    message: str


@frozen(kw_only=True)
class StageFailed(AlbumEvent):
    """The album ended in this stage, for every tracker that it was meant for."""

    stage: str
    reason: str
    message: str
    hint: str = ""
    content_id: str | None = None


@frozen(kw_only=True)
class ContentEvent(AlbumEvent):
    """`content_id` is empty where no tags are read, as by `hash`."""

    content_id: str


@frozen(kw_only=True)
class TagsRead(ContentEvent):
    title: str | None
    artist: str | None
    year: int | None
    format: str
    tracks: int
    duration: float
    release_type: str | None = None
    """A key of `category_ids`."""
    inferred: tuple[str, ...] = ()
    """The names of values that no tag tells: they follow from the tracks, and may be corrected."""


@frozen(kw_only=True)
class GapsFound(ContentEvent):
    """A tracker needs to know what nobody has said; the names and keys are those of `--set`."""

    missing: tuple[str, ...]
    guessed: Mapping[str, str]
    known: Mapping[str, str]
    trackers: tuple[str, ...]
    """Those that the album is not sent to for that reason."""


@frozen(kw_only=True)
class AlbumStaged(ContentEvent):
    """The album is sent, and seeded, under other names: as the tree of links in `folder`."""

    folder: Path


@frozen(kw_only=True)
class AudioVerified(ContentEvent):
    """The audio was read to its end; `unjudged` is what nothing here can tell of."""

    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    unjudged: tuple[str, ...]
    seconds: float


@frozen(kw_only=True)
class CoverReady(ContentEvent):
    """The largest that was made; without a `source` the album goes on without one, and `problem` says why."""

    source: str | None
    width: int
    height: int
    size: int
    problem: str | None = None
    """Also why some sites get none."""
    reason: str = ""
    """What speaks for this picture, and what it was preferred to."""
    refused: tuple[str, ...] = ()
    """Pictures that would have come before it, and why they cannot be used."""
    versions: int = 1
    """So many were made, since sites want it differently."""


@frozen(kw_only=True)
class BytesHashed(ContentEvent):
    """Progress: `done` of `size` bytes."""

    done: int
    size: int


@frozen(kw_only=True)
class PiecesHashed(ContentEvent):
    piece_length: int
    pieces: int
    size: int
    seconds: float


@frozen(kw_only=True)
class EngineDistrusted(ContentEvent):
    """An engine made a wrong digest: hashlib has hashed the album again, and hashes all that follow."""

    engine: str


@frozen(kw_only=True)
class CellEvent(ContentEvent):
    """About one album at one tracker."""

    tracker: str


@frozen(kw_only=True)
class TorrentReady(CellEvent):
    """`path` is the file, where one was asked for."""

    infohash: str
    name: str
    piece_length: int
    path: Path | None = None


@frozen(kw_only=True)
class PreparedFile:
    """A file part of a request: its name, its size in bytes and its SHA-1."""

    field: str
    name: str
    size: int
    sha1: str


@frozen(kw_only=True)
class RequestPrepared(CellEvent):
    """What a dry run would have sent, secrets masked, in the order of the request."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    fields: tuple[tuple[str, str], ...]
    files: tuple[PreparedFile, ...]


@frozen(kw_only=True)
class CoverHosted(CellEvent):
    """The cover lies at `url`; without one, `problem` says why no image host has it."""

    url: str | None
    host: str | None
    problem: str | None = None
    before: bool = False
    """It lay there already."""


@frozen(kw_only=True)
class UploadStarted(CellEvent):
    """The creating request begins; its body has `size` bytes."""

    size: int


@frozen(kw_only=True)
class BytesSent(CellEvent):
    """Progress: `done` of `size` bytes of the request's body."""

    done: int
    size: int


@frozen(kw_only=True)
class UploadWaiting(CellEvent):
    """Nothing is wrong: it waits `seconds` for the reason named."""

    reason: str
    seconds: float


@frozen(kw_only=True)
class UploadStored(CellEvent):
    """The site has just said that it holds the upload; `upload_done` follows when its torrent is fetched."""

    torrent_id: str | None
    url: str | None


@frozen(kw_only=True)
class UploadDone(CellEvent):
    """`torrent_file` is the site's own torrent as saved; None where the site gives none."""

    torrent_id: str | None
    url: str | None
    existing: bool
    torrent_file: Path | None
    message: str = ""


@frozen(kw_only=True)
class UploadFailed(CellEvent):
    outcome: Outcome
    message: str
    hint: str = ""


@frozen(kw_only=True)
class UploadSkipped(CellEvent):
    reason: str
    message: str
    url: str | None = None


@frozen(kw_only=True)
class Seeding(CellEvent):
    """The torrent was handed to a client; `seeds` is None where the client cannot tell."""

    client: str
    path: Path | None
    seeds: bool | None
    message: str = ""


@frozen(kw_only=True)
class RunFinished(Event):
    exit_code: int
    counts: Mapping[Outcome, int]
    seconds: float


@frozen
class Cell:
    """One album at one tracker, and who hears of it."""

    album: Path
    content_id: str
    tracker: str
    publish: Callable[[Event], None]

    @classmethod
    def of(cls, album: Album, tracker: str, publish: Callable[[Event], None]) -> Cell:
        return cls(album.files.library_path, album.content_id, tracker, publish)

    def report(self, event: type[CellEvent], **fields: Any) -> None:
        """Publishes an event of this cell; `fields` are those that the event has beside the cell's own."""
        self.publish(event(album=self.album, content_id=self.content_id, tracker=self.tracker, **fields))


Subscriber = Callable[[Event], None]


class EventBus:
    """Hands each event to every subscriber; one that fails is dropped and never stops the run."""

    def __init__(self) -> None:
        self._subscribers: list[Subscriber] = []
        self.failures: list[Exception] = []

    def subscribe(self, subscriber: Subscriber) -> None:
        self._subscribers.append(subscriber)

    def publish(self, event: Event) -> None:
        for subscriber in tuple(self._subscribers):
            try:
                subscriber(event)
            except Exception as error:  # noqa: BLE001 - a broken display must not end an upload
                self._subscribers.remove(subscriber)
                self.failures.append(error)
