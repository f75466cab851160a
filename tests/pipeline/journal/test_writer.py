"""The thread that owns the database: what it says is written is written, and what it cannot write it says."""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from anyio import CancelScope, create_task_group, wait_all_tasks_blocked
from blockbuster import blockbuster_ctx

from pipeline.errors import JournalError
from pipeline.journal import writer as writer_module
from pipeline.journal.writer import Writer
from tests.support.children import SECONDS, running

CHILD = """
import os, resource, sys
from functools import partial
from pathlib import Path
import anyio
from pipeline.errors import JournalError
from pipeline.journal.writer import Writer

def prepare(db):
    db.execute("CREATE TABLE IF NOT EXISTS numbers (number INTEGER)")

def add(db, number):
    db.execute("INSERT INTO numbers VALUES (?)", (number,))

def raise_by_one(db):
    (highest,) = db.execute("SELECT coalesce(max(number), 0) FROM numbers").fetchone()
    add(db, highest + 1)

path = Path(sys.argv[1])
"""
ADD_FOR_EVER = """
async def main():
    async with Writer(path, prepare) as writer:
        number = 0
        while True:
            await writer.run(partial(add, number=number))
            print(number, flush=True)
            number += 1
anyio.run(main)
"""
COUNT = """
async def main():
    async with Writer(path, prepare) as writer:
        input()
        for _ in range(100):
            await writer.run(raise_by_one)
anyio.run(main)
"""
FILL_THE_DISK = """
async def main():
    async with Writer(path, prepare) as writer:
        await writer.run(partial(add, number=1))
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
        try:
            await writer.run(lambda db: db.execute("INSERT INTO numbers VALUES (randomblob(200000))"))
        except JournalError as error:
            print(error)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        await writer.run(partial(add, number=2))
anyio.run(main)
"""
WITHOUT_RIGHTS = """
async def main():
    async with Writer(path, prepare) as writer:
        await writer.run(partial(add, number=1))
anyio.run(anyio.sleep, 0)  # what it imports late may not be readable to everybody
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    anyio.run(main)
except JournalError as error:
    print(error)
"""


def prepare(db: sqlite3.Connection) -> None:
    db.execute("CREATE TABLE IF NOT EXISTS numbers (number INTEGER UNIQUE)")


def add(number: int) -> Callable[[sqlite3.Connection], object]:
    return lambda db: db.execute("INSERT INTO numbers VALUES (?)", (number,)).rowcount


def add_then_fail(number: int) -> Callable[[sqlite3.Connection], object]:
    def work(db: sqlite3.Connection) -> object:
        add(number)(db)
        raise ValueError("no")

    return work


def numbers(path: Path) -> list[int]:
    """What another program finds in the file."""
    with closing(sqlite3.connect(path)) as db:
        return [number for (number,) in db.execute("SELECT number FROM numbers ORDER BY number")]


def select(db: sqlite3.Connection) -> list[Any]:
    return db.execute("SELECT * FROM numbers").fetchall()


def fill(db: sqlite3.Connection) -> object:
    return db.execute("INSERT INTO numbers VALUES (randomblob(200000))")


def overwrite(path: Path, at: int, data: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.touch()
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data)


def content(path: Path) -> bytes:
    return path.read_bytes()


