"""What the journal holds, for those who must not write: no file is made or changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from attrs import evolve, frozen

from ..errors import JournalError, unexpected
from .faults import sqlite_fault
from .journal import JOURNAL, RUNS, SENT_LOG, has_journal
from .record import State
from .run_lock import last_alive
from .schema import check_version
from .sent_lines import from_lines
from .sent_log import SentLog

SELECT = "SELECT content_id, site, state, revision, run, url FROM cells"

Key = tuple[str, str]
"""A content id and a site."""


@frozen
class Standing:
    """Where an album stands at a site."""

    state: State
    revision: int
    run: str
    url: str | None


def read_standings(folder: Path) -> Mapping[Key, Standing]:
    """All that is known of every album; nothing where there is no journal. Blocks.

    What a run was sending that has died is unknown, as it is for the next run. Raises JournalError where the
    files cannot be read.
    """
    if not has_journal(folder):
        return {}
    absorbed, standings = _read_journal(folder / JOURNAL)
    lines, _ = SentLog(folder / SENT_LOG).read_from(absorbed)
    for record in from_lines(lines):
        known = standings.get((record.content_id, record.site))
        if known is None or known.revision < record.revision:
            standing = Standing(record.state, record.revision, record.run, record.url)
            standings[record.content_id, record.site] = standing
    return {key: _doubted(folder, standing) for key, standing in standings.items()}


def _doubted(folder: Path, standing: Standing) -> Standing:
    if standing.state is State.SENDING and last_alive(folder / RUNS, standing.run) is not None:
        return evolve(standing, state=State.UNKNOWN)
    return standing


def _read_journal(path: Path) -> tuple[int, dict[Key, Standing]]:
    """How much of `sent.jsonl` is in it, and its rows."""
    if not path.exists():
        return 0, {}
    log = path.with_name(f"{path.name}-wal")
    try:
        # Reading it as SQLite does by itself would leave two files beside a journal that nobody has open.
        if not log.exists():
            found = _read(path, "immutable=1")
            if not log.exists():
                return found
        return _read(path, "mode=ro")
    except sqlite3.Error as error:
        raise sqlite_fault(path, error) or JournalError(unexpected(error)) from error


def _read(path: Path, how: str) -> tuple[int, dict[Key, Standing]]:
    with closing(sqlite3.connect(f"{path.as_uri()}?{how}", uri=True, isolation_level=None)) as db:
        db.execute("BEGIN")
        if check_version(db) == 0:
            return 0, {}
        (absorbed,) = db.execute("SELECT absorbed FROM sent_log").fetchone()
        return absorbed, dict(_standings(db))


def _standings(db: sqlite3.Connection) -> Iterator[tuple[Key, Standing]]:
    for content_id, site, state, revision, run, url in db.execute(SELECT):
        yield (content_id, site), Standing(State(state), revision, run, url)
