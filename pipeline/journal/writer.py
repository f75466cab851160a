"""The one thread that has the journal open: what is asked for at the same time is committed together."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any, Self, TypeVar

from anyio import CancelScope
from attrs import define, field

from ..errors import JournalError, unexpected
from .faults import disk_fault, sqlite_fault

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

BUSY_SECONDS = 30.0
"""How long another process may keep us from writing."""
MOST_TOGETHER = 500
"""So many works share a commit; the others wait for the next."""
PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")


def _promise() -> Future[Any]:
    """A future that who waits for it cannot cancel."""
    future = Future[Any]()
    future.set_running_or_notify_cancel()
    return future


@define(eq=False)
class Job:
    """A piece of work, and what became of it."""

    work: Work[Any]
    posted: bool = False
    """Nobody waits for it."""
    answer: Future[Any] = field(factory=_promise, init=False)
    result: Any = field(default=None, init=False)
    error: Exception | None = field(default=None, init=False)


class Writer:
    """An SQLite database that lives in a thread of its own for as long as its context is open.

    `prepare` is called with the new connection and makes the tables. Entering raises what it raises, and
    JournalError where the file cannot be used.
    """

    def __init__(self, path: Path, prepare: Work[None]) -> None:
        self._path = path
        self._prepare = prepare
        self._jobs = SimpleQueue[Job | None]()
        self._opened, self._closed = _promise(), _promise()
        self._accepts = False
        self._lost: JournalError | None = None
        """Why a posted work failed, until somebody is told; only the thread uses it."""

    async def __aenter__(self) -> Self:
        Thread(target=self._live, name="mua-async-journal", daemon=True).start()
        await _answer(self._opened)
        self._accepts = True
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._accepts = False
        self._jobs.put(None)
        lost: JournalError | None = await _answer(self._closed)
        if lost is not None and exc is None:
            raise lost

    async def run(self, work: Work[T]) -> T:
        """Calls `work` in the thread; returns its result once its changes are on the disk.

        What it raises is raised here, and its changes are undone. JournalError where they cannot be written,
        or where a work posted before could not be: this one is then not begun. The wait cannot be cancelled,
        so that the caller knows which it was.
        """
        job = Job(work)
        self._queue(job)
        result: T = await _answer(job.answer)
        return result

    def post(self, work: Work[object]) -> None:
        """As `run` without the wait; the next `run`, or else the end of the context, says that it failed."""
        self._queue(Job(work, posted=True))

    def _queue(self, job: Job) -> None:
        if not self._accepts:
            raise RuntimeError("the writer's context is not open: nobody would answer")
        self._jobs.put(job)

    def _live(self) -> None:
        try:
            db = _connect(self._path, self._prepare)
        except Exception as error:  # noqa: BLE001 - the worker's boundary: entering raises it
            self._opened.set_exception(error)
            return
        with closing(db):
            self._opened.set_result(None)
            for group in self._groups():
                self._commit(db, group)
        self._closed.set_result(self._lost)

    def _groups(self) -> Iterator[list[Job]]:
        """What is queued at a time, up to the end that leaving the context puts behind it."""
        group: list[Job] = []
        for job in iter(self._jobs.get, None):
            group.append(job)
            if self._jobs.empty() or len(group) == MOST_TOGETHER:
                yield group
                group = []
        if group:
            yield group

    def _commit(self, db: sqlite3.Connection, group: list[Job]) -> None:
        """One transaction for all; each is told afterwards."""
        try:
            db.execute("BEGIN IMMEDIATE")
            for job in group:
                self._do(db, job)
            db.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - the worker's boundary: everybody who waits raises it
            if db.in_transaction:
                with suppress(sqlite3.Error):
                    db.execute("ROLLBACK")
            for job in group:
                self._fail(job, _failure(self._path, error))
        for job in group:
            if job.error is not None:
                job.answer.set_exception(job.error)
            else:
                job.answer.set_result(job.result)

    def _do(self, db: sqlite3.Connection, job: Job) -> None:
        """The work's changes join the transaction, or are undone; raises where the whole of it is undone."""
        if self._lost is not None and not job.posted:
            job.error, self._lost = self._lost, None
            return
        db.execute("SAVEPOINT work")
        try:
            job.result = job.work(db)
        except Exception as error:
            if not db.in_transaction:  # a full or failing disk: SQLite has undone everybody's changes
                raise
            db.execute("ROLLBACK TO work")
            self._fail(job, sqlite_fault(self._path, error) or error)
        db.execute("RELEASE work")

    def _fail(self, job: Job, error: Exception) -> None:
        job.error = error
        if job.posted and self._lost is None:
            self._lost = error if isinstance(error, JournalError) else JournalError(unexpected(error))


async def _answer(promise: Future[Any]) -> Any:
    with CancelScope(shield=True):
        return await asyncio.wrap_future(promise)


def _connect(path: Path, prepare: Work[None]) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone_in(path.parent):
            return _open(path, prepare)
    except (OSError, sqlite3.Error) as error:
        raise _failure(path, error) from error


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Others who open wait: of two who switch to WAL at once, SQLite tells one that the file is locked."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _open(path: Path, prepare: Work[None]) -> sqlite3.Connection:
    with suppress(FileExistsError):  # SQLite gives the mode to the files that it puts beside
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode=0o600))
    db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        for pragma in PRAGMAS:
            db.execute(f"PRAGMA {pragma}")
        prepare(db)
    except BaseException:
        db.close()
        raise
    return db


def _failure(path: Path, error: Exception) -> JournalError:
    """The file cannot be used, for this reason."""
    if isinstance(error, OSError):
        return disk_fault(path, error)
    return sqlite_fault(path, error) or JournalError(unexpected(error))
