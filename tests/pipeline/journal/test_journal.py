"""The journal as runs share it: what it remembers, whom it doubts, what it takes over from sent.jsonl."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from attrs import evolve

from pipeline.errors import JournalError
from pipeline.events import UploadSkipped
from pipeline.journal import CellRecord, Journal, Pinned, State, Step
from pipeline.journal.journal import has_journal
from pipeline.journal.moments import Moment
from pipeline.model.files import FileSet
from pipeline.scan import scan
from tests.support.children import running

PINNED = Pinned("A Name", "ab" * 20, 2**18, b"d4:name1:Ae", b"files", b"pieces", b"signature")
RECORD = CellRecord(
    content_id="a1-one",
    site="first",
    tracker="AA",
    album=Path("/music/One"),
    state=State.PENDING,
    pinned=PINNED,
)
SEND = """
import sys, anyio
from pathlib import Path
from attrs import evolve
from pipeline.journal import CellJournal, CellRecord, Journal, State
from pipeline.model.upload import UploadResult
async def main():
    async with Journal(Path(sys.argv[1])) as journal:
        known = {"tracker": "AA", "album": Path("/music/One"), "state": State.PENDING}
        log = CellJournal(journal, CellRecord(content_id="a1-one", site="first", **known))
        await log.begin()
        print(journal.run_id, flush=True)
        input()
        await log.stored(UploadResult("7", "https://site.example/7"), existing=False)
