"""Hashes albums into pieces at the speed of the hardware, many at once, from the event loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from anyio import CapacityLimiter, create_task_group, sleep, to_thread
from anyio.abc import TaskStatus
from anyio.lowlevel import checkpoint

from ..errors import HashError
from ..model.files import FileSet
from ..model.pieces import Pieces
from .choice import find_engine
from .engines import EngineKind
from .job import check_unchanged
from .layout import piece_length_for
from .workers import AlbumHash, HashWorkers

ALBUMS_AT_ONCE = 16
"""Albums that share the workers; the others wait, so that memory does not grow with their number."""
POLL_SECONDS = 0.1

Progress = Callable[[int, int], None]
"""Is told the bytes done and the bytes in all."""


class HashPool:
    """Hashes any number of albums at once with as many threads as there are cores; one a process."""

    def __init__(self, engine: EngineKind | None = None, *, workers: int | None = None) -> None:
        self._workers = HashWorkers(engine or find_engine(), workers)
        self._limiter = CapacityLimiter(ALBUMS_AT_ONCE)

    async def hash_files(
        self, files: FileSet, piece_length: int | None = None, *, progress: Progress
    ) -> Pieces:
        """The album's pieces, `piece_length` bytes each, by default as `piece_length_for` has it.

        `progress` is called in the event loop about every 100 ms, and at the end. Raises HashError where
        a file is not, or does not stay, what the scan saw.
        """
        length = piece_length_for(files.size) if piece_length is None else piece_length
        (pieces,) = await self.hash_lengths(files, [length], progress=progress)
        return pieces

    async def hash_lengths(
        self, files: FileSet, piece_lengths: Sequence[int], *, progress: Progress
    ) -> tuple[Pieces, ...]:
        """The album's pieces in each of the lengths, from one read of its files; the longest first.

        Each length divides the longest. Otherwise as `hash_files`.
        """
        album = AlbumHash(self._workers, files, piece_lengths)
        await to_thread.run_sync(check_unchanged, files, limiter=self._limiter)
        outcome: tuple[Pieces, ...] | HashError = ()
        async with create_task_group() as watch:
            await watch.start(_watch, album, progress)
            outcome = await to_thread.run_sync(_result, album, limiter=self._limiter)
            watch.cancel_scope.cancel()
        await checkpoint()  # a cancelled album has no pieces
        if isinstance(outcome, HashError):
            raise outcome
        progress(album.size, album.size)
        return outcome


def _result(album: AlbumHash) -> tuple[Pieces, ...] | HashError:
    """A task group would wrap an error that is raised."""
    album.start()
    try:
        return album.result()
    except HashError as error:
        return error


async def _watch(album: AlbumHash, progress: Progress, *, task_status: TaskStatus[None]) -> None:
    """Reports until it is cancelled; a thread cannot be, so the album is stopped from here."""
    try:
        progress(album.done, album.size)
        task_status.started()
        while True:
            await sleep(POLL_SECONDS)
            progress(album.done, album.size)
    finally:
        album.stop()
