"""What `mua-async plan` says: a line for each album and tracker, and the counts at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from pipeline.plan import Planned
from pipeline.text import printable

from .lines import LineWriter
from .text import album_label, count_of, sentence

NO_TRACKER = "-"
INDENT = " " * 5


class PlanLines:
    """Writes each plan as it comes; `quiet` leaves those with a problem, `verbose` adds the warnings."""

    def __init__(
        self, stream: TextIO, trackers: Sequence[str], *, quiet: bool = False, verbose: bool = False
    ) -> None:
        self._writer = LineWriter(stream)
        self._width = max(map(len, (NO_TRACKER, *trackers)))
        self._quiet = quiet
        self._verbose = verbose

    def __call__(self, planned: Planned) -> None:
        if planned.ok and self._quiet:
            return
        self._writer.write(*self._lines(planned))

    def finish(self, counts: PlanCounts) -> None:
        if counts.problems or not self._quiet:
            self._writer.write(*counts.lines())

    def tell_gaps(self, path: Path, albums: int) -> None:
        if not self._quiet:
            told = f"{count_of(albums, 'album')} with gaps" if albums else "no gaps"
            self._writer.write(f"{told}: {printable(str(path))}")

    def _lines(self, planned: Planned) -> Iterator[str]:
        first, *others = self._texts(planned)
        tracker = planned.tracker or NO_TRACKER
        yield f"{'ok' if planned.ok else 'NO':<{len(INDENT)}}{tracker:<{self._width}}  {first}"
        indent = INDENT + " " * (self._width + 4)
        yield from (indent + text for text in others)

    def _texts(self, planned: Planned) -> Iterator[str]:
        label = album_label(planned.album)
        known = already_text(planned)
        if planned.ok:
            yield printable(planned.name or label) + (f", {known}" if known else "")
        for position, problem in enumerate(planned.problems):
            told = sentence(problem)
            named = position or told.startswith(f"{label}:")
            yield told if named else f"{label}: {told}"
        if known and not planned.ok:
            yield known
        if self._verbose:
            yield from (f"warning: {sentence(warning)}" for warning in planned.warnings)


def already_text(planned: Planned) -> str:
    """What earlier runs know of it; empty for what was never sent."""
    where = f" at {printable(planned.already_url)}" if planned.already_url else ""
    match planned.already:
        case "done" | "existing":
            return f"done before{where}"
        case "unknown":
            return "unknown: `resume` asks the site what became of it"
        case "rejected":
            return "rejected before"
        case _:
            return ""


class PlanCounts:
    """Counts what was planned, whatever the size of the library."""

    def __init__(self) -> None:
        self._albums = 0
        self._ok = 0
        self._warned = 0
        self._done_before = 0
        self._reasons: Counter[str] = Counter()
        self._last: Path | None = None

    def __call__(self, planned: Planned) -> None:
        self._albums += planned.album != self._last
        self._last = planned.album
        self._ok += planned.ok
        self._warned += bool(planned.warnings)
        self._done_before += planned.ok and planned.already in {"done", "existing"}
        if not planned.ok:
            self._reasons[planned.reason] += 1

    @property
    def problems(self) -> int:
        return self._reasons.total()

    def lines(self) -> Iterator[str]:
        warned = f", {self._warned} with warnings" if self._warned else ""
        albums = count_of(self._albums, "album")
        before = f" ({self._done_before} done before)" if self._done_before else ""
        yield f"{albums}: {self._ok} ok{before}, {self.problems} with problems{warned}"
        if self._reasons:
            yield "  " + ", ".join(f"{reason}: {count}" for reason, count in self._reasons.most_common())
