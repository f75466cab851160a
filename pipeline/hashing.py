"""Hashes albums into pieces at the speed of the hardware, many at once, in one pool of threads."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha1
from threading import Lock
from typing import Protocol

from anyio import CapacityLimiter, create_task_group, sleep, to_thread

from .errors import HashError
from .layout import Layout, piece_length_for
from .model import AlbumFile, FileSet, Pieces
from .text import printable

DIGEST_SIZE = 20
CHUNK_SIZE = 1024 * 1024
"""Bytes read at once: the fewest hand-overs of the interpreter lock, and the best rate from a cold disk."""
STRIPE_SIZE = 4 * CHUNK_SIZE
"""Bytes that a worker takes at a time, at least: taking short pieces one by one costs more than hashing."""
POLL_SECONDS = 0.1
SWITCH_SECONDS = 1e-4

Progress = Callable[[int, int], None]
"""Is told the bytes done and the bytes in all."""


class Stopped(Exception):
    """Ends a worker whose job was stopped."""


class Job:
    """One album under way: what its workers share."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.digests = bytearray(DIGEST_SIZE * layout.pieces)
        self.done = 0
        """Bytes hashed so far."""
        self.error: HashError | None = None
        self._next = 0
        self._stopped = False
        self._lock = Lock()

    def take(self, count: int) -> range:
        """The next `count` pieces that nobody has taken; empty at the end."""
        with self._lock:
            first = self._next
            self._next = min(first + count, self.layout.pieces)
            return range(first, self._next)

    def put(self, piece: int, digest: bytes) -> None:
        """Stores a piece's digest in its place."""
        self.digests[piece * DIGEST_SIZE : (piece + 1) * DIGEST_SIZE] = digest

    def advance(self, size: int) -> None:
        """Counts bytes; raises Stopped where the work is no longer wanted, so call it often."""
        if self._stopped:
            raise Stopped
        with self._lock:
            self.done += size

    def stop(self) -> None:
        self._stopped = True

    def fail(self, error: HashError) -> None:
        self.error = error
        self.stop()


class Engine(Protocol):
    """Hashes pieces; each worker has its own, so it may keep buffers."""

    def stripe(self, piece_length: int) -> int:
        """How many pieces it wants at a time."""
        ...

    def hash_stripe(self, job: Job, pieces: range) -> None:
        """Puts the digests of consecutive pieces into the job; raises HashError, and lets Stopped pass."""
        ...


