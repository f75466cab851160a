"""Lines on a stream whose reader may leave, or whose disk may be full."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, TextIO

from attrs import frozen

if TYPE_CHECKING:
    from rich.console import Console


@frozen
class Line:
    """A line of a report; `style` colours its text on a terminal."""

    text: str
    style: str = ""
    lead: str = ""


def write_lines(stream: TextIO, lines: Iterable[Line]) -> None:
    """Without colours."""
    LineWriter(stream).write(*(line.lead + line.text for line in lines))


def print_lines(console: Console, lines: Iterable[Line]) -> None:
    """In colours; addresses and paths are never broken into lines."""
    from rich.text import Text

    for line in lines:
        console.print(Text.assemble(line.lead, (line.text, line.style)), soft_wrap=True)


class LineWriter:
    """Writes and flushes line by line; once the reader has left (`| head`) or writing fails, it stays silent.

    Characters that the stream's encoding lacks are written as escapes.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.closed = False
        self.failed = False
        """Lines were lost that somebody wanted: the disk is full, say."""

    def write(self, *lines: str) -> None:
        if self.closed or not lines:
            return
        encoding = self._stream.encoding or "utf-8"
        text = "".join(f"{line}\n" for line in lines)
        try:
            self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
            self._stream.flush()
        except OSError as error:
            self.closed = True
            self.failed = not isinstance(error, BrokenPipeError)
            _discard(self._stream)


def _discard(stream: TextIO) -> None:
    """Lets what is still buffered go nowhere: the interpreter flushes it at exit and would complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
