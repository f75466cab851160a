"""What the live board knows: albums under way and their cells, fed by events alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from enum import Enum, auto
from pathlib import Path

from attrs import define, field, frozen

from pipeline.events import (
    AlbumEvent,
    AlbumSkipped,
    AudioVerified,
    BytesHashed,
    BytesSent,
    CellEvent,
    EngineDistrusted,
    Event,
    PiecesHashed,
    RequestPrepared,
    RunFinished,
    RunStarted,
    Seeding,
    StageFailed,
    TagsRead,
    TorrentReady,
    UploadDone,
    UploadFailed,
    UploadSkipped,
    UploadStarted,
    UploadStored,
    UploadWaiting,
)
from pipeline.outcome import Outcome
from pipeline.text import printable

from ..tally import HARMLESS_SKIPS
from .outcomes import (
    DISTRUSTED,
    DONE_BEFORE,
    LOOKS,
    NOT_SEEDING,
    TRACKER_OFF,
    Look,
    Result,
    outcome_of,
    seeding_text,
)
from .text import album_label, distrust_text, heading, sentence

PROBLEMS_KEPT = 5
FINISHED_KEPT = 200
"""Albums; more than any terminal has lines."""


class Meter:
    """Counts bytes, and tells how fast they came in the last seconds."""

    WINDOW = 3.0
    """Seconds."""
    GRAIN = 0.1
    """Seconds; what comes closer together is one sample."""

    def __init__(self) -> None:
        self.total = 0
        self._began: float | None = None
        self._samples: deque[tuple[float, int]] = deque()

    def add(self, at: float, amount: int) -> None:
        self.total += amount
        if self._began is None:
            self._began = at
        if self._samples and at - self._samples[-1][0] < self.GRAIN:
            at, earlier = self._samples.pop()
            amount += earlier
        self._samples.append((at, amount))
        while self._samples[0][0] < at - self.WINDOW:
            self._samples.popleft()

    def rate(self, now: float) -> float:
        """Bytes a second."""
        if self._began is None or now <= self._began:
            return 0.0
        recent = sum(amount for at, amount in self._samples if at > now - self.WINDOW)
        return recent / min(self.WINDOW, now - self._began)


class Phase(Enum):
    WAITING = auto()
    CHECKING = auto()
    SENDING = auto()
    HELD = auto()
    STORED = auto()
    """The site holds it; its torrent is being fetched."""
    PREPARED = auto()
    """By a dry run: nothing follows."""


@define
class Cell:
    """An album at a tracker, under way until it has an `outcome`.

    `reason` and `until` (Unix seconds) tell what it is held for.
    """

    phase: Phase = Phase.WAITING
    outcome: Outcome | None = None
    sent: int = 0
    size: int = 0
    reason: str = ""
    until: float = 0.0
    done_before: bool = False

    @property
    def final(self) -> bool:
        return self.outcome is not None or self.phase is Phase.PREPARED


@define
class Row:
    """An album; `hashed` counts up to `size`, and the two are equal when the pieces are there."""

    name: str
    cells: dict[str, Cell]
    stage: str = "found"
    hashed: int = 0
    size: int = 0
    speed: Meter = field(factory=Meter)
    failed: bool = False

    @property
    def hashing(self) -> bool:
        return self.hashed < self.size and not self.failed

    @property
    def finished(self) -> bool:
        """Without trackers the torrent itself is what was asked for."""
        hashed_only = not self.cells and self.stage == "hashed"
        return self.failed or hashed_only or bool(self.cells and all(c.final for c in self.cells.values()))

    @property
    def done_before(self) -> bool:
        """Nothing of it is this run's doing."""
        return bool(self.cells) and all(cell.done_before for cell in self.cells.values())


@frozen
class Problem:
    """Something that the user should know of, on one line."""

    look: Look
    subject: str
    message: str


