"""The engine of the C extension, which hashes pieces side by side in one core; never trusted blindly."""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha1
from itertools import chain
from mmap import mmap
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from .engines import EngineKind, Unavailable
from .job import DIGEST_SIZE, Stripe, changed, unreadable

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from ._multibuffer import Run

    HashRuns = Callable[[str, tuple[Run, ...], Buffer], list[tuple[int, int, int]]]

LANE_SIZE = 512 * 1024
"""Bytes that a lane reads at once; all lanes together stay in the second-level cache."""
MOST_WORKERS = 8
"""Fewer saturate the memory; and each may have two files open for every lane."""

CHECKED_SIZE = 48 * 1024
CHECKED_LENGTHS = (61, 1025, 4099)
"""Bytes: shorter than a block, and not multiples of one."""

LABELS = {"avx512": "AVX-512", "shani": "SHA-NI", "avx2": "AVX2"}


@frozen
class Kernel:
    """One way to hash `lanes` pieces side by side."""

    name: str
    lanes: int
    hash_runs: HashRuns

    @property
    def label(self) -> str:
        return f"multibuffer ({LABELS.get(self.name, self.name)} x{self.lanes})"


class MultibufferEngine:
    """Hashes all stripes with one call, which holds the interpreter's lock at neither reading nor hashing."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._buffer = lane_memory(kernel)

    def hash_stripes(self, stripes: Sequence[Stripe]) -> None:
        segments = [
            tuple(stripe.job.layout.segments(stripe.pieces.start, len(stripe.pieces))) for stripe in stripes
        ]
        runs = tuple(
            (
                stripe.job.control,
                stripe.pieces.start,
                tuple(stripe.job.digests.items()),
                tuple(os.fsencode(segment.file.path) for segment in within),
                array("q", chain.from_iterable((segment.offset, segment.length) for segment in within)),
            )
            for stripe, within in zip(stripes, segments, strict=True)
        )
        for run, at, code in self._kernel.hash_runs(self._kernel.name, runs, self._buffer):
            file = segments[run][at].file
            error = unreadable(file, OSError(code, os.strerror(code))) if code else changed(file)
            stripes[run].job.fail(error)


def lane_memory(kernel: Kernel) -> mmap:
    """Memory that all lanes read into; unlike a bytearray, it is not filled while the interpreter waits."""
    return mmap(-1, kernel.lanes * LANE_SIZE)


@cache
def load(name: str | None = None) -> EngineKind:
    """The best kernel that this processor runs, or the one of that name, once it has passed the self-check.

    Raises Unavailable where there is none, or where it finds other digests than hashlib.
    """
    try:
        from . import _multibuffer
    except ImportError as error:
        raise Unavailable("its C extension is not installed; was it built without a compiler?") from error
    for found, lanes in _multibuffer.kernels():
        if name in (None, found):
            kernel = Kernel(found, lanes, _multibuffer.hash_runs)
            check(kernel, Path(_multibuffer.__file__))
            return engine_of(kernel)
    raise Unavailable("this processor lacks the instructions for it")


def engine_of(kernel: Kernel) -> EngineKind:
    """The engines that use the kernel."""
    return EngineKind(
        kernel.label, lambda: MultibufferEngine(kernel), lanes=kernel.lanes, most_workers=MOST_WORKERS
    )


def check(kernel: Kernel, sample: Path) -> None:
    """Hashes the beginning of a file in every lane; raises Unavailable for digests that are not hashlib's."""
    with sample.open("rb") as file:
        data = file.read(CHECKED_SIZE)
    found = {length: bytearray(DIGEST_SIZE * -(-len(data) // length)) for length in CHECKED_LENGTHS}
    paths, spans = (os.fsencode(sample),), array("q", [0, len(data)])
    runs = tuple(
        (array("q", [0, 0, 0]), 0, ((length, digests),), paths, spans) for length, digests in found.items()
    )
    faults = kernel.hash_runs(kernel.name, runs, lane_memory(kernel))
    if faults or any(digests != pieces_of(data, length) for length, digests in found.items()):
        raise Unavailable(f"{kernel.label} failed its self-check")


def pieces_of(data: bytes, length: int) -> bytes:
    """The digests of all pieces, by hashlib."""
    return b"".join(
        sha1(data[begin : begin + length], usedforsecurity=False).digest()
        for begin in range(0, len(data), length)
    )
