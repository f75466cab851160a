"""Whether a run still lives: a file that it holds locked, which the kernel frees when it dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

from attrs import evolve

from .faults import disk_fault
from .moments import Moment

BEAT = 2.0
"""Seconds between two signs of life."""
BEAT_SIZE = 80
"""Bytes; every beat covers the one before it whole."""


class RunLock:
    """Shows other processes that this run lives, from entering to leaving. Blocks.

    Entering raises JournalError where the lock cannot be had.
    """

    def __init__(self, folder: Path) -> None:
        self.run_id = os.urandom(6).hex()
        self._path = _lock_file(folder, self.run_id)
        self._descriptor = -1
        self._ended = Event()
        self._heart = Thread(target=self._beat_on, name="mua-async-run", daemon=True)

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = _make_locked(self._path)
        except OSError as error:
            raise disk_fault(self._path, error) from error
        self._heart.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._heart.join()
        with suppress(OSError):  # a file that is left behind is that of a dead run
            self._path.unlink()
        os.close(self._descriptor)

    def _beat_on(self) -> None:
        while not self._ended.wait(BEAT):
            try:
                _beat(self._descriptor)
            except OSError:
                with suppress(OSError):  # no beat at all: an old one would date our death too early
                    os.ftruncate(self._descriptor, 0)


def last_alive(folder: Path, run_id: str) -> Moment | None:
    """None while that run lives; else a moment by which it had died. Blocks.

    Where nothing tells, that is now. JournalError where the lock cannot be asked for.
    """
    path = _lock_file(folder, run_id)
    try:
        with _opened(path) as descriptor:
            return _time_of_death(descriptor) if _is_dead(descriptor) else None
    except FileNotFoundError:
        return Moment.now()
    except OSError as error:
        raise disk_fault(path, error) from error


def forget(folder: Path, run_id: str) -> None:
    """Removes the file of a dead run; that of a living one stays. Blocks; JournalError where it cannot."""
    path = _lock_file(folder, run_id)
    try:
        with _opened(path) as descriptor:
            if _is_dead(descriptor):
                path.unlink()
    except FileNotFoundError:
        return
    except OSError as error:
        raise disk_fault(path, error) from error


def _lock_file(folder: Path, run_id: str) -> Path:
    return folder / f"{run_id}.lock"


def _make_locked(path: Path) -> int:
    """A descriptor of the new file, which holds its lock; the first beat is in it.

    Python opens close-on-exec: no program that we start inherits the lock and outlives us with it.
    """
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode=0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            _beat(descriptor)
            if os.fstat(descriptor).st_nlink:
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # before it was locked somebody took it for a dead run's and removed it


def _beat(descriptor: int) -> None:
    text = Moment.now().text().ljust(BEAT_SIZE - 1) + "\n"
    os.pwrite(descriptor, text.encode(), 0)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _is_dead(descriptor: int) -> bool:
    """Holds the file's lock until it is closed, if no living run does.

    The lock is shared, and only a run takes the exclusive one: those who ask do not see each other.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _time_of_death(descriptor: int) -> Moment:
    """Two beats after the last one, for a thread may be late; but not later than now."""
    now = Moment.now()
    try:
        beat = Moment.parse(os.pread(descriptor, BEAT_SIZE, 0).decode("ascii").rstrip())
    except ValueError:
        return now
    late = evolve(beat, seconds=beat.seconds + 2 * BEAT)
    return now if late.boot == now.boot and late.seconds > now.seconds else late
