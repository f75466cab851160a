"""Files outside the albums: written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import MuaError
from .text import printable


def write_private(path: Path, data: bytes) -> None:
    """Writes a file that only its owner can read, in one step; missing folders are made.

    Blocks. Raises MuaError where the file cannot be written; what stood there before is then untouched.
    """
    with _writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    with _writing(path):
        _replace(path, data)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise MuaError(
            f"{printable(str(path))} cannot be written: {error.strerror}",
            hint="check the folder's permissions and the free space",
        ) from error


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".mua-async-{os.urandom(8).hex()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode=0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Without this a crash may undo the renaming."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
