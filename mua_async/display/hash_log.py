"""What `mua-async hash` says: a line for each torrent, and a bar with the rate on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.events import (
    AlbumFound,
    AlbumSkipped,
    BytesHashed,
    EngineDistrusted,
    Event,
    RunFinished,
    StageFailed,
    TorrentReady,
)
from pipeline.text import printable

from .lines import LineWriter
from .text import album_label, distrust_text, sentence

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class HashLog:
    """Torrents on stdout, trouble on stderr; `quiet` leaves the trouble."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._out = LineWriter(sys.stdout)
        self._err = LineWriter(sys.stderr)
        self._bar = HashBar() if sys.stderr.isatty() and not quiet else None

    failed = False
    """A line that was lost is only a convenience: the torrents are there."""

    def __call__(self, event: Event) -> None:
        if self._bar is not None:
            self._bar(event)
        match event:
            case TorrentReady(path=Path() as path) if not self._quiet:
                self._write(self._out, printable(str(path)))
            case AlbumSkipped():
                self._write(self._err, f"passed by: {sentence(event.message)}")
            case StageFailed():
                label = album_label(event.album)
                self._write(self._err, f"{label}: failed: {sentence(event.message, event.hint)}")
            case EngineDistrusted():
                label = album_label(event.album)
                self._write(self._err, f"WARNING: {label}: {distrust_text(event.engine)}")

    def _write(self, writer: LineWriter, line: str) -> None:
        with self._bar.hidden() if self._bar else nullcontext():
            writer.write(line)


class HashBar:
    """One bar over all albums found so far; rich is imported only once there is something to wait for."""

    def __init__(self) -> None:
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._sizes: dict[Path, int] = {}
        self._done: dict[Path, int] = {}

    def __call__(self, event: Event) -> None:
        match event:
            case AlbumFound():
                self._sizes[event.album] = event.size
            case StageFailed():
                self._sizes.pop(event.album, None)
            case BytesHashed():
                self._done[event.album] = event.done
                self._draw()
            case RunFinished() if self._progress is not None:
                self._progress.stop()
                self._progress = None

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Makes room for lines, which would run into the bar."""
        if self._progress is not None:
            self._progress.stop()
        yield
        if self._progress is not None:
            self._progress.start()

    def _draw(self) -> None:
        if self._progress is None or self._task is None:
            self._progress = _make_progress()
            self._task = self._progress.add_task("hashing", total=None)
            self._progress.start()
        self._progress.update(self._task, completed=sum(self._done.values()), total=sum(self._sizes.values()))


def _make_progress() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(True), TransferSpeedColumn()
    return Progress(*columns, console=Console(stderr=True), transient=True)
