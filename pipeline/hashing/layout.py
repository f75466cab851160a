"""How the files of an album lie one behind the other in a torrent's stream, and where its pieces cut them."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from attrs import field, frozen

from ..errors import HashError
from ..model.files import AlbumFile, FileSet
from ..model.rules import SiteRules
from ..text import printable

SHORTEST_PIECE = 16 * 1024
LONGEST_PIECE = 16 * 1024 * 1024
MOST_PIECES = 1920


def piece_length_for(size: int) -> int:
    """The piece length for an album of `size` bytes: a power of two, 16 KiB to 16 MiB.

    The shortest that makes at most 1920 pieces, which is Upload-Assistant's ladder (480 MiB: 256 KiB,
    960 MiB: 512 KiB): private trackers know it, and the digests stay below 40 KiB.
    """
    length = SHORTEST_PIECE
    while length < LONGEST_PIECE and size > MOST_PIECES * length:
        length *= 2
    return length


def piece_length_under(rules: SiteRules, files: FileSet, wanted: int | None = None) -> int:
    """The piece length for an album at a site: the wanted one, else as `piece_length_for` within the limits.

    Raises HashError (`torrent_too_large`) where no piece length, or not the wanted one, keeps the .torrent
    as small as the site takes it.
    """
    longest = min(rules.piece_length_max or LONGEST_PIECE, LONGEST_PIECE)
    length = wanted or min(piece_length_for(files.size), 1 << (longest.bit_length() - 1))
    if rules.torrent_bytes_max is None:
        return length
    while torrent_size(files, length) > rules.torrent_bytes_max:
        if wanted or length * 2 > longest:
            raise HashError(
                f"{printable(str(files.root))} makes a .torrent of more than {rules.torrent_bytes_max} bytes",
                path=files.root,
                reason="torrent_too_large",
                hint="the site takes no larger one: "
                + ("choose longer pieces" if wanted else "upload the album in parts"),
            )
        length *= 2
    return length


def torrent_size(files: FileSet, piece_length: int) -> int:
    """The most bytes that a .torrent of the album takes, its announce URL being shorter than 1 KiB."""
    names = sum(len(os.fsencode(part)) + 5 for file in files.files for part in file.parts)
    return 2048 + len(files.files) * 45 + names + 20 * -(-files.size // piece_length)


@frozen
class Segment:
    """`length` bytes of one file, from `offset` on."""

    file: AlbumFile
    offset: int
    length: int


@frozen
class Layout:
    """A file set cut into pieces of `piece_length` bytes; empty files take no place in the stream.

    Raises HashError (`empty_album`) where there is no byte to hash.
    """

    files: FileSet = field(repr=False)
    piece_length: int
    size: int = field(init=False)
    """The whole stream, in bytes."""
    pieces: int = field(init=False)
    """Their number; the last one may be short."""
    _starts: tuple[int, ...] = field(init=False, repr=False)

    @size.default
    def _size(self) -> int:
        if size := self.files.size:
            return size
        raise HashError(
            f"{printable(str(self.files.root))} holds nothing but empty files",
            path=self.files.root,
            reason="empty_album",
            hint="copy the album again from where it came from",
        )

    @pieces.default
    def _pieces(self) -> int:
        return -(-self.size // self.piece_length)

    @_starts.default
    def _first_bytes(self) -> tuple[int, ...]:
        return tuple(accumulate((file.size for file in self.files.files), initial=0))[:-1]

    def segments(self, first: int, count: int = 1) -> Iterator[Segment]:
        """Where the bytes of `count` pieces from `first` on lie, in order."""
        position = first * self.piece_length
        end = min(position + count * self.piece_length, self.size)
        index = bisect_right(self._starts, position) - 1
        while position < end:
            file = self.files.files[index]
            offset = position - self._starts[index]
            length = min(file.size - offset, end - position)
            if length:
                yield Segment(file, offset, length)
            position += length
            index += 1
