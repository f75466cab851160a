"""The live board drawn: albums down, trackers across, never wider or higher than the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import TypeVar

from attrs import frozen
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from .board import BoardState, Cell, Phase, Problem, Row
from .outcomes import LOOKS
from .text import duration_text, percent_text, rate_text, size_text, wait_text

T = TypeVar("T")

ALBUM_LEAST = 18
ALBUM_MOST = 72
"""Columns for the names of albums."""
NUMBERS = 15
"""Columns of ` 43 % 12.3 MiB/s` after the bar, or of it alone."""
WORDS = 12
SIGNS = 4
"""Columns of a tracker's cell that is written out, and of one that is a sign."""
LAYOUTS = ((20, WORDS), (10, WORDS), (4, WORDS), (0, WORDS), (10, SIGNS), (4, SIGNS), (0, SIGNS))
"""Widths of the bar and of a tracker's cell, the best first."""
FRAME_HEIGHT = 4
"""Lines for the totals, the trackers' names and what is not shown, and one that stays free."""


@frozen
class Layout:
    """Widths in columns; with `cell` 0 there are too many trackers for a column each."""

    stage: int
    bar: int
    cell: int
    table: int

    @classmethod
    def fit(cls, width: int, trackers: int) -> Layout:
        for bar, cell in LAYOUTS:
            stage = bar + NUMBERS + (1 if bar else 0)
            beside = 1 + stage + trackers * (1 + cell)
            if ALBUM_LEAST + beside <= width:
                return cls(stage, bar, cell, min(width, ALBUM_MOST + beside))
        return cls(NUMBERS, 0, 0, width)


def render(state: BoardState, *, now: float, width: int, height: int) -> RenderableType:
    """The board at the time `now` (Unix seconds), for a terminal of `width` columns and `height` lines."""
    problems = _last(state.problems, height - FRAME_HEIGHT - 1)
    room = max(1, height - FRAME_HEIGHT - len(problems))
    active = list(state.active.values())
    shown = active[:room]
    finished = _last(state.finished.values(), room - len(shown))
    parts: list[RenderableType] = [_totals(state, now), _table(state, finished, shown, now, width)]
    if more := len(active) - len(shown):
        parts.append(Text(f"and {more} more", "dim"))
    return Group(*parts, *(_problem(problem) for problem in problems))


def _last(items: Collection[T], number: int) -> list[T]:
    return list(items)[max(0, len(items) - max(0, number)) :]


def _totals(state: BoardState, now: float) -> Text:
    parts = [duration_text(state.elapsed(now)), f"{state.ended}/{state.found} albums"]
    for verb, meter in (("hashed", state.hashed), ("sent", state.sent)):
        rate = meter.rate(now) if state.finished_at is None else 0.0
        parts.append(f"{verb} {size_text(meter.total)}" + (f" at {rate_text(rate, 1)}" if rate else ""))
    if state.done_before:
        parts.append(f"done before {state.done_before}")
    if state.passed_by:
        parts.append(f"passed by {state.passed_by}")
    return Text("  ".join(parts), "bold", no_wrap=True, overflow="ellipsis")


def _table(
    state: BoardState, finished: Sequence[Row], active: Sequence[Row], now: float, width: int
) -> Table:
    layout = Layout.fit(width, len(state.trackers))
    table = Table(box=None, width=layout.table, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("album", ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column("", width=layout.stage, no_wrap=True)
    headings = state.trackers if layout.cell else ("trackers",)
    for name in headings if state.trackers else ():
        table.add_column(Text(name), width=layout.cell or None, no_wrap=True, overflow="ellipsis")
    for row in finished:
        table.add_row(Text(row.name, "dim"), _stage(row, layout, now), *_cells(row, layout, now))
    for row in active:
        table.add_row(Text(row.name), _stage(row, layout, now), *_cells(row, layout, now))
    return table


def _stage(row: Row, layout: Layout, now: float) -> Text:
    if not row.hashing:
        return Text(row.stage, "red" if row.failed else "dim")
    full = layout.bar * row.hashed // row.size
    bar = Text.assemble(("━" * full, "cyan"), ("━" * (layout.bar - full), "bright_black"))
    percent, rate = percent_text(row.hashed, row.size), rate_text(row.speed.rate(now), 1)
    return bar.append(f" {percent:>4} {rate}" if layout.bar else f"{percent:>4} {rate}")


def _cells(row: Row, layout: Layout, now: float) -> list[Text]:
    cells = list(row.cells.values())
    if not cells:
        return []
    if layout.cell == WORDS:
        return [_words(row, cell, now) for cell in cells]
    return [_sign(cell, now) for cell in cells] if layout.cell else [_counted(cells)]


def _words(row: Row, cell: Cell, now: float) -> Text:
    if cell.outcome is not None:
        look = LOOKS[cell.outcome]
        return Text(f"{look.word} {look.sign}", look.style)
    match cell.phase:
        case Phase.WAITING:
            return Text("hashing" if row.hashing else "waiting", "dim")
        case Phase.CHECKING:
            return Text("checking", "cyan")
        case Phase.SENDING if cell.sent < cell.size:
            return Text(f"sending {percent_text(cell.sent, cell.size)}", "cyan")
        case Phase.SENDING:
            return Text("answering", "cyan")
        case Phase.HELD:
            return Text(_held(cell.reason, wait_text(cell.until - now)), "yellow")
        case Phase.STORED:
            return Text("stored", "green")
        case Phase.PREPARED:
            return Text("prepared", "green")


def _held(reason: str, wait: str) -> str:
    """`limit 12 s`: of a long reason the last word, as `rate limit` ends in what matters."""
    room = WORDS - 1 - len(wait)
    text = reason if len(reason) <= room else reason.split()[-1]
    return f"{text[:room]} {wait}"


def _sign(cell: Cell, now: float) -> Text:
    if cell.outcome is not None:
        look = LOOKS[cell.outcome]
        return Text(look.sign, look.style)
    match cell.phase:
        case Phase.WAITING:
            return Text("·", "dim")
        case Phase.SENDING if cell.sent < cell.size:
            return Text(percent_text(cell.sent, cell.size).replace(" ", ""), "cyan")
        case Phase.CHECKING | Phase.SENDING:
            return Text("…", "cyan")
        case Phase.HELD:
            return Text(wait_text(cell.until - now).replace(" ", ""), "yellow")
        case Phase.STORED | Phase.PREPARED:
            return Text("✓", "green")


def _counted(cells: Sequence[Cell]) -> Text:
    """`3✓ 1✗ 2…`: how many trackers ended how, and how many are under way."""
    ended = Counter(cell.outcome for cell in cells if cell.outcome is not None)
    parts = [
        Text(f"{ended[outcome]}{look.sign} ", look.style) for outcome, look in LOOKS.items() if ended[outcome]
    ]
    if under_way := len(cells) - ended.total():
        parts.append(Text(f"{under_way}…", "cyan"))
    return Text().join(parts)


def _problem(problem: Problem) -> Text:
    return Text.assemble(
        (f"{problem.look.sign} ", problem.look.style),
        (problem.subject, "bold"),
        f": {problem.message}",
        no_wrap=True,
        overflow="ellipsis",
    )
