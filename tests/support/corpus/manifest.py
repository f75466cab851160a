"""What is true of an album of the corpus, written down where it is made."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen


@frozen(kw_only=True)
class Truth:
    """What a site may be told; `refused` tells the reason for each tracker that must not get the album."""

    id: str
    artist: str = ""
    title: str = ""
    year: int | None = None
    edition: str = ""
    """What stands in braces in its name."""
    media: str = ""
    category: str = "SINGLE"
    """A key of `category_ids`."""
    format: str = "FLAC"
    """A key of `format_ids`."""
    quality: str = "FLAC 16bit 44.1 kHz"
    told: frozenset[str] = field(factory=lambda: frozenset({"16 bit", "16bit", "44.1 kHz"}))
    genres: tuple[str, ...] = ()
    tracks: tuple[str, ...] = ()
    left_out: frozenset[str] = frozenset()
    """Files of the folder that no torrent may hold."""
    refused: Mapping[str, str] = field(factory=dict)
    """The reason by tracker; `*` is every one."""

    @property
    def name(self) -> str:
        """As the default template has it."""
        parts = [f"{self.artist} - {self.title}"]
        if self.year:
            parts.append(f"({self.year})")
        if self.edition:
            parts.append(f"{{{self.edition}}}")
        parts.append(f"[{f'{self.media} ' if self.media else ''}{self.quality}]")
        return unicodedata.normalize("NFC", " ".join(parts))

    def refused_by(self, tracker: str) -> str | None:
        return self.refused.get(tracker) or self.refused.get("*")


@frozen
class CorpusAlbum:
    folder: Path
    truth: Truth