class BoardState:
    """Follows a run; its size depends on what is under way, not on the library."""

    def __init__(self, trackers: Sequence[str]) -> None:
        self.trackers = tuple(trackers)
        self.active: dict[Path, Row] = {}
        self.finished: dict[Path, Row] = {}
        self.problems: deque[Problem] = deque(maxlen=PROBLEMS_KEPT)
        self.found = 0
        self.ended = 0
        self.passed_by = 0
        self.done_before = 0
        """Albums; they are counted and not shown."""
        self.hashed = Meter()
        self.sent = Meter()
        self._off: set[str] = set()
        self.started_at: float | None = None
        self.finished_at: float | None = None

    def apply(self, event: Event) -> None:
        match event:
            case RunStarted():
                self.started_at = event.at
            case RunFinished():
                self.finished_at = event.at
            case AlbumSkipped():
                self.passed_by += 1
            case Seeding():
                self._seeding(event)
            case AlbumEvent() if event.album not in self.finished:
                self._follow(event)

    def elapsed(self, now: float) -> float:
        """Seconds."""
        if self.started_at is None:
            return 0.0
        return max(0.0, (self.finished_at or now) - self.started_at)

    def _follow(self, event: AlbumEvent) -> None:
        if event.album not in self.active:
            self.found += 1
            self.active[event.album] = Row(
                album_label(event.album), {tracker: Cell() for tracker in self.trackers}
            )
        row = self.active[event.album]
        if isinstance(event, CellEvent):
            self._cell_event(row, event)
        else:
            self._album_event(row, event)
        if row.finished:
            self._finish(event.album)

    def _finish(self, album: Path) -> None:
        self.ended += 1
        row = self.active.pop(album)
        if row.done_before:
            self.done_before += 1
            return
        self.finished[album] = row
        if len(self.finished) > FINISHED_KEPT:
            del self.finished[next(iter(self.finished))]

    def _album_event(self, row: Row, event: AlbumEvent) -> None:
        match event:
            case TagsRead():
                row.name = printable(heading(event.artist, event.title)) or row.name
                row.stage = "tags read"
            case BytesHashed():
                self._hash_progress(row, event.at, event.done, event.size)
            case PiecesHashed():
                self._hash_progress(row, event.at, event.size, event.size)
                row.stage = "hashed"
            case AudioVerified() if row.stage == "hashed":
                row.stage = "verified"
            case EngineDistrusted():
                self.problems.append(Problem(DISTRUSTED, row.name, distrust_text(event.engine)))
            case StageFailed():
                self._fail(row, event)

    def _hash_progress(self, row: Row, at: float, done: int, size: int) -> None:
        fresh = done - row.hashed if done >= row.hashed else done
        self.hashed.add(at, fresh)
        row.speed.add(at, fresh)
        row.hashed, row.size = done, size

    def _fail(self, row: Row, event: StageFailed) -> None:
        row.failed, row.stage = True, f"failed: {event.stage}"
        for cell in row.cells.values():
            if not cell.final:
                cell.outcome = Outcome.FAILED
        self.problems.append(Problem(LOOKS[Outcome.FAILED], row.name, sentence(event.message, event.hint)))

    def _cell_event(self, row: Row, event: CellEvent) -> None:
        cell = row.cells[event.tracker]
        match event:
            case TorrentReady():
                cell.phase = Phase.CHECKING
            case RequestPrepared():
                cell.phase = Phase.PREPARED
            case UploadStarted():
                cell.phase, cell.sent, cell.size = Phase.SENDING, 0, event.size
            case BytesSent():
                self.sent.add(event.at, event.done - cell.sent)
                cell.phase, cell.sent, cell.size = Phase.SENDING, event.done, event.size
            case UploadStored():
                cell.phase = Phase.STORED
            case UploadWaiting():
                cell.phase, cell.reason = Phase.HELD, printable(event.reason)
                cell.until = event.at + event.seconds
            case UploadDone() | UploadFailed() | UploadSkipped():
                self._end_cell(row, cell, event)

    def _end_cell(self, row: Row, cell: Cell, event: Result) -> None:
        outcome = outcome_of(event)
        cell.outcome = outcome
        subject = f"{row.name} -> {event.tracker}"
        match event:
            case UploadFailed():
                self.problems.append(Problem(LOOKS[outcome], subject, sentence(event.message, event.hint)))
            case UploadSkipped() if event.reason == DONE_BEFORE:
                cell.done_before = True
            case UploadSkipped() if event.reason not in HARMLESS_SKIPS and not self._was_told(event):
                self.problems.append(Problem(LOOKS[outcome], subject, sentence(event.message)))

    def _was_told(self, event: UploadSkipped) -> bool:
        """That a tracker is off is told once, not for each album that it does not get."""
        if event.reason != TRACKER_OFF:
            return False
        told = event.tracker in self._off
        self._off.add(event.tracker)
        return told

    def _seeding(self, event: Seeding) -> None:
        row = self.finished.get(event.album) or self.active.get(event.album)
        name = row.name if row else album_label(event.album)
        if event.seeds is False:
            subject = f"{name} -> {event.tracker}"
            self.problems.append(Problem(NOT_SEEDING, subject, seeding_text(event)))
        elif row:
            row.stage = "seeding" if event.seeds else "with the client"
