"""What `--debug` shows: the requests that would have been sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO

from pipeline.events import AlbumEvent, Event, PreparedFile, RequestPrepared
from pipeline.text import printable

from .lines import LineWriter
from .names import AlbumNames


class DryRunPrinter:
    """Prints each prepared request whole; `finish()` ends the print."""

    def __init__(self, stream: TextIO) -> None:
        self._writer = LineWriter(stream)
        self._names = AlbumNames()

    def __call__(self, event: Event) -> None:
        if not isinstance(event, AlbumEvent):
            return
        label = self._names.label(event)
        if isinstance(event, RequestPrepared):
            self._writer.write(f"{label} -> {event.tracker}", *_request(event), "")

    def finish(self) -> None:
        self._writer.write("Nothing was sent.")


def _request(event: RequestPrepared) -> Iterator[str]:
    yield f"  {event.method} {printable(event.url)}"
    yield "  headers"
    for name, value in event.headers:
        yield f"    {printable(name)}: {printable(value)}"
    yield "  fields"
    yield from _fields(event.fields)
    yield "  files"
    yield from _files(event.files)


def _fields(fields: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, value in fields:
        first, *others = value.split("\n")
        if others:
            yield f"    {printable(name)}:"
            yield from (f"      {printable(line)}" for line in (first, *others))
        else:
            yield f"    {printable(name)}: {printable(first)}"


def _files(files: Iterable[PreparedFile]) -> Iterator[str]:
    for file in files:
        yield f"    {printable(file.field)}: {printable(file.name)} ({file.size} bytes, sha1 {file.sha1})"
