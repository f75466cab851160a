"""A file read forward in blocks, with as much of it in memory as its reader asks for."""

from __future__ import annotations

import threading
from typing import BinaryIO

from ..audio.containers import Extent

BLOCK = 1 << 20
"""Bytes that are read at once; whoever waits for a stop waits for one block."""


class Stopped(Exception):
    """The judgement was called off."""


def check(stopped: threading.Event) -> None:
    """Raises `Stopped` once the event is set."""
    if stopped.is_set():
        raise Stopped


class Window:
    """Bytes of an extent: `data[0]` lies at `offset` in the file."""

    def __init__(self, stream: BinaryIO, extent: Extent, stopped: threading.Event) -> None:
        self.data = b""
        self.offset = extent.start
        self._stream = stream
        self._left = extent.length
        self._stopped = stopped
        stream.seek(extent.start)

    def hold(self, index: int, length: int) -> int:
        """Makes `length` bytes from `index` on be there, as far as the extent goes; gives their new index.

        What lies before `index` may be let go.
        """
        if index + length <= len(self.data) or not self._left:
            return index
        check(self._stopped)
        wanted = min(self._left, max(BLOCK, index + length - len(self.data)))
        block = self._stream.read(wanted)
        self._left = self._left - len(block) if len(block) == wanted else 0
        self.data = self.data[index:] + block
        self.offset += index
        return 0

    @property
    def at_end(self) -> bool:
        """Whether `data` reaches to the end of the extent."""
        return not self._left
