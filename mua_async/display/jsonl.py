"""Events as JSON Lines, for scripts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

import attrs

from pipeline.events import AlbumEvent, BytesHashed, BytesSent, CellEvent, Event, PreparedFile, RunFinished
from pipeline.outcome import Outcome
from pipeline.text import valid_text

from .lines import LineWriter

PROGRESS_INTERVAL = 1.0
"""Seconds between two lines about the progress of one thing."""


class JsonLines:
    """Writes every event as one line; a relative path is meant from where the display was made.

    The lines are ASCII, so that no encoding of the stream can break them. Pairs, such as headers, are
    written as lists of `[name, value]`: their order matters, and a name may come twice.
    """

    def __init__(self, stream: TextIO) -> None:
        self._writer = LineWriter(stream)
        self._throttle = _Throttle()
        self._here = Path.cwd()

    def __call__(self, event: Event) -> None:
        if self._throttle.passes(event):
            self._writer.write(json.dumps(self._line(event)))

    @property
    def failed(self) -> bool:
        """Lines were lost since they could not be written; a reader that left wanted no more of them."""
        return self._writer.failed

    def _line(self, event: Event) -> dict[str, object]:
        line = {"event": event.event_name()} | self._fields(event)
        if not line.get("content_id", True):
            del line["content_id"]  # it is known once the tags are read
        if isinstance(event, RunFinished):
            line["counts"] = {outcome.value: event.counts.get(outcome, 0) for outcome in Outcome}
        return line

    def _fields(self, thing: Event | PreparedFile) -> dict[str, object]:
        return {field.name: self._plain(getattr(thing, field.name)) for field in attrs.fields(type(thing))}

    def _plain(self, value: object) -> object:
        match value:
            case Path():
                return valid_text(str(self._here / value))
            case str():
                return valid_text(value)
            case tuple():
                return [self._plain(item) for item in value]
            case Mapping():
                return {key: self._plain(item) for key, item in value.items()}
            case PreparedFile():
                return self._fields(value)
            case _:
                return value


class _Throttle:
    """Lets progress through at most once an interval for each thing, and always when it is complete."""

    def __init__(self) -> None:
        self._last: dict[tuple[Path, str | None], float] = {}

    def passes(self, event: Event) -> bool:
        if not isinstance(event, AlbumEvent):
            return True
        key = event.album, event.tracker if isinstance(event, CellEvent) else None
        if not isinstance(event, BytesHashed | BytesSent) or event.done >= event.size:
            self._last.pop(key, None)
            return True
        last = self._last.get(key)
        if last is not None and 0 <= event.at - last < PROGRESS_INTERVAL:
            return False
        self._last[key] = event.at
        return True
