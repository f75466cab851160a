"""Counts the verdicts of a run, and makes its exit code of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from pipeline.events import (
    AlbumFound,
    AlbumSkipped,
    CellEvent,
    Event,
    Seeding,
    StageFailed,
    UploadDone,
    UploadFailed,
    UploadSkipped,
)
from pipeline.outcome import Outcome

PASSING_SKIPS = frozenset({"interrupted", "tracker_off", "being_sent", "format_waits"})
"""Nothing is wrong with the album: another run may send it."""
HARMLESS_SKIPS = frozenset({"debug", "same_content"})
"""A dry run is what was asked for; of two copies the verdict of the one that was tried stands for both."""
EXIT_OK, EXIT_PROBLEM, EXIT_UNKNOWN = 0, 1, 3


class Tally:
    """A subscriber that holds, for each album, the trackers whose verdict is still to come."""

    def __init__(self, trackers: tuple[str, ...]) -> None:
        self._trackers = trackers
        self._open: dict[Path, set[str]] = {}
        self._counts: Counter[Outcome] = Counter()
        self._troubles = 0
        self._open_ends = 0

    def __call__(self, event: Event) -> None:
        self._open_ends += _leaves_open(event)
        match event:
            case AlbumFound():
                self._open[event.album] = set(self._trackers)
            case AlbumSkipped():
                self._open.pop(event.album, None)
                self._troubles += 1
            case StageFailed():
                self._counts[Outcome.FAILED] += len(self._open.pop(event.album, ()))
                self._troubles += 1
            case UploadDone():
                self._settle(event, Outcome.EXISTING if event.existing else Outcome.DONE)
            case UploadFailed():
                self._settle(event, event.outcome)
                self._troubles += 1
            case UploadSkipped(reason="done_before"):
                self._settle(event, Outcome.EXISTING)
            case UploadSkipped():
                self._settle(event, Outcome.SKIPPED)
                self._troubles += event.reason not in HARMLESS_SKIPS
            case Seeding():
                self._troubles += event.seeds is False

    def _settle(self, event: CellEvent, outcome: Outcome) -> None:
        self._counts[outcome] += 1
        waiting = self._open.get(event.album, set())
        waiting.discard(event.tracker)
        if not waiting:
            self._open.pop(event.album, None)

    def counts(self) -> Mapping[Outcome, int]:
        """One entry for each album x tracker cell; those that a stopped run never came to are skipped."""
        counts = {outcome: self._counts[outcome] for outcome in Outcome}
        counts[Outcome.SKIPPED] += sum(map(len, self._open.values()))
        return counts

    @property
    def troubles(self) -> int:
        """How many verdicts, albums and torrents there are of which one alone makes the run a problem."""
        return self._troubles + sum(map(len, self._open.values()))

    @property
    def open_ends(self) -> int:
        """How many verdicts there are that another run may better, and torrents that are not seeded yet."""
        return self._open_ends + sum(map(len, self._open.values()))

    def exit_code(self) -> int:
        """By the contract: an unknown outcome weighs more than a failure."""
        if self._counts[Outcome.UNKNOWN]:
            return EXIT_UNKNOWN
        return EXIT_PROBLEM if self.troubles else EXIT_OK


def _leaves_open(event: Event) -> bool:
    match event:
        case UploadFailed(outcome=outcome):
            return outcome in {Outcome.NOT_SENT, Outcome.UNKNOWN}
        case UploadSkipped(reason=reason):
            return reason in PASSING_SKIPS
        case Seeding(seeds=seeds):
            return seeds is False
        case _:
            return False
