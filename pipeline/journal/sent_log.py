"""The second memory of what was sent: a text file that only grows and outlives a restored journal."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from .faults import disk_fault


class SentLog:
    """JSON Lines that several processes append to. Blocks; JournalError where the disk refuses."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, entry: Mapping[str, object]) -> None:
        """Adds one line; it is on the disk when this returns."""
        try:
            with _opened(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT) as descriptor:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                _append(descriptor, json.dumps(entry).encode() + b"\n", self._path.parent)
        except OSError as error:
            raise disk_fault(self._path, error) from error

    def read_from(self, offset: int) -> tuple[list[dict[str, object]], int]:
        """The entries of the lines from that byte on, and the byte behind the last whole line.

        Lines that make no sense are passed over. A file shorter than `offset` is another one, and read from
        its start; one that is missing is empty.
        """
        try:
            with _opened(self._path, os.O_RDONLY) as descriptor:
                start = offset if offset <= os.fstat(descriptor).st_size else 0
                data = _read_from(descriptor, start)
        except FileNotFoundError:
            return [], 0
        except OSError as error:
            raise disk_fault(self._path, error) from error
        whole, newline, _ = data.rpartition(b"\n")
        entries = [entry for line in whole.split(b"\n") if (entry := _entry(line)) is not None]
        return entries, start + len(whole) + len(newline)


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    descriptor = os.open(path, flags, mode=0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _append(descriptor: int, line: bytes, folder: Path) -> None:
    """Under the lock, so that nobody else finds the file empty or torn."""
    size = os.fstat(descriptor).st_size
    if not size:
        _sync_folder(folder)  # before the first line: who finds lines need not ask whether this was done
    elif os.pread(descriptor, 1, size - 1) != b"\n":
        line = b"\n" + line  # a crash tore the last one
    _write_whole(descriptor, line)
    os.fsync(descriptor)


def _read_from(descriptor: int, offset: int) -> bytes:
    with open(descriptor, "rb", closefd=False) as file:
        file.seek(offset)
        return file.read()


def _write_whole(descriptor: int, data: bytes) -> None:
    """Writes at once; a disk that fills up takes a part, and its refusal comes with the rest."""
    while data:
        data = data[os.write(descriptor, data) :]


def _entry(line: bytes) -> dict[str, object] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
