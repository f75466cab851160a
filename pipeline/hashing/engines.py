"""What hashes the pieces: OpenSSL's one stream a core, or the many of the multibuffer extension."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha1
from typing import Protocol

from attrs import frozen

from ..model.files import AlbumFile
from .job import DIGEST_SIZE, Stripe, changed, unreadable
from .layout import Layout

CHUNK_SIZE = 1024 * 1024
"""Bytes read at once: the fewest hand-overs of the interpreter lock, and the best rate from a cold disk."""


class Engine(Protocol):
    """Hashes pieces; each worker has its own, so it may keep buffers."""

    def hash_stripes(self, stripes: Sequence[Stripe]) -> None:
        """Stores the digests of all stripes in their jobs; a job that fails or is stopped ends alone."""
        ...


@frozen
class EngineKind:
    """A kind of engine: `lanes` is how many pieces one of them wants at a time."""

    name: str
    """As it is shown: `hashlib`, or `multibuffer (AVX-512 x16)`."""
    make: Callable[[], Engine]
    lanes: int = 1
    most_workers: int | None = None
    trusted: bool = False
    """Its digests need no proof by hashlib."""
    note: str = ""
    """Why it is this one and no faster one."""


class Unavailable(Exception):
    """An engine cannot be used here; says why."""


class Stopped(Exception):
    """Ends a stripe whose job was stopped."""


class HashlibEngine:
    """OpenSSL's SHA-1, one stream at a time."""

    def __init__(self) -> None:
        self._buffer = memoryview(bytearray(CHUNK_SIZE))

    def hash_stripes(self, stripes: Sequence[Stripe]) -> None:
        for stripe in stripes:
            with stripe.job.held():
                try:
                    self._hash(stripe)
                except Stopped:
                    pass
                except Exception as error:  # noqa: BLE001 - the worker's boundary: the job raises it
                    stripe.job.fail(error)

    def _hash(self, stripe: Stripe) -> None:
        job, first = stripe.job, stripe.pieces.start * stripe.job.layout.piece_length
        cutters = [Cutter(length, first // length, digests) for length, digests in job.digests.items()]
        for chunk in read_chunks(job.layout, stripe.pieces, self._buffer):
            if job.stopped:
                raise Stopped
            for cutter in cutters:
                cutter.update(chunk)
            job.count(len(chunk))
        for cutter in cutters:
            cutter.finish()


class Cutter:
    """Hashes a stream in pieces of one length, and stores their digests from the piece `number` on."""

    def __init__(self, length: int, number: int, digests: bytearray) -> None:
        self._length = self._missing = length
        self._number = number
        self._digests = digests
        self._hash = sha1(usedforsecurity=False)

    def update(self, chunk: memoryview) -> None:
        begin = 0
        while begin < len(chunk):
            part = chunk[begin : begin + self._missing]
            self._hash.update(part)
            begin += len(part)
            self._missing -= len(part)
            if not self._missing:
                self._store()

    def finish(self) -> None:
        """Stores the last piece, if it is a short one."""
        if self._missing < self._length:
            self._store()

    def _store(self) -> None:
        at = DIGEST_SIZE * self._number
        self._digests[at : at + DIGEST_SIZE] = self._hash.digest()
        self._number, self._missing = self._number + 1, self._length
        self._hash = sha1(usedforsecurity=False)


def read_chunks(layout: Layout, pieces: range, buffer: memoryview) -> Iterator[memoryview]:
    """The stream of the pieces, small files packed together; a chunk is valid until the next.

    Raises HashError where a file ends too early or cannot be read.
    """
    filled = 0
    for segment in layout.segments(pieces.start, len(pieces)):
        offset, end = segment.offset, segment.offset + segment.length
        with opened(segment.file) as descriptor:
            while offset < end:
                room = buffer[filled : filled + end - offset]
                read = os.preadv(descriptor, [room], offset)
                if not read:
                    raise changed(segment.file)
                offset += read
                filled += read
                if filled == len(buffer):
                    yield buffer
                    filled = 0
    yield buffer[:filled]


def hash_piece(layout: Layout, number: int) -> bytes:
    """The digest of one piece, by hashlib. Blocks; raises HashError as `read_chunks` does."""
    digest = sha1(usedforsecurity=False)
    for chunk in read_chunks(
        layout, range(number, number + 1), memoryview(bytearray(min(CHUNK_SIZE, layout.piece_length)))
    ):
        digest.update(chunk)
    return digest.digest()


@contextmanager
def opened(file: AlbumFile) -> Iterator[int]:
    """A descriptor to read the file with; an OSError on the way becomes the HashError that names it."""
    try:
        descriptor = os.open(file.path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe in its place must not hold us
        try:
            yield descriptor
        finally:
            os.close(descriptor)
    except OSError as error:
        raise unreadable(file, error) from error


HASHLIB = EngineKind("hashlib", HashlibEngine, trusted=True)
