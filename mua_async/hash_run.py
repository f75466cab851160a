"""Makes torrents of albums without an event loop: the threads hash while this imports what it needs later."""

from __future__ import annotations

import os
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path

from attrs import frozen

from pipeline.errors import AlbumError, MuaError, ScanError, UsageError
from pipeline.events import (
    AlbumFound,
    AlbumSkipped,
    BytesHashed,
    EngineDistrusted,
    Event,
    PiecesHashed,
    RunFinished,
    RunStarted,
    StageFailed,
    TorrentReady,
)
from pipeline.hashing.job import check_unchanged
from pipeline.hashing.layout import piece_length_under
from pipeline.hashing.workers import AlbumHash, HashWorkers
from pipeline.model.files import FileSet
from pipeline.model.pieces import Pieces
from pipeline.model.rules import SiteRules
from pipeline.outcome import Outcome
from pipeline.scan import scan
from pipeline.secret import Secret

ALBUMS_AT_ONCE = 16
POLL_SECONDS = 0.1
NO_CONTENT_ID = ""
"""This command reads no tags."""


@frozen
class Wish:
    """One torrent that is wanted of each album; `tracker` is empty where it is for none in particular."""

    tracker: str
    announce_url: Secret
    source: str
    rules: SiteRules
    piece_length: int | None = None

    def length_for(self, files: FileSet) -> int:
        return self.piece_length or piece_length_under(self.rules, files)

    def path_for(self, files: FileSet, folder: Path) -> Path:
        mark = f".[{self.tracker}]" if self.tracker else ""
        return folder / f"{files.name}{mark}.torrent"


@frozen
class HashOrder:
    """What the command is to do."""

    paths: Sequence[Path]
    wishes: Sequence[Wish]
    folder: Path
    force: bool
    one_album: bool


@frozen
class UnderWay:
    """An album that is being hashed."""

    files: FileSet
    lengths: Mapping[Wish, int]
    album: AlbumHash
    started: float


def refuse_folder_inside_album(order: HashOrder) -> None:
    """A torrent must not become a file of the album: raises UsageError. Scans only what holds the folder."""
    folder = order.folder.resolve()
    around = [path for path in order.paths if folder.is_relative_to(path.resolve())]
    for found in scan(around, one_album=order.one_album):
        if isinstance(found, FileSet) and folder.is_relative_to(found.root.resolve()):
            raise UsageError(
                f"{order.folder} lies in the album {found.root}", hint="name another folder with -o DIR"
            )


class HashRun:
    """One run: a window of albums that share the workers, finished in order."""

    def __init__(self, order: HashOrder, workers: HashWorkers, publish: Callable[[Event], None]) -> None:
        self._order = order
        self._workers = workers
        self._publish = publish
        self._window: deque[UnderWay] = deque()
        self._counts: Counter[Outcome] = Counter()
        self._promised: set[Path] = set()
        self._trouble = False

    def run(self) -> int:
        """Returns the exit code: 1 if an album, or a path, made no torrent."""
        order, started = self._order, time.monotonic()
        trackers = tuple(wish.tracker for wish in order.wishes if wish.tracker)
        self._publish(RunStarted(paths=tuple(order.paths), trackers=trackers, dry_run=False))
        try:
            for found in scan(order.paths, one_album=order.one_album):
                self._take(found)
                while len(self._window) == ALBUMS_AT_ONCE:
                    self._finish_first()
            while self._window:
                self._finish_first()
        finally:
            for under_way in self._window:
                under_way.album.stop()
            for under_way in self._window:
                under_way.album.result()
        code = 1 if self._trouble else 0
        seconds = time.monotonic() - started
        self._publish(RunFinished(exit_code=code, counts=self._counts, seconds=seconds))
        return code

    def _take(self, found: FileSet | ScanError) -> None:
        if isinstance(found, ScanError):
            self._trouble = True
            self._publish(AlbumSkipped(album=found.path, reason=found.reason, message=str(found)))
            return
        self._publish(AlbumFound(album=found.root, files=len(found.files), size=found.size))
        try:
            self._begin(found)
        except MuaError as error:
            self._fail(found, error)

    def _begin(self, files: FileSet) -> None:
        for wish in self._order.wishes:
            self._promise(wish.path_for(files, self._order.folder), files)
        lengths = {wish: wish.length_for(files) for wish in self._order.wishes}
        check_unchanged(files)
        album = AlbumHash(self._workers, files, tuple(lengths.values()))
        album.start()
        self._window.append(UnderWay(files, lengths, album, time.monotonic()))

    def _promise(self, path: Path, files: FileSet) -> None:
        """Refuses a torrent that is there already, or that another album of this run will write."""
        if path in self._promised:
            raise AlbumError(
                f"{path} is another album's torrent in this run",
                path=files.root,
                reason="name_taken",
                hint="hash it by itself into another folder",
            )
        if not self._order.force and os.path.lexists(path):
            raise AlbumError(f"{path} exists", path=files.root, reason="exists", hint="--force overwrites it")
        self._promised.add(path)

    def _finish_first(self) -> None:
        first = self._window[0]
        import_module("pipeline.torrent")  # torf, while the threads hash
        while not first.album.ended(POLL_SECONDS):
            for under_way in self._window:
                self._tell_progress(under_way.files, under_way.album.done)
        self._window.popleft()
        try:
            self._write(first, first.album.result())
        except MuaError as error:
            self._fail(first.files, error)

    def _write(self, under_way: UnderWay, hashed: Sequence[Pieces]) -> None:
        files = under_way.files
        from pipeline.files import write_private
        from pipeline.torrent import make_torrent

        self._tell_hashed(under_way, hashed)
        by_length = {pieces.piece_length: pieces for pieces in hashed}
        for wish, length in under_way.lengths.items():
            torrent = make_torrent(by_length[length], announce_url=wish.announce_url, source=wish.source)
            path = wish.path_for(files, self._order.folder)
            check_unchanged(files)
            write_private(path, torrent.data)
            self._counts[Outcome.DONE] += 1
            self._publish(
                TorrentReady(
                    album=files.root,
                    content_id=NO_CONTENT_ID,
                    tracker=wish.tracker,
                    infohash=torrent.infohash,
                    name=torrent.name,
                    piece_length=length,
                    path=path,
                )
            )

    def _tell_progress(self, files: FileSet, done: int) -> None:
        self._publish(BytesHashed(album=files.root, content_id=NO_CONTENT_ID, done=done, size=files.size))

    def _tell_hashed(self, under_way: UnderWay, hashed: Sequence[Pieces]) -> None:
        files = under_way.files
        self._tell_progress(files, files.size)
        if engine := hashed[0].distrusted_engine:
            self._publish(EngineDistrusted(album=files.root, content_id=NO_CONTENT_ID, engine=engine))
        for pieces in hashed:
            self._publish(
                PiecesHashed(
                    album=files.root,
                    content_id=NO_CONTENT_ID,
                    piece_length=pieces.piece_length,
                    pieces=pieces.count,
                    size=files.size,
                    seconds=time.monotonic() - under_way.started,
                )
            )

    def _fail(self, files: FileSet, error: MuaError) -> None:
        self._trouble = True
        self._counts[Outcome.FAILED] += len(self._order.wishes)
        reason = error.reason if isinstance(error, AlbumError) else "not_written"
        self._publish(
            StageFailed(album=files.root, stage="hash", reason=reason, message=error.message, hint=error.hint)
        )
