"""Tells what becomes of the albums of `mua-async hash`, in events to its displays."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import AlbumError, MuaError, ScanError
from pipeline.events import (
    AlbumFound,
    AlbumSkipped,
    BytesHashed,
    EngineDistrusted,
    EventBus,
    PiecesHashed,
    RunFinished,
    RunStarted,
    StageFailed,
    TorrentReady,
)
from pipeline.model.files import FileSet
from pipeline.model.pieces import Pieces, Torrent
from pipeline.outcome import Outcome

from .options import Common

if TYPE_CHECKING:
    from .display.hash_log import HashLog
    from .display.jsonl import JsonLines

EXIT_PROBLEM = 1

NO_CONTENT_ID = ""
"""This command reads no tags."""


def open_report(common: Common, paths: tuple[Path, ...], trackers: tuple[str, ...]) -> HashReport:
    """A report to the display that the options ask for; it has told that the run has started."""
    report = HashReport(_json_lines() if common.json else _log(common.quiet))
    report.publish(RunStarted(paths=paths, trackers=trackers, dry_run=False))
    return report


def _json_lines() -> JsonLines:
    from .display.jsonl import JsonLines

    return JsonLines(sys.stdout)


def _log(quiet: bool) -> HashLog:
    from .display.hash_log import HashLog

    return HashLog(quiet=quiet)


class HashReport:
    """Publishes what happens, and counts how the albums end."""

    def __init__(self, display: HashLog | JsonLines) -> None:
        bus = EventBus()
        bus.subscribe(display)
        self.publish = bus.publish
        self._display = display
        self._counts: Counter[Outcome] = Counter()
        self._trouble = False

    def passed_by(self, error: ScanError) -> None:
        self._trouble = True
        self.publish(AlbumSkipped(album=error.path, reason=error.reason, message=str(error)))

    def found(self, files: FileSet) -> None:
        self.publish(AlbumFound(album=files.root, files=len(files.files), size=files.size))

    def progress(self, files: FileSet, done: int) -> None:
        self.publish(BytesHashed(album=files.root, content_id=NO_CONTENT_ID, done=done, size=files.size))

    def hashed(self, hashed: Sequence[Pieces], seconds: float) -> None:
        """One album in each piece length."""
        files = hashed[0].files
        self.progress(files, files.size)
        if engine := hashed[0].distrusted_engine:
            self.publish(EngineDistrusted(album=files.root, content_id=NO_CONTENT_ID, engine=engine))
        for pieces in hashed:
            self.publish(
                PiecesHashed(
                    album=files.root,
                    content_id=NO_CONTENT_ID,
                    piece_length=pieces.piece_length,
                    pieces=pieces.count,
                    size=files.size,
                    seconds=seconds,
                )
            )

    def wrote(self, files: FileSet, tracker: str, torrent: Torrent, path: Path) -> None:
        self._counts[Outcome.DONE] += 1
        self.publish(
            TorrentReady(
                album=files.root,
                content_id=NO_CONTENT_ID,
                tracker=tracker,
                infohash=torrent.infohash,
                name=torrent.name,
                piece_length=torrent.piece_length,
                path=path,
            )
        )

    def failed(self, files: FileSet, error: MuaError, *, torrents: int) -> None:
        """The album ended before so many torrents of it were written."""
        self._trouble = True
        self._counts[Outcome.FAILED] += torrents
        reason = error.reason if isinstance(error, AlbumError) else "not_written"
        self.publish(
            StageFailed(album=files.root, stage="hash", reason=reason, message=error.message, hint=error.hint)
        )

    def finish(self, seconds: float) -> int:
        """Returns the exit code: 1 also where a script did not get every line."""
        code = EXIT_PROBLEM if self._trouble else 0
        self.publish(RunFinished(exit_code=code, counts=self._counts, seconds=seconds))
        return code or (EXIT_PROBLEM if self._display.failed else 0)
