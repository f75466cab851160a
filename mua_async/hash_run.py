"""Makes torrents of albums without an event loop: the threads hash while this imports what it needs later."""

from __future__ import annotations

import errno
import os
import time
from collections import deque
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from pipeline.errors import AlbumError, MuaError, ScanError, UsageError
from pipeline.file_sets import files_for
from pipeline.hashing.job import check_unchanged
from pipeline.hashing.layout import piece_length_under
from pipeline.hashing.workers import AlbumHash, HashWorkers
from pipeline.model.files import FileSet
from pipeline.model.rules import SiteRules
from pipeline.scan import scan
from pipeline.secret import Secret
from pipeline.text import printable

from .options import Common

if TYPE_CHECKING:
    from .hash_report import HashReport

ALBUMS_AT_ONCE = 16
POLL_SECONDS = 0.1


@frozen
class Wish:
    """One torrent that is wanted of each album; `tracker` is empty where it is for none in particular."""

    tracker: str
    announce_url: Secret
    source: str
    rules: SiteRules
    piece_length: int | None = None

    def length_for(self, files: FileSet) -> int:
        return piece_length_under(self.rules, files, self.piece_length)

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
class Share:
    """The files of an album that some of the torrents hold: a tracker's rules may leave some out."""

    lengths: Mapping[Wish, int]
    hashing: AlbumHash


@frozen
class UnderWay:
    """An album that is being hashed."""

    files: FileSet
    shares: Sequence[Share]
    started: float

    def ended(self, seconds: float) -> bool:
        """Waits at most that long."""
        return all(share.hashing.ended(seconds) for share in self.shares)

    @property
    def done(self) -> int:
        """Bytes."""
        return sum(share.hashing.done for share in self.shares)

    def abandon(self) -> None:
        for share in self.shares:
            share.hashing.stop()
        for share in self.shares:
            share.hashing.result()


def refuse_folder_inside_album(order: HashOrder) -> None:
    """A torrent must not become a file of the album: raises UsageError. Scans only what holds the folder."""
    folder = order.folder.resolve()
    around = [path for path in order.paths if folder.is_relative_to(path.resolve())]
    for found in scan(around, one_album=order.one_album):
        if isinstance(found, FileSet) and folder.is_relative_to(found.root.resolve()):
            raise UsageError(
                f"{order.folder} lies in the album {found.root}", hint="name another folder with -o DIR"
            )


def make_folder(folder: Path) -> None:
    """Makes the folder of the torrents; raises UsageError where none can be written into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK, effective_ids=True):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise UsageError(
            f"{printable(str(folder))} cannot be written: {error.strerror}",
            hint="name another folder with -o DIR",
        ) from error


class HashRun:
    """One run: a window of albums that share the workers, finished in order."""

    def __init__(self, common: Common, order: HashOrder) -> None:
        self._common = common
        self._order = order
        self._workers = HashWorkers(common.hash_engine)
        self._window: deque[UnderWay] = deque()
        self._promised: set[Path] = set()
        self._started = time.monotonic()

    def run(self) -> int:
        """Returns the exit code: 1 if an album, or a path, made no torrent."""
        try:
            for found in scan(self._order.paths, one_album=self._order.one_album):
                self._take(found)
                while len(self._window) == ALBUMS_AT_ONCE:
                    self._finish_first()
            while self._window:
                self._finish_first()
        finally:
            for under_way in self._window:
                under_way.abandon()
        return self._report.finish(time.monotonic() - self._started)

    @cached_property
    def _report(self) -> HashReport:
        """Opened with the first thing to tell, by when the threads hash: what it imports costs no time."""
        from .hash_report import open_report

        trackers = tuple(wish.tracker for wish in self._order.wishes if wish.tracker)
        return open_report(self._common, tuple(self._order.paths), trackers)

    def _take(self, found: FileSet | ScanError) -> None:
        if isinstance(found, ScanError):
            self._report.passed_by(found)
            return
        problem = self._begin(found)
        self._report.found(found)
        if problem:
            self._fail(found, problem)

    def _begin(self, files: FileSet) -> MuaError | None:
        """Lets the threads hash the album; what keeps it from that is returned, to be told."""
        try:
            for wish in self._order.wishes:
                self._promise(wish.path_for(files, self._order.folder), files)
            lengths: dict[FileSet, dict[Wish, int]] = {}
            for wish in self._order.wishes:
                kept = files_for(files, wish.rules)
                lengths.setdefault(kept, {})[wish] = wish.length_for(kept)
            check_unchanged(files)
            shares = [
                Share(wanted, AlbumHash(self._workers, kept, tuple(wanted.values())))
                for kept, wanted in lengths.items()
            ]
        except MuaError as error:
            return error
        for share in shares:
            share.hashing.start()
        self._window.append(UnderWay(files, shares, time.monotonic()))
        return None

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
        import_module("pipeline.torrent")  # torf, while the threads hash
        first = self._window[0]
        while not first.ended(POLL_SECONDS):
            for under_way in self._window:
                self._report.progress(under_way.files, under_way.done)
        self._window.popleft()
        try:
            for share in first.shares:
                self._write(first, share)
        except MuaError as error:
            self._fail(first.files, error)

    def _write(self, first: UnderWay, share: Share) -> None:
        from pipeline.files import write_private
        from pipeline.torrent import make_torrent

        hashed = share.hashing.result()
        self._report.hashed(hashed, time.monotonic() - first.started)
        by_length = {pieces.piece_length: pieces for pieces in hashed}
        for wish, length in share.lengths.items():
            torrent = make_torrent(by_length[length], announce_url=wish.announce_url, source=wish.source)
            path = wish.path_for(first.files, self._order.folder)
            check_unchanged(by_length[length].files)
            write_private(path, torrent.data)
            self._report.wrote(first.files, wish.tracker, torrent, path)

    def _fail(self, files: FileSet, error: MuaError) -> None:
        self._report.failed(files, error, torrents=len(self._order.wishes))
