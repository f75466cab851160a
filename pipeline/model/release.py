"""An album on its way to be published."""

from __future__ import annotations

from pathlib import Path

from attrs import field, frozen

from .album import Album
from .pieces import Pieces

SUFFIXES = {"image/png": "png", "image/webp": "webp"}


@frozen
class Cover:
    """A picture ready to be sent; it lives in memory and is never written into the album."""

    data: bytes = field(repr=False)
    mime: str
    width: int
    height: int
    source: str
    """Where it was found: a file name, or `embedded in FILE`."""

    @property
    def filename(self) -> str:
        return f"cover.{SUFFIXES.get(self.mime, 'jpg')}"


@frozen(eq=False)
class Release:
    """An album made ready to publish: its gaps filled, its cover chosen. It equals nothing but itself."""

    album: Album
    cover: Cover | None = None
    cover_problem: str | None = None
    """Why there is no cover, if there should be one."""


@frozen
class Words:
    """What one tracker's templates make of a release."""

    name: str
    description: str


@frozen
class PreparedAlbum:
    """A release with its pieces and its words: what the fan-out hands to each tracker."""

    release: Release
    pieces: Pieces
    words: Words
    signature: bytes = b""
    """Of the album's files as they were scanned."""

    @property
    def path(self) -> Path:
        """Where the user knows the album."""
        return self.release.album.files.library_path

    @property
    def content_id(self) -> str:
        return self.release.album.content_id
