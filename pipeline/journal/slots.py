"""When an account's requests started, shared by all processes: its limit holds for them together."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from anyio import CancelScope, CapacityLimiter, to_thread

from ..errors import JournalError
from ..text import printable
from .faults import sqlite_fault

T = TypeVar("T")
Windows = Sequence[tuple[int, float]]
"""Of each how many requests may start in it, and its width in seconds."""

SLOTS_TABLE = """
    CREATE TABLE IF NOT EXISTS slots (account TEXT NOT NULL, at REAL NOT NULL);
    CREATE INDEX IF NOT EXISTS slots_by_account ON slots (account, at)
"""
"""`at` is in Unix seconds: a daily quota outlives a restart of the machine."""
BUSY_TIMEOUT = 30.0
"""Seconds: another process holds the file for much less."""


def take_slot(db: sqlite3.Connection, account: str, windows: Windows, now: float) -> float:
    """Notes a start at `now` and gives 0.0 where every window has room, else the seconds until it has.

    To be called in a transaction that holds the write lock, with a `now` that was read in it.
    """
    if not windows:
        return 0.0
    longest = max(width for _, width in windows)
    # The clock was set back: what it cannot tell the age of ages from now on.
    db.execute("UPDATE slots SET at = ? WHERE account = ? AND at > ?", (now, account, now))
    db.execute("DELETE FROM slots WHERE account = ? AND at <= ?", (account, now - longest))
    wait = max(_until_free(db, account, count, width, now) for count, width in windows)
    if wait > 0:
        return wait
    db.execute("INSERT INTO slots VALUES (?, ?)", (account, now))
    return 0.0


def _until_free(db: sqlite3.Connection, account: str, count: int, width: float, now: float) -> float:
    starts = db.execute(
        "SELECT at FROM slots WHERE account = ? ORDER BY at DESC LIMIT 1 OFFSET ?", (account, count - 1)
    )
    row = starts.fetchone()
    return 0.0 if row is None else max(0.0, float(row[0]) + width - now)


class Slots:
    """Gives slots out of a file of SQLite's, which may be the journal; opened for the length of a run.

    Raises JournalError where the file cannot be read or written.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock
        self._thread = CapacityLimiter(1)

    async def __aenter__(self) -> Self:
        self._db = await self._run(self._open)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with CancelScope(shield=True):
            await self._run(self._db.close)

    async def take(self, account: str, windows: Windows) -> float:
        """0.0 where a request may start now, and is counted; else the seconds after which to ask again."""
        return await self._run(lambda: self._take(account, windows))

    async def _run(self, work: Callable[[], T]) -> T:
        """The connection is used by one thread at a time."""
        try:
            return await to_thread.run_sync(work, limiter=self._thread)
        except sqlite3.Error as error:
            fault = sqlite_fault(self._path, error)
            if fault is None:
                message = f"{printable(str(self._path))} cannot be used: {error}"
                fault = JournalError(message, hint="look at the data folder and its disk")
            raise fault from error

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False)
        try:
            with suppress(
                sqlite3.OperationalError
            ):  # a process that opens it at the same moment sets it, too
                db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.executescript(SLOTS_TABLE)
        except BaseException:
            db.close()
            raise
        return db

    def _take(self, account: str, windows: Windows) -> float:
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        try:
            wait = take_slot(db, account, windows, self._clock())
            db.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # some errors have ended the transaction
                db.execute("ROLLBACK")
            raise
        return wait