anyio.run(main)
"""


async def write(journal: Journal, record: CellRecord = RECORD) -> CellRecord:
    (written,) = await journal.write(record)
    assert written is not None
    return written


async def record_in(folder: Path) -> CellRecord:
    async with Journal(folder) as journal:
        (record,) = await journal.all_records()
    return record


def lose(folder: Path) -> None:
    for file in folder.glob("journal.db*"):
        file.unlink()


# Albums that need not be read


def files_at(folder: Path) -> FileSet:
    (found,) = scan([folder])
    assert isinstance(found, FileSet)
    return found


@pytest.fixture
def album(tmp_path: Path) -> Path:
    folder = tmp_path / "Album"
    folder.mkdir()
    for name in ("01.flac", "02.flac", "cover.jpg"):
        (folder / name).write_bytes(b"some bytes")
    return folder


async def test_what_was_read_is_known_by_the_next_run(tmp_path: Path, album: Path) -> None:
    files = files_at(album)
    async with Journal(tmp_path / "data") as journal:
        assert await journal.content_of(files) is None
        journal.remember(files, "a1-one")
        assert await journal.content_of(files) == "a1-one"
    async with Journal(tmp_path / "data") as journal:
        assert await journal.content_of(files_at(album)) == "a1-one"
        assert await journal.content_at(album) == "a1-one"
        journal.remember(files, "a1-two")
        assert await journal.content_of(files) == "a1-two"


def rewrite(path: Path) -> None:
    """Other bytes, and of `stat` nothing is another but the time of the change, which cannot be set."""
    before = path.stat()
    path.write_bytes(b"SOME BYTES")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace(path: Path) -> None:
    copy = path.with_suffix(".new")
    copy.write_bytes(path.read_bytes())
    copy.replace(path)


def move(folder: Path, to: Path) -> Path:
    return folder.rename(to)


CHANGES: dict[str, Callable[[Path], object]] = {
    "touched": lambda path: os.utime(path, ns=(1, 1)),
    "grown": lambda path: path.write_bytes(b"some bytes more"),
    "rewritten": rewrite,
    "replaced": replace,
    "renamed": lambda path: path.rename(path.with_name("03.flac")),
    "removed": Path.unlink,
    "joined": lambda path: path.with_name("booklet.txt").write_bytes(b"words"),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_files_that_any_change_befell_are_to_be_read(tmp_path: Path, album: Path, change: str) -> None:
    async with Journal(tmp_path / "data") as journal:
        journal.remember(files_at(album), "a1-one")
        CHANGES[change](album / "02.flac")
        assert await journal.content_of(files_at(album)) is None


async def test_a_copy_elsewhere_is_to_be_read(tmp_path: Path, album: Path) -> None:
    async with Journal(tmp_path / "data") as journal:
        journal.remember(files_at(album), "a1-one")
        moved = files_at(move(album, tmp_path / "Moved"))
        assert await journal.content_of(moved) is None


async def test_a_path_that_is_no_utf8(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    (folder / os.fsdecode(b"\xe9.flac")).write_bytes(b"x")
    async with Journal(tmp_path / "data") as journal:
        journal.remember(files_at(folder), "a1-one")
        assert await journal.content_of(files_at(folder)) == "a1-one"
        await journal.note_sent(await write(journal, evolve(RECORD, album=folder)))
    lose(tmp_path / "data")
    async with Journal(tmp_path / "data") as journal:
        assert await journal.content_at(folder) == "a1-one"


# Records


async def test_a_record_is_written_by_who_read_the_newest(tmp_path: Path) -> None:
    async with Journal(tmp_path) as first, Journal(tmp_path) as second:
        assert await first.records("a1-one") == {}
        mine = await write(first)
        assert (await second.records("a1-one"))["first"] == mine
        assert await second.write(RECORD) == [None]
        theirs = await write(second, evolve(mine, message="theirs"))
        assert await first.write(evolve(mine, message="mine")) == [None]
        assert await first.records("a1-one") == {"first": theirs}
        assert theirs.revision == 2


async def test_one_conflict_does_not_keep_the_others_from_being_written(tmp_path: Path) -> None:
    async with Journal(tmp_path) as journal:
        await write(journal)
        taken, free = await journal.write(RECORD, evolve(RECORD, site="second"))
        assert taken is None
        assert free is not None
        assert len(await journal.all_records()) == 2


async def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with Journal(folder) as journal:
        await journal.note_sent(await write(journal))
        for file in folder.iterdir():
            if file.is_file():
                assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_journal_of_a_later_version_is_refused(tmp_path: Path) -> None:
    async with Journal(tmp_path):
        pass
    with closing(sqlite3.connect(tmp_path / "journal.db", isolation_level=None)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(JournalError, match=r"journal\.db has version 99"):
        async with Journal(tmp_path):
            pass
    assert list((tmp_path / "runs").iterdir()) == []


async def test_a_damaged_journal_is_named(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(JournalError, match=r"journal\.db is damaged") as caught:
        async with Journal(tmp_path):
            pass
    assert "sent.jsonl" in caught.value.hint


# The dead and the living


async def test_what_a_living_run_sends_is_being_sent(tmp_path: Path) -> None:
    with running(SEND, tmp_path) as other:
        run_id = other.read()
        async with Journal(tmp_path) as journal:
            record = (await journal.records("a1-one"))["first"]
            assert (record.state, record.run) == (State.SENDING, run_id)
            assert await journal.unsettled() == []
            other.tell()
            other.end()
            assert (await journal.records("a1-one"))["first"].state is State.DONE


async def test_what_a_killed_run_was_sending_is_in_doubt(tmp_path: Path) -> None:
    with running(SEND, tmp_path) as other:
        other.read()
        async with Journal(tmp_path) as journal:
            before = Moment.now()
            other.kill()
            record = (await journal.records("a1-one"))["first"]
            assert (record.state, record.run, record.doubted) == (State.UNKNOWN, "", True)
            assert record.doubt is not None
            assert before.seconds <= record.doubt.seconds <= Moment.now().seconds
            assert await journal.unsettled() == [record]


async def test_the_next_run_doubts_the_dead_and_clears_up(tmp_path: Path) -> None:
    with running(SEND, tmp_path) as other:
        run_id = other.read()
        other.kill()
    assert (tmp_path / "runs" / f"{run_id}.lock").exists()
    async with Journal(tmp_path) as journal:
        (record,) = await journal.unsettled()
        assert record.state is State.UNKNOWN
        assert [file.stem for file in (tmp_path / "runs").iterdir()] == [journal.run_id]


async def test_a_doubt_is_dated_once(tmp_path: Path) -> None:
    doubted = evolve(RECORD, state=State.UNKNOWN, doubt=Moment("an earlier boot", 5.0))
    async with Journal(tmp_path) as journal:
        await write(journal, doubted)
    assert (await record_in(tmp_path)).doubt == Moment("an earlier boot", 5.0)


async def test_what_this_run_sends_is_not_doubted(tmp_path: Path) -> None:
    async with Journal(tmp_path) as journal:
        await write(journal, evolve(RECORD, state=State.SENDING, run=journal.run_id))
        assert (await journal.records("a1-one"))["first"].state is State.SENDING


# sent.jsonl


async def note(journal: Journal, *states: State) -> CellRecord:
    """Goes through the states, and notes each."""
    record = RECORD
    for state in states:
        run = journal.run_id if state is State.SENDING else ""
        record = await write(journal, evolve(record, state=state, run=run, doubted=state is State.UNKNOWN))
        await journal.note_sent(record)
    return record


@pytest.mark.parametrize(
    ("states", "known"),
    [
        ((State.SENDING,), State.UNKNOWN),
        ((State.SENDING, State.UNKNOWN), State.UNKNOWN),
        ((State.SENDING, State.NOT_SENT), State.NOT_SENT),
        ((State.SENDING, State.REJECTED), State.REJECTED),
        ((State.SENDING, State.NOT_SENT, State.SENDING, State.DONE), State.DONE),
        ((State.EXISTING,), State.EXISTING),
    ],
)
@pytest.mark.parametrize("older", [True, False])
async def test_a_journal_that_is_lost_or_older_learns_what_was_sent(
    tmp_path: Path, states: tuple[State, ...], known: State, older: bool
) -> None:
    async with Journal(tmp_path) as journal:
        pass
    copy = (tmp_path / "journal.db").read_bytes()
    async with Journal(tmp_path) as journal:
        told = await note(journal, *states)
    lose(tmp_path)
    if older:
        (tmp_path / "journal.db").write_bytes(copy)
    record = await record_in(tmp_path)
    assert record.state is known
    assert record.revision >= told.revision
    assert record.pinned == evolve(PINNED, info=None)
    assert (record.finished, record.step) == (
        known.is_stored,
        Step.ANSWERED if known.is_stored else Step.NONE,
    )
    assert record.doubted == (known is State.UNKNOWN)
    assert (record.doubt is not None) == (known is State.UNKNOWN)


@pytest.mark.parametrize("state", [State.SENDING, State.DONE])
async def test_a_journal_that_is_put_back_twice_learns_what_was_sent_in_between(
    tmp_path: Path, state: State
) -> None:
    async with Journal(tmp_path) as journal:
        first = await write(journal)
    monday = (tmp_path / "journal.db").read_bytes()
    async with Journal(tmp_path) as journal:
        for _ in range(9):
            journal.heed(skipped("rules"))
        assert (await journal.records("a1-one"))["first"].revision == 10
    tuesday = (tmp_path / "journal.db").read_bytes()
    (tmp_path / "journal.db").write_bytes(monday)
    async with Journal(tmp_path) as journal:
        sent = await write(journal, evolve(first, state=state, run=journal.run_id))
        await journal.note_sent(sent)
    (tmp_path / "journal.db").write_bytes(tuesday)
    for _ in range(2):
        record = await record_in(tmp_path)
        assert record.state is (State.UNKNOWN if state is State.SENDING else State.DONE)
        assert record.revision > 10


async def test_what_is_restored_remembers_a_doubt_that_was_settled(tmp_path: Path) -> None:
    async with Journal(tmp_path) as journal:
        await journal.note_sent(await write(journal, evolve(RECORD, state=State.NOT_SENT, doubted=True)))
    lose(tmp_path)
    assert (await record_in(tmp_path)).doubted


async def test_what_the_journal_knows_better_stays(tmp_path: Path) -> None:
    async with Journal(tmp_path) as journal:
        sent = await note(journal, State.SENDING, State.DONE)
        newest = await write(journal, evolve(sent, step=Step.SEEDING, finished=True))
    for _ in range(2):
        assert await record_in(tmp_path) == newest


async def test_lines_that_make_no_sense_are_passed_over(tmp_path: Path) -> None:
    async with Journal(tmp_path) as journal:
        await note(journal, State.SENDING, State.DONE)
    lose(tmp_path)
    log = tmp_path / "sent.jsonl"
    good = log.read_bytes()
    (line,) = [json.loads(line) for line in good.splitlines()[-1:]]
    odd = [{**line, "state": "no such"}, {**line, "revision": None}, {**line, "signature": "xyz"}]
    odd += [{name: value for name, value in line.items() if name != missing} for missing in line]
    odd += [{**line, "run": "a\0b"}, {**line, "at": float("nan")}, {**line, "revision": 10**30}]
    odd += [{**line, "name": "\ud800"}, {**line, "piece_length": -1}]
    nested = "[" * 100_000
    log.write_text("\n".join([*map(json.dumps, odd), nested]) + "\n" + good.decode() + '{"torn')
    assert (await record_in(tmp_path)).state is State.DONE


async def test_a_log_that_is_lost_makes_no_difference_to_a_whole_journal(tmp_path: Path) -> None:
    async with Journal(tmp_path) as journal:
        known = await note(journal, State.SENDING, State.DONE)
    (tmp_path / "sent.jsonl").unlink()
    assert await record_in(tmp_path) == known


async def test_there_is_something_where_either_file_is(tmp_path: Path) -> None:
    assert not has_journal(tmp_path)
    async with Journal(tmp_path) as journal:
        await note(journal, State.SENDING)
    lose(tmp_path)
    assert has_journal(tmp_path)


# Skipped albums


def skipped(reason: str) -> UploadSkipped:
    return UploadSkipped(
        album=Path("/music/One"), content_id="a1-one", tracker="AA", reason=reason, message="told", at=5.0
    )


@pytest.mark.parametrize("state", State)
async def test_a_skip_ends_only_what_was_to_be_sent(tmp_path: Path, state: State) -> None:
    async with Journal(tmp_path) as journal:
        before = await write(journal, evolve(RECORD, state=state, run=journal.run_id))
        other = await write(journal, evolve(RECORD, site="second", tracker="BB"))
        journal.heed(skipped("rules"))
        records = await journal.records("a1-one")
    assert records["second"] == other
    if state in {State.PENDING, State.SKIPPED, State.NOT_SENT, State.REJECTED}:
        ended = evolve(before, state=State.SKIPPED, reason="rules", message="told", at=5.0, revision=2)
        assert records["first"] == ended
    else:
        assert records["first"] == before


@pytest.mark.parametrize(
    "reason", ["interrupted", "tracker_off", "rejected_before", "being_sent", "same_content", "same_site"]
)
async def test_a_skip_that_says_nothing_of_the_album_leaves_it_as_it_was(tmp_path: Path, reason: str) -> None:
    async with Journal(tmp_path) as journal:
        before = await write(journal, evolve(RECORD, state=State.NOT_SENT))
        journal.heed(skipped(reason))
        assert await journal.records("a1-one") == {"first": before}


# Jobs


async def test_a_job_is_open_until_nothing_is_left_of_it(tmp_path: Path) -> None:
    async with Journal(tmp_path) as journal:
        first, second = await journal.begin_job("first"), await journal.begin_job("second")
    async with Journal(tmp_path) as journal:
        assert await journal.open_jobs() == [first, second]
        await journal.close_job(first)
        assert await journal.open_jobs() == [second]


async def test_the_same_words_are_the_same_job(tmp_path: Path) -> None:
    async with Journal(tmp_path) as journal:
        first, second = await journal.begin_job("first"), await journal.begin_job("second")
        assert await journal.begin_job("first") == first
        assert await journal.open_jobs() == [second, first]
        await journal.close_job(first)
        assert await journal.begin_job("first") == first
        assert await journal.open_jobs() == [second, first]
