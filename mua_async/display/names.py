"""What an album is called in lines that stand alone."""

from __future__ import annotations

from pathlib import Path

from pipeline.events import AlbumEvent, TagsRead

from .text import album_label

KEPT = 1000
"""Albums; far more than are ever under way at once, and the library may be larger than memory."""


class AlbumNames:
    """Learns the names of albums from the events and forgets those of long ago."""

    def __init__(self) -> None:
        self._labels: dict[Path, str] = {}

    def label(self, event: AlbumEvent) -> str:
        """The name of the event's album; it grows when its tags are read."""
        label = self._labels.get(event.album) or album_label(event.album)
        if isinstance(event, TagsRead):
            self._labels[event.album] = album_label(event.album, event.artist, event.title)
            if len(self._labels) > KEPT:
                del self._labels[next(iter(self._labels))]
        return label