class HashlibEngine:
    """OpenSSL's SHA-1, one stream at a time."""

    def __init__(self) -> None:
        self._buffer = memoryview(bytearray(CHUNK_SIZE))

    def stripe(self, piece_length: int) -> int:
        return max(1, STRIPE_SIZE // piece_length)

    def hash_stripe(self, job: Job, pieces: range) -> None:
        piece, missing = pieces.start, job.layout.piece_length
        digest = sha1(usedforsecurity=False)
        for chunk in self._chunks(job, pieces):
            begin = 0
            while begin < len(chunk):
                part = chunk[begin : begin + missing]
                digest.update(part)
                begin += len(part)
                missing -= len(part)
                if not missing:
                    job.put(piece, digest.digest())
                    piece, missing = piece + 1, job.layout.piece_length
                    digest = sha1(usedforsecurity=False)
            job.advance(len(chunk))
        if piece in pieces:
            job.put(piece, digest.digest())

    def _chunks(self, job: Job, pieces: range) -> Iterator[memoryview]:
        """The stream of the pieces, small files packed together; a chunk is valid until the next."""
        filled = 0
        for segment in job.layout.segments(pieces.start, len(pieces)):
            offset, end = segment.offset, segment.offset + segment.length
            with opened(segment.file) as descriptor:
                while offset < end:
                    room = self._buffer[filled : filled + end - offset]
                    read = os.preadv(descriptor, [room], offset)
                    if not read:
                        raise _changed(segment.file)
                    offset += read
                    filled += read
                    if filled == CHUNK_SIZE:
                        yield self._buffer
                        filled = 0
        yield self._buffer[:filled]


class HashPool:
    """Hashes any number of albums at once with as many threads as there are cores.

    Albums are served in the order in which they come; threads that one leaves idle at its end begin the next.
    One pool a process: it sets the interpreter's switch interval.
    """

    def __init__(self, engine: Callable[[], Engine] = HashlibEngine, *, workers: int | None = None) -> None:
        self.workers = workers or usable_cores()
        self._limiter = CapacityLimiter(self.workers)
        self._idle = [engine() for _ in range(self.workers)]
        self._albums = 0
        self._switch_interval = 0.0

    async def hash_files(
        self, files: FileSet, piece_length: int | None = None, *, progress: Progress
    ) -> Pieces:
        """The album's pieces, `piece_length` bytes each, by default as `piece_length_for` has it.

        `progress` is called in the event loop about every 100 ms, and at the end. Raises HashError where
        a file is not, or does not stay, what the scan saw.
        """
        layout = Layout(files, piece_length_for(files.size) if piece_length is None else piece_length)
        job = Job(layout)
        await to_thread.run_sync(check_unchanged, files)
        with self._short_switch_interval():
            await self._run(job, progress)
        if job.error:
            raise job.error
        await to_thread.run_sync(check_unchanged, files)
        progress(layout.size, layout.size)
        return Pieces(files, layout.piece_length, bytes(job.digests))

    async def _run(self, job: Job, progress: Progress) -> None:
        async with create_task_group() as watch:
            watch.start_soon(_watch, job, progress)
            async with create_task_group() as workers:
                for _ in range(self.workers):
                    workers.start_soon(self._work, job)
            watch.cancel_scope.cancel()

    async def _work(self, job: Job) -> None:
        await to_thread.run_sync(self._hash_stripes, job, limiter=self._limiter)

    def _hash_stripes(self, job: Job) -> None:
        engine = self._idle.pop()  # never empty: the limiter lets in no more threads than there are engines
        try:
            while pieces := job.take(engine.stripe(job.layout.piece_length)):
                engine.hash_stripe(job, pieces)
        except Stopped:
            pass
        except HashError as error:
            job.fail(error)
        finally:
            self._idle.append(engine)

    @contextmanager
    def _short_switch_interval(self) -> Iterator[None]:
        """Lets the workers have the interpreter lock back soon while other threads compute.

        They need it for microseconds after each chunk; by default each time costs them 5 ms of waiting.
        """
        if not self._albums:
            self._switch_interval = sys.getswitchinterval()
            sys.setswitchinterval(SWITCH_SECONDS)
        self._albums += 1
        try:
            yield
        finally:
            self._albums -= 1
            if not self._albums:
                sys.setswitchinterval(self._switch_interval)


async def _watch(job: Job, progress: Progress) -> None:
    """Reports until it is cancelled; a worker's thread cannot be, so it is stopped from here."""
    try:
        while True:
            progress(job.done, job.layout.size)
            await sleep(POLL_SECONDS)
    finally:
        job.stop()


def usable_cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_unchanged(files: FileSet) -> None:
    """Raises HashError for the first file that is not what the scan saw. Blocks."""
    for file in files.files:
        try:
            now = os.stat(file.path)
        except OSError as error:
            raise _unreadable(file, error) from error
        seen = (file.size, file.mtime_ns, file.ctime_ns, file.inode)
        if seen != (now.st_size, now.st_mtime_ns, now.st_ctime_ns, now.st_ino):
            raise _changed(file)


@contextmanager
def opened(file: AlbumFile) -> Iterator[int]:
    """A descriptor to read the file with; an OSError on the way becomes the HashError that names it."""
    try:
        descriptor = os.open(file.path, os.O_RDONLY)
        try:
            yield descriptor
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _unreadable(file, error) from error


def _changed(file: AlbumFile) -> HashError:
    return HashError(
        f"{printable(str(file.path))} has changed since it was scanned",
        path=file.path,
        reason="changed",
        hint="wait until nothing writes to the album any more, then run again",
    )


def _unreadable(file: AlbumFile, error: OSError) -> HashError:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return HashError(
            f"{printable(str(file.path))} has vanished since it was scanned",
            path=file.path,
            reason="vanished",
            hint="if it was moved or renamed, run again",
        )
    return HashError(
        f"{printable(str(file.path))} cannot be read: {error.strerror}",
        path=file.path,
        reason="unreadable",
        hint="check the file's permissions and the disk",
    )
