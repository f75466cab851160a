"""A process that reads albums: a file set comes in at stdin, its answer goes out at stdout."""

from __future__ import annotations

import gc
import signal
from typing import BinaryIO

from ..errors import AlbumError
from ..model.files import FileSet
from .messages import LENGTH_BYTES, Answer, Refusal, length_of, packed, unpacked
from .read import read_files

REQUESTS, ANSWERS = 0, 1
"""File descriptors."""


def main() -> None:
    """Answers until stdin ends; whatever else goes wrong ends it, and the program reads by itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the program decides when it is over
    gc.freeze()
    with open(REQUESTS, "rb") as requests, open(ANSWERS, "wb") as answers:
        while (files := _next(requests)) is not None:
            answers.write(packed(_answer(files)))
            answers.flush()


def _next(requests: BinaryIO) -> FileSet | None:
    head = requests.read(LENGTH_BYTES)
    if len(head) < LENGTH_BYTES:
        return None
    files = unpacked(requests.read(length_of(head)))
    return files if isinstance(files, FileSet) else None


def _answer(files: FileSet) -> Answer:
    try:
        return Answer(files.root, read_files(files))
    except AlbumError as error:
        return Answer(files.root, Refusal.of(error))
