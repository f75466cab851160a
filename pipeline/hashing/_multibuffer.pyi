from array import array

from typing_extensions import Buffer

Run = tuple[array[int], int, tuple[tuple[int, Buffer], ...], tuple[bytes, ...], array[int]]
"""Consecutive pieces of one album: control, first piece, grids, paths, spans.

control: three 64-bit words, `done` (bytes read), `stop` (not 0 ends the album), `busy` (not 0 while a file
may be open or a digest be written); first piece: its number, counted in the longest piece length; grids: each
piece length, the longest first, with the memory for the album's digests; paths, spans: the segments, two
64-bit words (offset, length) for each path.
"""

def kernels() -> tuple[tuple[str, int], ...]:
    """Name and number of lanes of each kernel that this processor can run, best first."""

def hash_runs(kernel: str, runs: tuple[Run, ...], buffer: Buffer, /) -> list[tuple[int, int, int]]:
    """Stores the digests of all pieces of the runs; does not hold the interpreter's lock meanwhile.

    The lanes share `buffer`, which bounds what is read at once. Returns the faults: run, segment, errno;
    errno is 0 where a file ended too early. A fault sets the `stop` of its album. Raises ValueError for
    arguments that do not fit together.
    """
