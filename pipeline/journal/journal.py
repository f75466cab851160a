"""The journal: what went where, shared by every run that uses one data folder."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from anyio import CancelScope, to_thread
from attrs import evolve, frozen

from ..errors import JournalError
from ..events import Event, UploadSkipped
from ..model.files import FileSet
from . import pictures
from .cells import (
    absorb,
    all_cells,
    cells_at,
    cells_of,
    cells_of_release,
    cells_sending,
    unsettled_cells,
    write,
)
from .faults import disk_fault
from .moments import Moment
from .record import CellRecord, State
from .run_lock import RunLock, forget, last_alive
from .schema import migrate
from .sent_lines import from_lines, to_line
from .sent_log import SentLog
from .signatures import signature_of
from .writer import Writer

SKIP = (
    "UPDATE cells SET state = 'skipped', revision = revision + 1, reason = ?, message = ?, at = ?"
    " WHERE content_id = ? AND tracker = ? AND state IN ('pending', 'skipped', 'not_sent', 'rejected')"
)
LEFT_AS_IT_WAS = frozenset(
    {"interrupted", "tracker_off", "rejected_before", "being_sent", "same_content", "same_site"}
)
"""Reasons to skip that say nothing of the album itself."""
JOURNAL, SENT_LOG, RUNS = "journal.db", "sent.jsonl", "runs"
"""What lies in its folder."""
KILLED = "its run ended before the site answered"


def has_journal(folder: Path) -> bool:
    """Whether anything was ever written down there; JournalError where nobody may look."""
    try:
        return (folder / JOURNAL).exists() or (folder / SENT_LOG).exists()
    except OSError as error:
        raise disk_fault(folder, error) from error


@frozen
class StoredJob:
    """A run that was asked for, in the words of whoever asked; open as long as something is left of it."""

    id: int
    text: str


class Journal:
    """Opened for the length of a run; what it is told survives a loss of power.

    Raises JournalError, here and in every method, where its files cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.failure: JournalError | None = None
        """What keeps it from being written, once something did: nothing more may be sent."""
        self.was_open = False
        self._writer = Writer(folder / JOURNAL, migrate)
        self._sent = SentLog(folder / SENT_LOG)
        self._runs = folder / RUNS
        self._lock = RunLock(self._runs)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._writer)
            await to_thread.run_sync(self._lock.__enter__)
            stack.push_async_callback(self._unlock)
            await self._writer.run(self._absorb_sent_log)
            await self._writer.run(self._doubt_the_dead)
            await to_thread.run_sync(self._forget_the_dead)
            self._stack = stack.pop_all()
        self.was_open = True
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stack.__aexit__(exc_type, exc, traceback)

    @property
    def run_id(self) -> str:
        return self._lock.run_id

    async def content_of(self, files: FileSet) -> str | None:
        """The content id of files that lie there as they did when they were read."""

        def look(db: sqlite3.Connection) -> str | None:
            row = db.execute(
                "SELECT content_id FROM albums WHERE path = ? AND signature = ?",
                (os.fsencode(files.library_path), signature_of(files)),
            ).fetchone()
            return row and str(row[0])

        return await self._writer.run(look)

    def remember(self, files: FileSet, content_id: str) -> None:
        """Notes what the files hold; a later run need not read them while they lie as they do."""
        row = os.fsencode(files.library_path), signature_of(files), content_id
        self._writer.post(lambda db: db.execute("INSERT OR REPLACE INTO albums VALUES (?, ?, ?)", row))

    async def content_at(self, path: Path) -> str | None:
        """The content id of what was read at that path last, whatever lies there now."""

        def look(db: sqlite3.Connection) -> str | None:
            key = (os.fsencode(path),)
            row = db.execute("SELECT content_id FROM albums WHERE path = ?", key).fetchone()
            row = row or db.execute("SELECT content_id FROM cells WHERE album = ? LIMIT 1", key).fetchone()
            return row and str(row[0])

        return await self._writer.run(look)

    async def records(self, content_id: str) -> Mapping[str, CellRecord]:
        """What is known of the album, by site."""

        def look(db: sqlite3.Connection) -> Mapping[str, CellRecord]:
            found = cells_of(db, content_id)
            if any(record.state is State.SENDING for record in found.values()):
                self._doubt_the_dead(db)
                found = cells_of(db, content_id)
            return found

        return await self._writer.run(look)

    async def records_at(self, path: Path) -> Sequence[CellRecord]:
        """What is known of albums that went somewhere from that path, whatever lies there now."""
        return await self._writer.run(lambda db: cells_at(db, path))

    async def formats_of(self, site: str, release_key: str) -> Sequence[CellRecord]:
        """What is known at that site of a release in all its formats."""
        return await self._writer.run(partial(cells_of_release, site=site, release_key=release_key))

    async def all_records(self) -> Sequence[CellRecord]:
        return await self._writer.run(lambda db: list(all_cells(db)))

    async def unsettled(self) -> Sequence[CellRecord]:
        """Uploads in doubt, and stored ones whose torrent is not where it should be."""
        return await self._writer.run(unsettled_cells)

    async def write(self, *records: CellRecord) -> list[CellRecord | None]:
        """Each as written, durably; None for one that somebody else has written since it was read."""
        at = time.time()
        now = [evolve(record, at=at) for record in records]
        return await self._writer.run(lambda db: [write(db, record) for record in now])

    async def note_sent(self, record: CellRecord) -> None:
        """Appends to `sent.jsonl`, which outlives a journal that is lost or put back to an older state."""
        await to_thread.run_sync(self._sent.append, to_line(record))

    def heed(self, event: Event) -> None:
        """Follows what is published: an album that was skipped is not pending any more."""
        if isinstance(event, UploadSkipped) and event.reason not in LEFT_AS_IT_WAS:
            row = event.reason, event.message, event.at, event.content_id, event.tracker
            self._writer.post(lambda db: db.execute(SKIP, row))

    async def begin_job(self, text: str) -> StoredJob:
        """Notes that a run is asked for; the same words are the same job."""

        def note(db: sqlite3.Connection) -> StoredJob:
            db.execute(
                "INSERT INTO jobs (text, open, at) VALUES (?, 1, ?)"
                " ON CONFLICT (text) DO UPDATE SET open = 1, at = excluded.at",
                (text, time.time()),
            )
            (number,) = db.execute("SELECT id FROM jobs WHERE text = ?", (text,)).fetchone()
            return StoredJob(number, text)

        return await self._writer.run(note)

    async def open_jobs(self) -> Sequence[StoredJob]:
        """In the order in which they were asked for."""

        def look(db: sqlite3.Connection) -> Sequence[StoredJob]:
            rows: Iterable[tuple[int, str]] = db.execute("SELECT id, text FROM jobs WHERE open ORDER BY at")
            return [StoredJob(*row) for row in rows]

        return await self._writer.run(look)

    async def close_job(self, job: StoredJob) -> None:
        """Nothing is left of it, neither to be sent nor to be found out."""
        await self._writer.run(partial(_close_job, number=job.id))

    async def find_picture(self, digest: bytes, hosts: Sequence[str]) -> tuple[str, str] | None:
        """Image host and address, at the first of the hosts that has the picture with this SHA-256."""
        return await self._writer.run(lambda db: pictures.find_picture(db, digest, hosts))

    async def note_picture(self, digest: bytes, host: str, url: str) -> None:
        await self._writer.run(lambda db: pictures.note_picture(db, digest, host, url))

    def _absorb_sent_log(self, db: sqlite3.Connection) -> None:
        (absorbed,) = db.execute("SELECT absorbed FROM sent_log").fetchone()
        lines, end = self._sent.read_from(absorbed)
        absorb(db, from_lines(lines))
        db.execute("UPDATE sent_log SET absorbed = ?", (end,))

    def _doubt_the_dead(self, db: sqlite3.Connection) -> None:
        """What a run was sending that does not live any more may have arrived."""
        for record in cells_sending(db):
            if record.run != self.run_id and (died := last_alive(self._runs, record.run)):
                write(db, in_doubt(record, died, KILLED))

    async def _unlock(self) -> None:
        with CancelScope(shield=True):
            await to_thread.run_sync(self._lock.__exit__, None, None, None)

    def _forget_the_dead(self) -> None:
        """Removes the lock files of runs that were killed: nothing refers to them any more."""
        for file in self._runs.glob("*.lock"):
            forget(self._runs, file.stem)


def in_doubt(record: CellRecord, since: Moment, message: str) -> CellRecord:
    """The record of an upload that may be stored, by a sender that has done its last `since`."""
    return evolve(record, state=State.UNKNOWN, run="", doubt=since, doubted=True, reason="", message=message)


def _close_job(db: sqlite3.Connection, number: int) -> None:
    db.execute("UPDATE jobs SET open = 0 WHERE id = ?", (number,))
