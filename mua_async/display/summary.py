"""Where everything went: what a run prints at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from attrs import define, field

from pipeline.events import (
    AlbumEvent,
    AlbumFound,
    AlbumSkipped,
    AudioVerified,
    EngineDistrusted,
    Event,
    GapsFound,
    PiecesHashed,
    RunFinished,
    Seeding,
    StageFailed,
    UploadDone,
    UploadFailed,
    UploadSkipped,
)
from pipeline.outcome import Outcome
from pipeline.text import printable

from ..tally import HARMLESS_SKIPS, PASSING_SKIPS
from .lines import Line, print_lines, write_lines
from .names import AlbumNames
from .outcomes import (
    DISTRUSTED,
    DONE_BEFORE,
    LOOKS,
    NOT_SEEDING,
    TRACKER_OFF,
    Result,
    outcome_of,
    seeding_text,
    totals_text,
)
from .settle import settle_lines
from .text import count_of, distrust_text, duration_text, sentence, size_text

if TYPE_CHECKING:
    from rich.console import Console

LISTED = 20
"""Albums; of more than that, only those with a problem are kept and listed."""
PROBLEMS_LISTED = 200
"""Albums; of more with a problem, only those that are unknown somewhere are kept, and the rest counted."""

SIGNALLED = 128
"""Exit codes beyond it tell that a signal ended the run."""
FILL_GAPS = "`plan --gaps FILE` lists what is missing, and `upload --answers FILE` reads what you fill in"


@define
class Cell:
    """An album at a tracker: how it ended, and what the torrent clients said.

    Without a result it is one of too many to keep, remembered for its seeding.
    """

    result: Result | None = None
    seeding: list[Seeding] = field(factory=list)

    @property
    def outcome(self) -> Outcome:
        return Outcome.DONE if self.result is None else outcome_of(self.result)

    @property
    def clean(self) -> bool:
        if isinstance(self.result, UploadSkipped) and self.result.reason in HARMLESS_SKIPS:
            return True
        stored = self.outcome in {Outcome.DONE, Outcome.EXISTING}
        return stored and all(report.seeds is not False for report in self.seeding)


@define
class AlbumReport:
    """An album with all that became of it."""

    path: Path
    label: str
    cells: dict[str, Cell] = field(factory=dict)
    failure: StageFailed | None = None
    warnings: tuple[str, ...] = ()
    """Of the audio, which was sent all the same."""

    @property
    def clean(self) -> bool:
        return self.failure is None and all(cell.clean for cell in self.cells.values())


class Summary:
    """Collects what became of each album; of many albums it keeps the problems, and counts the rest."""

    def __init__(self) -> None:
        self._names = AlbumNames()
        self._albums: dict[Path, AlbumReport] = {}
        self._found = 0
        self._passed_by: list[AlbumSkipped] = []
        self._passed_by_count = 0
        self._left_out: set[int] = set()
        """Hashes of paths, since these may be a great many."""
        self._distrusted: EngineDistrusted | None = None
        self._hashed = 0
        self._gaps = 0
        self._warned = 0
        self._done_before = 0
        self._not_tried: Counter[tuple[str, str]] = Counter()
        """Of many albums, how many a tracker that is off did not get, and why."""
        self._open_ends = 0
        self._counts: Mapping[Outcome, int] = {}
        self._seconds = 0.0

    def __call__(self, event: Event) -> None:
        match event:
            case RunFinished():
                self._counts, self._seconds = event.counts, event.seconds
                self._open_ends += event.exit_code > SIGNALLED
            case AlbumFound():
                self._found += 1
            case AlbumSkipped():
                self._pass_by(event)
            case PiecesHashed():
                self._hashed += event.size
            case EngineDistrusted():
                self._distrusted = event
            case AlbumEvent():
                self._collect(event)

    def write(self, stream: TextIO) -> None:
        """Prints the summary without colours."""
        write_lines(stream, self._lines())

    def print_to(self, console: Console) -> None:
        """Prints the summary in colours."""
        print_lines(console, self._lines())

    @property
    def _many(self) -> bool:
        return self._found > LISTED

    def _pass_by(self, event: AlbumSkipped) -> None:
        self._passed_by_count += 1
        if len(self._passed_by) < LISTED:
            self._passed_by.append(event)

    def _collect(self, event: AlbumEvent) -> None:
        label = self._names.label(event)
        self._open_ends += _is_left_open(event)
        match event:
            case UploadSkipped() if self._many and event.reason == TRACKER_OFF:
                self._not_tried[event.tracker, event.message] += 1
                return
            case UploadSkipped() if event.reason == DONE_BEFORE:
                self._done_before += 1
        match event:
            case StageFailed() if self._has_room(event):
                self._album(event, label).failure = event
            case AudioVerified() if event.warnings:
                self._warned += 1
                if not self._many:
                    self._album(event, label).warnings = event.warnings
            case GapsFound():
                self._gaps += 1
            case UploadDone() | UploadFailed() | UploadSkipped():
                clean, unknown = Cell(event).clean, outcome_of(event) is Outcome.UNKNOWN
                if not (self._many and clean) and (unknown or self._has_room(event)):
                    self._cell(event, label).result = event
            case Seeding():
                if not (self._many and event.seeds is not False) and self._has_room(event):
                    self._cell(event, label).seeding.append(event)

    def _has_room(self, event: AlbumEvent) -> bool:
        """Whether what became of the album is kept; if not, it is counted once."""
        if event.album in self._albums or len(self._albums) < PROBLEMS_LISTED:
            return True
        self._left_out.add(hash(event.album))
        return False

    def _album(self, event: AlbumEvent, label: str) -> AlbumReport:
        return self._albums.setdefault(event.album, AlbumReport(event.album, label))

    def _cell(self, event: Result | Seeding, label: str) -> Cell:
        return self._album(event, label).cells.setdefault(event.tracker, Cell())

    def _lines(self) -> Iterator[Line]:
        listed = [report for report in self._albums.values() if not (self._many and report.clean)]
        for report in listed:
            yield from _album_lines(report)
        if self._left_out:
            yield Line(f"and {count_of(len(self._left_out), 'more album')} with a problem")
        yield from self._passed_by_lines()
        for (tracker, message), count in self._not_tried.items():
            yield Line(f"{tracker}: {count_of(count, 'album')} not tried: {sentence(message)}", "yellow")
        if listed or self._passed_by or self._not_tried:
            yield Line("")
        yield from settle_lines(_unknown(listed))
        if self._open_ends or self._counts.get(Outcome.NOT_SENT):
            yield Line("`mua-async resume` goes on with what is left open", "yellow")
        if self._distrusted is not None:
            yield Line(sentence(f"WARNING: {distrust_text(self._distrusted.engine)}"), DISTRUSTED.style)
        if self._many and self._warned:
            warned = f"{count_of(self._warned, 'album')} with warnings about the audio"
            yield Line(f"{warned}: `plan --verify` tells them", "yellow")
        if self._gaps:
            yield Line(f"{count_of(self._gaps, 'album')} with gaps: {FILL_GAPS}", "yellow")
        hashed = f", {size_text(self._hashed)} hashed" if self._hashed else ""
        yield Line(f"{count_of(self._found, 'album')}{hashed}, {duration_text(self._seconds)}", "dim")
        yield Line(totals_text(self._counts, self._done_before), "bold")

    def _passed_by_lines(self) -> Iterator[Line]:
        if self._passed_by:
            yield Line("passed by", "bold")
        for event in self._passed_by:
            yield Line(f"{printable(str(event.album))}: {sentence(event.message)}", lead="  ")
        if more := self._passed_by_count - len(self._passed_by):
            yield Line(f"and {more} more", lead="  ")


def _album_lines(report: AlbumReport) -> Iterator[Line]:
    yield Line(report.label, "bold")
    if report.failure is not None:
        yield Line(f"failed ({report.failure.stage}): {sentence(report.failure.message)}", "red", "  ")
        if report.failure.hint:
            yield Line(sentence(report.failure.hint), lead="    ")
    if report.warnings:
        more = f" (+{len(report.warnings) - 1} more)" if len(report.warnings) > 1 else ""
        yield Line(f"warning: {sentence(report.warnings[0])}{more}", "yellow", "  ")
    id_width = max(map(len, report.cells), default=0)
    word_width = max((len(LOOKS[cell.outcome].word) for cell in report.cells.values()), default=0)
    for tracker, cell in report.cells.items():
        look = LOOKS[cell.outcome]
        first, *others = [*_result_lines(cell.result), *map(_seeding_line, cell.seeding)] or [Line("")]
        lead = f"  {tracker:<{id_width}}  "
        yield Line(f"{look.word:<{word_width}}  {first.text}".rstrip(), look.style, lead)
        yield from (Line(line.text, line.style, " " * (len(lead) + word_width + 2)) for line in others)


def _result_lines(result: Result | None) -> Iterator[Line]:
    details: list[str | None] = []
    match result:
        case UploadDone(url=url, torrent_id=torrent_id, message=message, torrent_file=torrent_file):
            details = [url or torrent_id, message, f"torrent {torrent_file}" if torrent_file else None]
        case UploadFailed(message=message, hint=hint):
            details = [message, hint]
        case UploadSkipped(reason=reason, url=url) if reason == DONE_BEFORE:
            details = [f"done before: {url}" if url else "done before"]
        case UploadSkipped(reason=reason, message=message, url=url):
            details = [f"{reason}: {message}", url]
    return (Line(sentence(detail)) for detail in details if detail)


def _seeding_line(event: Seeding) -> Line:
    return Line(seeding_text(event), NOT_SEEDING.style if event.seeds is False else "")


def _unknown(reports: list[AlbumReport]) -> list[tuple[Path, str]]:
    """Albums with the trackers that they may be at."""
    return [
        (report.path, tracker)
        for report in reports
        for tracker, cell in report.cells.items()
        if cell.outcome is Outcome.UNKNOWN
    ]


def _is_left_open(event: AlbumEvent) -> bool:
    """Whether another run may better it, beside what was not sent or is unknown."""
    match event:
        case UploadSkipped(reason=reason):
            return reason in PASSING_SKIPS
        case Seeding(seeds=seeds):
            return seeds is False
        case _:
            return False
