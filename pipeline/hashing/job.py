"""An album under way: where its digests go, how far it is, and what went wrong with which file."""

from __future__ import annotations

import os
import time
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Lock

from attrs import frozen

from ..errors import HashError
from ..model.files import AlbumFile, FileSet
from ..text import printable
from .layout import Layout

DIGEST_SIZE = 20
RELEASE_SECONDS = 0.001
"""How often a stopped album asks whether its files have been let go."""

DONE, STOP, BUSY = range(3)
"""The control words: bytes read, whether to stop, and how many hold the album's files."""


class Job:
    """One album that workers hash together, in one or several piece lengths from one read of its files.

    Each piece length divides the longest. `control` is plain memory that code without the interpreter's lock
    reads and changes too.
    """

    def __init__(self, files: FileSet, piece_lengths: Sequence[int]) -> None:
        self.layout = Layout(files, max(piece_lengths))
        lengths = sorted(set(piece_lengths), reverse=True)
        self.digests = {length: bytearray(DIGEST_SIZE * -(-self.layout.size // length)) for length in lengths}
        self.control = array("q", [0, 0, 0])
        self.error: Exception | None = None
        self._counted = self._held = self._taken = self._finished = 0
        self._lock = Lock()
        self._ended = Event()

    @property
    def done(self) -> int:
        """Bytes read so far."""
        return self.control[DONE] + self._counted

    @property
    def untaken(self) -> int:
        """Pieces of the longest length that no worker has taken."""
        return 0 if self.stopped else self.layout.pieces - self._taken

    @property
    def stopped(self) -> bool:
        return bool(self.control[STOP])

    def take(self, count: int) -> range:
        """The next pieces of the longest length, at most `count`; the workers call it one at a time."""
        first = self._taken
        self._taken = min(first + count, self.layout.pieces)
        return range(first, self._taken)

    def finish(self, pieces: range) -> None:
        """Counts pieces that are done with."""
        with self._lock:
            self._finished += len(pieces)
            if self._finished == self.layout.pieces:
                self._ended.set()

    def stop(self) -> None:
        """Ends the work soon; `wait` then returns when no file is open any more."""
        self.control[STOP] = 1
        self._ended.set()

    def fail(self, error: Exception) -> None:
        """Stops the job for a reason; the first one counts."""
        with self._lock:
            self.error = self.error or error
        self.stop()

    def ended(self, seconds: float) -> bool:
        """Waits so long for the end, and tells whether it has come."""
        return self._ended.wait(seconds)

    def wait(self) -> None:
        """Blocks until the work has ended and nobody touches the album; raises what it failed with."""
        self._ended.wait()
        while self.control[BUSY] or self._held:
            time.sleep(RELEASE_SECONDS)
        if self.error:
            raise self.error

    def count(self, size: int) -> None:
        """Adds to the bytes read, for workers that hold the interpreter's lock."""
        with self._lock:
            self._counted += size

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keeps `wait` from returning, for workers that hold the interpreter's lock."""
        with self._lock:
            self._held += 1
        try:
            yield
        finally:
            with self._lock:
                self._held -= 1


@frozen
class Stripe:
    """Consecutive pieces of one job, numbered in its longest piece length."""

    job: Job
    pieces: range


def check_unchanged(files: FileSet) -> None:
    """Raises HashError for the first file that is not what the scan saw. Blocks."""
    for file in files.files:
        try:
            now = os.stat(file.path)
        except OSError as error:
            raise unreadable(file, error) from error
        seen = (file.size, file.mtime_ns, file.ctime_ns, file.inode)
        if seen != (now.st_size, now.st_mtime_ns, now.st_ctime_ns, now.st_ino):
            raise changed(file)


def changed(file: AlbumFile) -> HashError:
    """The file is not what the scan saw."""
    return HashError(
        f"{printable(str(file.path))} has changed since it was scanned",
        path=file.path,
        reason="changed",
        hint="wait until nothing writes to the album any more, then run again",
    )


def unreadable(file: AlbumFile, error: OSError) -> HashError:
    """The file is gone, or cannot be read."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return HashError(
            f"{printable(str(file.path))} has vanished since it was scanned",
            path=file.path,
            reason="vanished",
            hint="if it was moved or renamed, run again",
        )
    return HashError(
        f"{printable(str(file.path))} cannot be read: {error.strerror}",
        path=file.path,
        reason="unreadable",
        hint="check the file's permissions and the disk",
    )
