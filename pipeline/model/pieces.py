"""What hashing makes of a file set: its pieces, and a torrent of them."""

from __future__ import annotations

from attrs import field, frozen

from .files import FileSet


@frozen
class Pieces:
    """The SHA-1 digests of a file set, 20 bytes a piece, the same for every tracker."""

    files: FileSet = field(repr=False)
    piece_length: int
    digests: bytes = field(repr=False)
    distrusted_engine: str | None = None
    """The engine that a sample proved wrong, if one was: these digests are hashlib's."""

    @property
    def count(self) -> int:
        return len(self.digests) // 20


@frozen
class Torrent:
    """A .torrent made for one tracker; `data` carries the announce URL, so it is never shown."""

    name: str
    data: bytes = field(repr=False)
    infohash: str
    """40 hex digits, lower case."""
    piece_length: int
