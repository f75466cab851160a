"""The journal's tables: made once, raised by newer versions only, and rows that keep what they are given."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import JournalError
from pipeline.journal import CellRecord, Pinned, State, Step
from pipeline.journal.cells import (
    absorb,
    all_cells,
    cells_at,
    cells_of,
    cells_sending,
    unsettled_cells,
    write,
)
from pipeline.journal.moments import Moment
from pipeline.journal.schema import MIGRATIONS, migrate

RECORD = CellRecord(
    content_id="a1-one", site="first", tracker="AA", album=Path("/music/One"), state=State.PENDING
)
TEXT = st.text(st.characters(codec="utf-8"), max_size=9)
PATHS = st.binary(min_size=1, max_size=9).filter(lambda name: b"\0" not in name).map(os.fsdecode).map(Path)
PINS = st.builds(
    Pinned,
    name=TEXT,
    infohash=TEXT,
    piece_length=st.integers(1, 2**26),
    info=st.none() | st.binary(),
    files_digest=st.binary(max_size=16),
    pieces_digest=st.binary(max_size=16),
    signature=st.binary(max_size=16),
)
RECORDS = st.builds(
    CellRecord,
    content_id=TEXT,
    site=TEXT,
    tracker=TEXT,
    album=PATHS,
    state=st.sampled_from(State),
    step=st.sampled_from(Step),
    finished=st.booleans(),
    revision=st.just(0),
    run=TEXT,
    doubt=st.none() | st.builds(Moment, st.uuids().map(str), st.floats(0, 1e9)),
    doubted=st.booleans(),
    pinned=st.none() | PINS,
    torrent_id=st.none() | TEXT,
    url=st.none() | TEXT,
    torrent_file=st.none() | PATHS,
    reason=TEXT,
    message=TEXT,
    at=st.floats(0, 1e10),
)


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection)
        yield connection


def written(db: sqlite3.Connection, record: CellRecord = RECORD) -> CellRecord:
    stored = write(db, record)
    assert stored is not None
    return stored


# The tables


def tables(db: sqlite3.Connection) -> list[tuple[str, str]]:
    return db.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()


def test_tables_that_are_there_are_left_as_they_are(db: sqlite3.Connection) -> None:
    record, before = written(db), tables(db)
    migrate(db)
    assert tables(db) == before
    assert list(all_cells(db)) == [record]
    assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)


def test_a_journal_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        migrate(db)
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
        before = tables(db)
        with pytest.raises(JournalError, match=r"/journal\.db has version \d+, and this .* knows") as caught:
            migrate(db)
        assert caught.value.hint == "update mua-async"
        assert tables(db) == before
        db.execute("BEGIN IMMEDIATE")  # nothing holds it


def test_tables_are_made_whole_or_not_at_all(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "journal.db", isolation_level=None)) as db:
        db.execute("CREATE TABLE jobs (another TEXT)")
        with pytest.raises(sqlite3.OperationalError, match="jobs"):
            migrate(db)
        assert tables(db) == [("jobs", "CREATE TABLE jobs (another TEXT)")]


# Rows


@given(RECORDS)
def test_a_row_keeps_all_of_a_record(record: CellRecord) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrate(db)
        first = written(db, record)
        assert first == evolve(record, revision=1)
        assert cells_of(db, record.content_id) == {record.site: first}
        assert cells_at(db, record.album) == [first]
        second = written(db, first)
        assert list(all_cells(db)) == [evolve(record, revision=2)] == [second]


def test_only_who_read_the_newest_writes(db: sqlite3.Connection) -> None:
    first = written(db)
    assert write(db, RECORD) is None
    second = written(db, evolve(first, message="newer"))
    assert write(db, evolve(first, message="stale")) is None
    assert write(db, evolve(second, revision=7)) is None
    assert list(all_cells(db)) == [second]


def test_an_album_has_a_row_at_each_site(db: sqlite3.Connection) -> None:
    first, second = written(db), written(db, evolve(RECORD, site="second"))
    written(db, evolve(RECORD, content_id="a1-two"))
    assert cells_of(db, "a1-one") == {"first": first, "second": second}
    assert cells_of(db, "a1-three") == {}


@pytest.mark.parametrize(
    ("state", "finished", "open_still"),
    [
        *[(state, False, state in {State.UNKNOWN, State.DONE, State.EXISTING}) for state in State],
        (State.DONE, True, False),
        (State.EXISTING, True, False),
        (State.UNKNOWN, True, True),
    ],
)
def test_what_is_left_open(db: sqlite3.Connection, state: State, finished: bool, open_still: bool) -> None:
    record = written(db, evolve(RECORD, state=state, finished=finished))
    assert unsettled_cells(db) == ([record] if open_still else [])
    assert cells_sending(db) == ([record] if state is State.SENDING else [])


def test_what_is_newer_is_taken_over(db: sqlite3.Connection) -> None:
    row = written(db, written(db))
    newer, older = evolve(row, state=State.DONE, revision=5), evolve(row, state=State.REJECTED, revision=1)
    absorb(db, [older])
    assert list(all_cells(db)) == [row]
    absorb(db, [newer, older, evolve(row, state=State.REJECTED, revision=5)])
    assert list(all_cells(db)) == [newer]
    unheard_of = evolve(RECORD, content_id="a1-two", album=Path("/music/Two"), revision=3)
    absorb(db, [unheard_of])
    assert list(all_cells(db)) == [newer, unheard_of]
    assert written(db, newer).revision == 6


def test_the_last_word_that_an_album_may_be_there_is_believed(db: sqlite3.Connection) -> None:
    row = written(db, written(db, written(db)))
    sent = evolve(row, state=State.SENDING, revision=1)
    refused = evolve(row, state=State.REJECTED, revision=2)
    absorb(db, [sent, refused])
    assert list(all_cells(db)) == [row]
    absorb(db, [refused, sent])
    assert list(all_cells(db)) == [evolve(sent, revision=4)]
