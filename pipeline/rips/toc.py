"""The disc's table of contents, as EAC and XLD print it."""

from __future__ import annotations

import re
from collections.abc import Iterator

ROW = re.compile(r"\s*(?P<track>\d+)\s*\|\s*[\d:. ]+\|\s*[\d:. ]+\|\s*(?P<start>\d+)\s*\|\s*(?P<end>\d+)\s*")
LONGEST_ROW = 120
SESSION_GAP = 11_400
"""Sectors between the audio of an enhanced CD and the session with its data track."""


def toc_tracks(text: str) -> int:
    """How many audio tracks the disc has; 0 where the log has no table."""
    rows = {int(row["track"]): (int(row["start"]), int(row["end"])) for row in _rows(text)}
    data = {
        track
        for track, (start, _) in rows.items()
        if track - 1 in rows and start - rows[track - 1][1] > SESSION_GAP
    }
    return len(rows) - len(data)


def _rows(text: str) -> Iterator[re.Match[str]]:
    """A log may hold anything, such as a line without end."""
    for line in text.splitlines():
        if len(line) <= LONGEST_ROW and (row := ROW.fullmatch(line)):
            yield row