class Held:
    """Occupies the thread until all tasks wait: what they have asked for by then is one group."""

    def __init__(self, writer: Writer) -> None:
        self._begun, self._let_go = threading.Event(), threading.Event()
        writer.post(self._wait)

    def _wait(self, _: sqlite3.Connection) -> None:
        self._begun.set()
        assert self._let_go.wait(SECONDS)

    async def __aenter__(self) -> None:
        assert self._begun.wait(SECONDS)

    async def __aexit__(self, *_: object) -> None:
        await wait_all_tasks_blocked()
        self._let_go.set()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "journal.db"


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """One that every user can reach, and only its owner can write to; not below the tests' private one."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)


async def test_what_run_returned_is_in_the_file(path: Path) -> None:
    async with Writer(path, prepare) as writer:
        assert await writer.run(add(7)) == 1
        assert numbers(path) == [7]
        assert await writer.run(select) == [(7,)]


async def test_it_is_safe_against_a_loss_of_power(path: Path) -> None:
    async with Writer(path, prepare) as writer:
        settings = await writer.run(
            lambda db: [
                db.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
        )
    assert settings == ["wal", 2, 1]


async def test_only_its_owner_reads_it(path: Path) -> None:
    before = os.umask(0)
    try:
        async with Writer(path, prepare) as writer:
            await writer.run(add(1))
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(("journal.db", "journal.db-wal", "journal.db-shm"), 0o600)


async def test_what_is_asked_for_together_is_committed_together(path: Path) -> None:
    statements: list[str] = []

    def traced(db: sqlite3.Connection) -> None:
        prepare(db)
        db.set_trace_callback(statements.append)

    async with Writer(path, traced) as writer:
        async with create_task_group() as group:
            for number in range(1000):
                group.start_soon(writer.run, add(number))
        assert numbers(path) == list(range(1000))
    assert statements.count("COMMIT") <= 20


async def test_a_work_that_fails_leaves_the_others_alone(path: Path) -> None:
    failed = []

    async def run_failing(writer: Writer) -> None:
        with pytest.raises(ValueError, match="no") as caught:
            await writer.run(add_then_fail(2))
        failed.append(caught)

    async with Writer(path, prepare) as writer, create_task_group() as group, Held(writer):
        writer.post(add(1))
        group.start_soon(run_failing, writer)
        group.start_soon(writer.run, add(3))
    assert failed
    assert numbers(path) == [1, 3]


async def test_a_statement_that_is_wrong_is_no_fault_of_the_file(path: Path) -> None:
    async with Writer(path, prepare) as writer:
        await writer.run(add(1))
        with pytest.raises(sqlite3.IntegrityError):
            await writer.run(add(1))
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            await writer.run(lambda db: db.execute("SELECT * FROM missing"))
        await writer.run(add(2))
    assert numbers(path) == [1, 2]


async def test_a_cancelled_caller_learns_what_became_of_it(path: Path) -> None:
    learnt: list[object] = []
    async with Writer(path, prepare) as writer:
        with CancelScope() as scope:
            scope.cancel()
            learnt.append(await writer.run(add(1)))
            with pytest.raises(ValueError, match="no"):
                await writer.run(add_then_fail(2))
            learnt.append("failed")
    assert learnt == [1, "failed"]
    assert numbers(path) == [1]


async def test_what_was_posted_is_in_the_file_at_the_end(path: Path) -> None:
    async with Writer(path, prepare) as writer:
        for number in range(1200):
            writer.post(add(number))
    assert numbers(path) == list(range(1200))


async def test_the_next_run_tells_that_a_posted_work_failed(path: Path) -> None:
    async with Writer(path, prepare) as writer:
        writer.post(add_then_fail(1))
        writer.post(add(2))
        with pytest.raises(JournalError, match="ValueError"):
            await writer.run(add(3))
        await writer.run(add(4))
    assert numbers(path) == [2, 4]


async def test_the_end_tells_that_a_posted_work_failed(path: Path) -> None:
    with pytest.raises(JournalError, match="ValueError"):
        async with Writer(path, prepare) as writer:
            writer.post(add_then_fail(1))


async def test_a_posted_work_that_failed_hides_no_other_error(path: Path) -> None:
    async def end_badly() -> None:
        async with Writer(path, prepare) as writer:
            writer.post(add_then_fail(1))
            raise KeyError

    with pytest.raises(KeyError):
        await end_badly()


async def test_nothing_is_taken_outside_the_context(path: Path) -> None:
    writer = Writer(path, prepare)
    with pytest.raises(RuntimeError):
        writer.post(add(1))
    async with writer:
        pass
    with pytest.raises(RuntimeError):
        await writer.run(add(1))


async def test_what_prepare_raises_is_raised_on_entering(path: Path) -> None:
    def refuse(_: sqlite3.Connection) -> None:
        raise JournalError("too new")

    with pytest.raises(JournalError, match="too new"):
        async with Writer(path, refuse):
            pass
    async with Writer(path, prepare) as writer:
        await writer.run(add(1))


async def test_many_open_a_new_file_one_after_the_other(path: Path) -> None:
    """Else SQLite would now and then refuse one of them."""
    alone = threading.Lock()

    def prepare_alone(db: sqlite3.Connection) -> None:
        assert alone.acquire(blocking=False)
        prepare(db)
        time.sleep(0.005)  # lets another one in, if it can
        alone.release()

    async def use(number: int) -> None:
        async with Writer(path, prepare_alone) as writer:
            await writer.run(add(number))

    async with create_task_group() as group:
        for number in range(8):
            group.start_soon(use, number)
    assert numbers(path) == list(range(8))


async def test_the_loop_is_never_held_up(path: Path) -> None:
    with blockbuster_ctx(["pipeline"]):
        async with Writer(path, prepare) as writer, create_task_group() as group:
            writer.post(add(1000))
            for number in range(100):
                group.start_soon(writer.run, add(number))


def test_a_killed_process_has_what_run_returned(path: Path) -> None:
    with running(CHILD + ADD_FOR_EVER, path) as child:
        told = [child.read() for _ in range(20)]
        child.kill()
        while line := child.read():
            told.append(line)
    assert told == [str(number) for number in numbers(path)][: len(told)]


def test_two_processes_lose_nothing(path: Path) -> None:
    with running(CHILD + COUNT, path) as first, running(CHILD + COUNT, path) as second:
        first.tell()
        second.tell()
        first.end()
        second.end()
    assert numbers(path) == list(range(1, 201))


async def test_a_full_disk_fails_all_that_share_the_commit(path: Path) -> None:
    refused = []

    def small(db: sqlite3.Connection) -> None:
        prepare(db)
        db.execute("PRAGMA max_page_count = 20")

    async def run_refused(writer: Writer, work: Callable[[sqlite3.Connection], object]) -> None:
        with pytest.raises(JournalError, match=r"journal\.db cannot be written: the disk is full") as caught:
            await writer.run(work)
        refused.append(caught.value.hint)

    async with Writer(path, small) as writer:
        await writer.run(add(1))
        async with create_task_group() as group, Held(writer):
            group.start_soon(run_refused, writer, add(2))
            group.start_soon(run_refused, writer, fill)
            group.start_soon(run_refused, writer, add(3))
        await writer.run(add(4))
    assert len(refused) == 3
    assert "space" in refused[0]
    assert numbers(path) == [1, 4]


def test_a_disk_that_refuses_is_told(path: Path) -> None:
    with running(CHILD + FILL_THE_DISK, path) as child:
        told = child.end()
    assert str(path) in told
    assert "space" in told
    assert numbers(path) == [1, 2]


async def test_a_file_that_is_no_database_is_told(path: Path) -> None:
    overwrite(path, 0, b"x" * 5000)
    with pytest.raises(JournalError, match=r"journal\.db is damaged") as caught:
        async with Writer(path, prepare):
            pass
    assert "sent.jsonl" in caught.value.hint
    assert content(path) == b"x" * 5000


async def test_a_damaged_file_is_told(path: Path) -> None:
    async with Writer(path, prepare) as writer:
        for number in range(3000):
            writer.post(add(number))
    overwrite(path, 4096, b"\xee" * 8 * 4096)
    async with Writer(path, lambda _: None) as writer:
        with pytest.raises(JournalError, match=r"journal\.db is damaged"):
            await writer.run(select)


async def test_a_commit_that_fails_is_undone(path: Path) -> None:
    def prepare_letters(db: sqlite3.Connection) -> None:
        prepare(db)
        db.execute("CREATE TABLE letters (number REFERENCES numbers (number) DEFERRABLE INITIALLY DEFERRED)")

    async with Writer(path, prepare_letters) as writer:
        with pytest.raises(JournalError):  # SQLite looks at the reference when it commits
            await writer.run(lambda db: db.execute("INSERT INTO letters VALUES (1)"))
        await writer.run(add(2))
    assert numbers(path) == [2]


async def test_a_file_that_another_keeps_locked_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "BUSY_SECONDS", 0.01)
    async with Writer(path, prepare) as writer:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(JournalError, match=r"journal\.db is locked"):
                await writer.run(add(1))
        await writer.run(add(2))
    assert numbers(path) == [2]


@pytest.mark.parametrize("exists", [False, True])
def test_a_read_only_folder_is_told(public_folder: Path, exists: bool) -> None:
    path = public_folder / "journal.db"
    if exists:
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA journal_mode = WAL")
            prepare(db)
        path.chmod(0o444)
    public_folder.chmod(0o555)
    with running(CHILD + WITHOUT_RIGHTS, path) as child:
        told = child.end()
    assert str(path) in told
    assert "can be written" in told


async def test_a_path_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "file/journal.db", tmp_path):
        with pytest.raises(JournalError, match=path.name):
            async with Writer(path, prepare):
                pass
