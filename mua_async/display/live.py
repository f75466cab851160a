"""The live board on a terminal."""

from __future__ import annotations

import time
from collections.abc import Sequence
from threading import Lock
from types import TracebackType
from typing import Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from pipeline.events import Event

from .board import BoardState
from .board_view import render
from .plain import Narrator

FRAMES_PER_SECOND = 10


class LiveBoard:
    """Shows what is under way, redrawn at a steady pace however many events come; vanishes at its end.

    `verbose` lets the plain log's lines run above the board.
    """

    def __init__(self, console: Console, trackers: Sequence[str], verbose: bool = False) -> None:
        self._console = console
        self._state = BoardState(trackers)
        self._lock = Lock()
        self._narrator = Narrator(verbose=True) if verbose else None
        self._live = Live(
            console=console,
            get_renderable=self._frame,
            refresh_per_second=FRAMES_PER_SECOND,
            transient=True,
            vertical_overflow="crop",
        )

    def __enter__(self) -> Self:
        self._live.start(refresh=True)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._live.stop()

    def __call__(self, event: Event) -> None:
        with self._lock:
            self._state.apply(event)
        if self._narrator is not None and (line := self._narrator.tell(event)) is not None:
            self._console.print(Text(line))

    def _frame(self) -> RenderableType:
        """Called by the drawing thread; the frame is built whole and shares nothing with the state."""
        with self._lock:
            return render(
                self._state, now=time.time(), width=self._console.width, height=self._console.height
            )
