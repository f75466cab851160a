"""The threads that hash: one queue for all albums, so that no lane is idle while any album waits."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Sequence
from threading import Lock, Thread
from typing import TYPE_CHECKING

from ..model.files import FileSet
from .engines import HASHLIB, Engine, EngineKind, hash_piece
from .job import DIGEST_SIZE, Job, Stripe, check_unchanged
from .layout import Layout

if TYPE_CHECKING:
    from ..model.pieces import Pieces

SMALLEST_BATCH = 4 * 1024 * 1024
LARGEST_BATCH = 64 * 1024 * 1024
"""Bytes that a worker takes at a time: worth the interpreter's lock, and few enough to end together."""

SWITCH_SECONDS = 1e-4


class HashWorkers:
    """Plain threads, as many as there are cores, that live only while there is something to hash.

    Albums are served in the order in which they come. One a process, for the interpreter's switch interval.
    """

    def __init__(self, engine: EngineKind, workers: int | None = None) -> None:
        self.kind = engine
        self.workers = workers or min(usable_cores(), engine.most_workers or usable_cores())
        self._queue: deque[Job] = deque()
        self._engines: list[Engine] = []
        """Those that no thread uses: their buffers are dear to make."""
        self._running = 0
        self._albums = 0
        self._switch_interval = 0.0
        self._lock = Lock()

    def distrust(self, kind: EngineKind) -> None:
        """From now on hashlib hashes whatever that kind of engine has not begun."""
        with self._lock:
            if self.kind is kind:
                self.kind, self._engines = HASHLIB, []

    def submit(self, job: Job) -> None:
        """Queues the job, which is under way when this returns; `retire` must follow in the end."""
        with self._lock:
            self._queue.append(job)
            self._shorten_switch_interval()
            wanted = -(-job.layout.pieces * len(job.digests) // self.kind.lanes)
            started = min(wanted, self.workers - self._running)
            self._running += started
        for _ in range(started):
            Thread(target=self._work, name="mua-async-hash").start()

    def retire(self, job: Job) -> None:
        """Forgets a job that has ended."""
        with self._lock:
            if job in self._queue:
                self._queue.remove(job)
            self._albums -= 1
            if not self._albums:
                sys.setswitchinterval(self._switch_interval)

    def _shorten_switch_interval(self) -> None:
        """Lets the workers have the interpreter's lock back soon while other threads compute.

        They need it for microseconds after each batch; by default each time costs them 5 ms of waiting.
        """
        if not self._albums:
            self._switch_interval = sys.getswitchinterval()
            sys.setswitchinterval(SWITCH_SECONDS)
        self._albums += 1

    def _work(self) -> None:
        kind, engine = self._borrow()
        while stripes := self._take(kind, engine):
            try:
                engine.hash_stripes(stripes)
            except Exception as error:  # noqa: BLE001 - the worker's boundary: the jobs raise it
                for stripe in stripes:
                    stripe.job.fail(error)
            for stripe in stripes:
                stripe.job.finish(stripe.pieces)
            if kind is not self.kind:
                kind, engine = self._borrow()

    def _borrow(self) -> tuple[EngineKind, Engine]:
        with self._lock:
            return self.kind, self._engines.pop() if self._engines else self.kind.make()

    def _take(self, kind: EngineKind, engine: Engine) -> list[Stripe]:
        """What a worker hashes next; where nothing is left, the worker ends and leaves its engine behind."""
        with self._lock:
            while self._queue and not self._queue[0].untaken:
                self._queue.popleft()
            if self._queue:
                return self._next_batch(kind.lanes)
            self._running -= 1
            if kind is self.kind:
                self._engines.append(engine)
            return []

    def _next_batch(self, width: int) -> list[Stripe]:
        """Pieces of the first album, and of as many behind it as it takes to fill all lanes."""
        left = sum(job.untaken * job.layout.piece_length for job in self._queue)
        size, lanes = max(SMALLEST_BATCH, min(left // (2 * self.workers), LARGEST_BATCH)), width
        stripes: list[Stripe] = []
        for job in self._queue:
            if size <= 0 and lanes <= 0:
                break
            stripe = Stripe(job, job.take(_fair_count(job, width, size, lanes)))
            if stripe.pieces:
                stripes.append(stripe)
            size -= len(stripe.pieces) * job.layout.piece_length
            lanes -= len(stripe.pieces) * len(job.digests)
        return stripes


def _fair_count(job: Job, width: int, size: int, lanes: int) -> int:
    """How many pieces make `size` bytes and fill so many lanes, in whole turns of all lanes."""
    turn = max(1, width // len(job.digests))
    wanted = max(size / job.layout.piece_length, lanes / len(job.digests))
    return min(job.untaken, max(1, -int(-wanted // turn)) * turn)


class AlbumHash:
    """One album's way through the workers: hashed, its files checked, and a sample of it proved.

    `piece_lengths` are hashed from one read of the files; each divides the longest.
    """

    def __init__(self, workers: HashWorkers, files: FileSet, piece_lengths: Sequence[int]) -> None:
        self._workers = workers
        self._kind = workers.kind
        self._files = files
        self._job = Job(files, piece_lengths)
        self._stopped = False

    @property
    def size(self) -> int:
        return self._job.layout.size

    @property
    def done(self) -> int:
        """Bytes read so far; they begin anew where the album is hashed again."""
        return min(self._job.done, self.size)

    def stop(self) -> None:
        """Ends the work soon; `result` then returns nothing."""
        self._stopped = True
        self._job.stop()

    def start(self) -> None:
        """Begins without waiting; `result` must follow."""
        self._kind = self._workers.kind
        self._workers.submit(self._job)

    def ended(self, seconds: float) -> bool:
        """Waits at most so long, and tells whether `result` has little left to wait for."""
        return self._job.ended(seconds)

    def result(self) -> tuple[Pieces, ...]:
        """The pieces in each length, the shortest last; none if it was stopped. Blocks.

        Raises HashError where a file cannot be read, or has not stayed what the scan saw.
        """
        from ..model.pieces import Pieces  # only now, while the threads hash

        distrusted = self._hash()
        return tuple(
            Pieces(self._files, length, bytes(digests), distrusted)
            for length, digests in self._job.digests.items()
            if not self._stopped
        )

    def _hash(self) -> str | None:
        """Waits for the digests; the name of the engine whose digests were thrown away, if they were."""
        self._wait()
        kind = self._kind
        if self._stopped or kind.trusted or (kind is self._workers.kind and self._sample_is_right()):
            return None
        self._workers.distrust(kind)
        self._job = Job(self._files, tuple(self._job.digests))
        self.start()
        self._wait()
        return kind.name

    def _wait(self) -> None:
        if self._stopped:
            self._job.stop()
        try:
            self._job.wait()
        finally:
            self._job.stop()
            self._workers.retire(self._job)
        if not self._stopped:
            check_unchanged(self._files)

    def _sample_is_right(self) -> bool:
        """Whether hashlib finds the same digest for a random piece of each length."""
        for length, digests in self._job.digests.items():
            layout = Layout(self._files, length)
            at = int.from_bytes(os.urandom(8)) % layout.pieces
            if hash_piece(layout, at) != digests[at * DIGEST_SIZE : (at + 1) * DIGEST_SIZE]:
                return False
        return True


def usable_cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
