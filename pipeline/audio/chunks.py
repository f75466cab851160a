"""The chunks of the containers of the IFF family: WAV, AIFF, DSF and DSDIFF."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Literal

from attrs import frozen

from ..model.audio import Container
from .containers import AudioError, Extent, file_size, read_at

MAX_HEADER = 65_536
"""Bytes that are read of a chunk which describes the audio; they have some dozens."""


@frozen
class Layout:
    """How a container writes its chunks."""

    first: int
    """Where the first chunk begins."""
    byte_order: Literal["little", "big"]
    length_bytes: int
    padded: bool = True
    """Chunks begin at even positions."""
    counts_header: bool = False
    """A chunk's length includes its name and the length itself."""


LAYOUTS = {
    Container.RIFF: Layout(12, "little", 4),
    Container.AIFF: Layout(12, "big", 4),
    Container.DSDIFF: Layout(16, "big", 8),
    Container.DSF: Layout(0, "little", 8, padded=False, counts_header=True),
}


def chunks(
    stream: BinaryIO, container: Container, start: int | None = None
) -> Iterator[tuple[bytes, Extent]]:
    """The chunks of a file, up to the one that runs over its end, which comes last."""
    layout = LAYOUTS[container]
    position, size = layout.first if start is None else start, file_size(stream)
    header_length = 4 + layout.length_bytes
    while position + header_length <= size:
        header = read_at(stream, position, header_length)
        length = int.from_bytes(header[4:], layout.byte_order)
        body = position + header_length
        chunk = Extent(body, max(body, position + length) if layout.counts_header else body + length)
        yield header[:4], chunk
        position = chunk.end + (chunk.length % 2 if layout.padded else 0)


def find_chunks(stream: BinaryIO, container: Container, *names: bytes) -> dict[bytes, Extent]:
    """The first chunk of each of these names, as far as they are there."""
    found: dict[bytes, Extent] = {}
    for name, chunk in chunks(stream, container):
        if name in names:
            found.setdefault(name, chunk)
        if len(found) == len(names):
            break
    return found


def whole(stream: BinaryIO, samples: Extent | None) -> Extent:
    """The chunk of samples, which must be there to its end."""
    if samples is None or samples.length <= 0:
        raise AudioError("holds no samples")
    missing = samples.end - file_size(stream)
    if missing > 0:
        raise AudioError(f"is cut short: {missing} bytes of its samples are missing")
    return samples


def chunk_bytes(stream: BinaryIO, chunk: Extent | None, at_least: int) -> bytes:
    """A chunk that describes the audio."""
    if chunk is None or chunk.length < at_least:
        raise AudioError("does not tell what its audio is")
    return read_at(stream, chunk.start, min(chunk.length, MAX_HEADER))
