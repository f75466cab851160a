"""The journal against a model of it: whatever is killed, lost or put back, nothing gets to a site twice."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Coroutine, Sequence
from contextlib import closing
from enum import Enum, auto
from pathlib import Path
from typing import Any, TypeVar

import pytest
from attrs import define, field, frozen
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pipeline.errors import Skipped, Unknown
from pipeline.events import UploadSkipped
from pipeline.journal import CellJournal, CellRecord, Journal, State, Step, journal, writer
from pipeline.journal.pinning import pinned_upload, sent_upload
from pipeline.journal.signatures import signature_of
from pipeline.journal.way import Way, way_of
from pipeline.model.pieces import Pieces
from pipeline.model.upload import UploadRequest, UploadResult
from pipeline.outcome import Outcome
from pipeline.secret import Secret
from pipeline.torrent import make_torrent
from tests.support.releases import FOLDER, make_release

T = TypeVar("T")

PASSKEY = b"0123456789abcdef0123456789abcdef"
API_KEY = b"an-api-key-of-this-account"
ANNOUNCE = Secret(f"https://site.example/announce/{PASSKEY.decode()}?key={API_KEY.decode()}")
MOST_RUNS = 2
PICKS = st.integers(0, 23)
"""Chooses among the runs, the cells or the records that there are."""


@frozen
class CellKey:
    content_id: str
    site: str


CELLS = (CellKey("a1-one", "first"), CellKey("a1-one", "second"))


class Disaster(Enum):
    """That befalls the data folder while no run lives."""

    NONE = auto()
    OLDER_JOURNAL = auto()
    NO_JOURNAL = auto()
    NO_LOG = auto()


class Fate(Enum):
    """Of a request that creates."""

    FLYING = auto()
    STORED = auto()
    LOST = auto()


@define(eq=False)
class Post:
    """A request that was sent; `run` is None once nobody waits for its answer any more."""

    cell: CellKey
    run: Run | None
    fate: Fate = Fate.FLYING


@define(eq=False)
class Log:
    """A record that a run has open."""

    cell: CellKey
    way: Way
    writes: CellJournal
    post: Post | None = None


@define(eq=False)
class Run:
    journal: Journal
    logs: list[Log] = field(factory=list)


@define
class Clock:
    now: float = 1_700_000_000.0

    def time(self) -> float:
        self.now += 1
        return self.now


def pick(among: Sequence[T], number: int) -> T:
    return among[number % len(among)]


def sent() -> tuple[UploadRequest, Pieces]:
    release = make_release()
    pieces = Pieces(release.album.files, 2**18, bytes(20) * -(-release.album.files.size // 2**18))
    torrent = make_torrent(pieces, announce_url=ANNOUNCE, source="SITE")
    return UploadRequest(release, torrent, "A Name", "A description", anonymous=False), pieces


REQUEST, PIECES = sent()
PINNED = pinned_upload(REQUEST, PIECES, signature_of(PIECES.files))


async def die(dying: Journal) -> None:
    """As the kernel ends a run: its lock is free, and the file that it held stays."""
    lock = dying.folder / "runs" / f"{dying.run_id}.lock"
    kept = lock.with_suffix(".kept")
    os.link(lock, kept)
    await dying.__aexit__(None, None, None)
    kept.rename(lock)


class JournalMachine(RuleBasedStateMachine):
    """Journals in one process stand for runs in many; a post knows what the journal cannot: its fate."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="mua-async-journal-"))
        self.loop = asyncio.Runner()
        self.clock = Clock()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(journal, "time", self.clock)
        # No power fails here, and without syncing it goes through much more in a second.
        self.patch.setattr(writer, "PRAGMAS", ("journal_mode = WAL", "synchronous = OFF"))
        self.patch.setattr(os, "fsync", lambda descriptor: None)
        self.runs: list[Run] = []
        self.posts: list[Post] = []
        self.may_be_there: set[CellKey] = set()
        """As far as the journal was told."""
        self.done: set[CellKey] = set()
        self.copies: list[Path] = []
        """Of journal.db, as it was at the start of a run."""
        self.journal_is_newest = False
        """It needs no sent.jsonl to know what was sent."""
        self.log_is_whole = True
        self.revisions: dict[CellKey, int] = {}

    def teardown(self) -> None:
        for run in self.runs:
            self.wait(run.journal.__aexit__(None, None, None))
        self.loop.close()
        self.patch.undo()
        shutil.rmtree(self.folder)

    def wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.loop.run(coroutine)

    @property
    def database(self) -> Path:
        return self.folder / "journal.db"

    def logs(self, *ways: Way, sending: bool = False) -> list[Log]:
        return [
            log
            for run in self.runs
            for log in run.logs
            if log.way in ways and (log.post is not None) == sending
        ]

    def on_the_way(self, cell: CellKey) -> list[Post]:
        """Those that nobody waits for, and that may arrive still."""
        return [post for post in self.posts if post.cell == cell and post.run is None and is_flying(post)]

    # Runs and their folder

    @precondition(lambda self: len(self.runs) < MOST_RUNS)
    @rule()
    def a_run_begins(self) -> None:
        if self.database.exists():
            self.copy_journal()
        run = Run(Journal(self.folder))
        self.wait(run.journal.__aenter__())
        self.runs.append(run)
        self.journal_is_newest = True

    @precondition(lambda self: self.runs)
    @rule(number=PICKS)
    def a_run_ends(self, number: int) -> None:
        """By itself, or killed while it sends."""
        run = pick(self.runs, number)
        if any(log.post for log in run.logs):
            self.kill(run)
        else:
            self.wait(run.journal.__aexit__(None, None, None))
            self.runs.remove(run)

    @rule(disaster=st.sampled_from(Disaster), number=PICKS)
    def all_runs_are_killed(self, disaster: Disaster, number: int) -> None:
        for run in list(self.runs):
            self.kill(run)
        match disaster:
            case Disaster.OLDER_JOURNAL if self.copies:
                self.remove_journal()
                shutil.copy(pick(self.copies, number), self.database)
            case Disaster.NO_JOURNAL if self.log_is_whole:
                self.remove_journal()
            case Disaster.NO_LOG if self.journal_is_newest and number == 0:
                (self.folder / "sent.jsonl").unlink(missing_ok=True)
                self.copies, self.log_is_whole = [], False  # older copies know too little from now on

    @rule(seconds=st.floats(1, 1e8))
    def the_clock_is_set_back(self, seconds: float) -> None:
        self.clock.now -= seconds

    def kill(self, run: Run) -> None:
        self.wait(die(run.journal))
        self.runs.remove(run)
        for post in self.posts:
            if post.run is run:
                post.run = None

    def copy_journal(self) -> None:
        copy = self.folder / f"copy {len(self.copies)}"
        with closing(sqlite3.connect(self.database)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        self.copies.append(copy)

    def remove_journal(self) -> None:
        for file in self.folder.glob("journal.db*"):
            file.unlink()
        self.revisions.clear()
        self.journal_is_newest = False

    # One album at one site

    @precondition(lambda self: self.runs)
    @rule(number=PICKS, cell=st.sampled_from(CELLS), resuming=st.booleans(), at_once=st.booleans())
    def a_run_takes_up_an_album(self, number: int, cell: CellKey, resuming: bool, at_once: bool) -> None:
        run = pick(self.runs, number)
        record = self.record_of(run, cell)
        way = way_of(record, resuming=resuming, allow_duplicate=False)
        self.check_way(cell, way, resuming=resuming)
        if record is None:
            record = CellRecord(
                content_id=cell.content_id, site=cell.site, tracker="AA", album=FOLDER, state=State.PENDING
            )
            self.wait(run.journal.write(record))
            record = self.record_of(run, cell)
            assert record is not None
        log = Log(cell, way, CellJournal(run.journal, record))
        if way is Way.SEND:
            log.writes.pin(PINNED)
        if way in {Way.SEND, Way.SETTLE, Way.COMPARE}:
            run.logs.append(log)
        if way is Way.SEND and at_once:
            self.send(log)

    def check_way(self, cell: CellKey, way: Way, *, resuming: bool) -> None:
        if cell in self.done:
            assert way is Way.COMPARE
        elif cell in self.may_be_there:
            living = any(post.cell == cell and post.run and post.fate is not Fate.LOST for post in self.posts)
            assert way is (Way.BEING_SENT if living else Way.SETTLE)
        else:
            assert way is Way.SEND or (resuming and way is Way.LEAVE_REFUSED)

    def record_of(self, run: Run, cell: CellKey) -> CellRecord | None:
        return self.wait(run.journal.records(cell.content_id)).get(cell.site)

    @precondition(lambda self: self.logs(Way.SEND))
    @rule(number=PICKS)
    def it_is_sent(self, number: int) -> None:
        """By a record that was read long ago, it may be."""
        self.send(pick(self.logs(Way.SEND), number))

    def send(self, log: Log) -> None:
        run = self.run_of(log)
        try:
            self.wait(log.writes.begin())
        except (Skipped, Unknown):
            run.logs.remove(log)
            return
        assert log.cell not in self.may_be_there
        self.may_be_there.add(log.cell)
        log.post = Post(log.cell, run)
        self.posts.append(log.post)

    @precondition(lambda self: self.logs(Way.SEND, sending=True))
    @rule(number=PICKS, outcome=st.sampled_from([None, Outcome.NOT_SENT, Outcome.REJECTED]))
    def it_did_not_arrive(self, number: int, outcome: Outcome | None) -> None:
        """And is tried again, or not."""
        log = pick(self.logs(Way.SEND, sending=True), number)
        if log.post is not None and log.post.fate is Fate.STORED:
            return
        self.wait(log.writes.failed(outcome, "for a reason") if outcome else log.writes.withdraw())
        assert log.writes.record.state is State(outcome or Outcome.NOT_SENT)
        self.answered(log, Fate.LOST)

    @precondition(lambda self: self.logs(Way.SEND, sending=True))
    @rule(number=PICKS)
    def nobody_knows_what_became_of_it(self, number: int) -> None:
        log = pick(self.logs(Way.SEND, sending=True), number)
        self.wait(log.writes.failed(Outcome.UNKNOWN, "no answer"))
        assert log.post is not None
        log.post.run = None
        self.run_of(log).logs.remove(log)

    @precondition(lambda self: self.logs(Way.SEND, sending=True))
    @rule(number=PICKS)
    def it_is_stored(self, number: int) -> None:
        log = pick(self.logs(Way.SEND, sending=True), number)
        self.wait(log.writes.stored(UploadResult("7", "https://site.example/7"), existing=False))
        assert log.writes.record.state is State.DONE
        self.answered(log, Fate.STORED)
        log.way = Way.COMPARE

    def answered(self, log: Log, fate: Fate) -> None:
        assert log.post is not None
        log.post.fate, log.post.run, log.post = fate, None, None
        if fate is Fate.LOST:
            self.may_be_there.discard(log.cell)
        else:
            self.done.add(log.cell)

    @precondition(lambda self: self.logs(Way.SEND))
    @rule(number=PICKS)
    def it_fails_before_it_is_sent(self, number: int) -> None:
        """The site could not be asked for a duplicate; others may have sent it since it was read."""
        log = pick(self.logs(Way.SEND), number)
        self.wait(log.writes.failed(Outcome.NOT_SENT, "cannot be reached"))
        self.run_of(log).logs.remove(log)

    @precondition(lambda self: any(map(is_flying, self.posts)))
    @rule(number=PICKS)
    def it_arrives_late(self, number: int) -> None:
        pick([post for post in self.posts if is_flying(post)], number).fate = Fate.STORED

    @precondition(lambda self: self.logs(Way.SETTLE))
    @rule(number=PICKS, arrives=st.booleans())
    def it_is_settled(self, number: int, arrives: bool) -> None:
        """Late enough: what was on its way has arrived, or never will."""
        log = pick(self.logs(Way.SETTLE), number)
        for post in self.on_the_way(log.cell):
            post.fate = Fate.STORED if arrives else Fate.LOST
        pinned = log.writes.record.pinned
        assert pinned is not None
        assert pinned.infohash == REQUEST.torrent.infohash
        if pinned.info is not None:
            kept = sent_upload(pinned, ANNOUNCE)
            assert kept is not None
            assert kept.torrent == REQUEST.torrent
        self.run_of(log).logs.remove(log)
        if any(post.cell == log.cell and post.fate is Fate.STORED for post in self.posts):
            self.wait(log.writes.stored(UploadResult("7", None), existing=False))
            if log.writes.record.state is State.DONE:
                self.done.add(log.cell)
        else:
            self.wait(log.writes.failed(Outcome.NOT_SENT, "the site has not got it"))
            if log.writes.record.state is State.NOT_SENT:
                self.may_be_there.discard(log.cell)

    @precondition(lambda self: self.logs(Way.COMPARE))
    @rule(
        number=PICKS, step=st.sampled_from([Step.FETCHED, Step.HANDED, Step.SEEDING]), finished=st.booleans()
    )
    def its_torrent_comes_on(self, number: int, step: Step, finished: bool) -> None:
        log = pick(self.logs(Way.COMPARE), number)
        self.wait(log.writes.torrent_at(step, FOLDER / "site.torrent", finished=finished))

    @precondition(lambda self: self.runs)
    @rule(number=PICKS, cell=st.sampled_from(CELLS), reason=st.sampled_from(["rules", "being_sent"]))
    def a_copy_is_skipped(self, number: int, cell: CellKey, reason: str) -> None:
        run = pick(self.runs, number)
        run.journal.heed(
            UploadSkipped(
                album=FOLDER, content_id=cell.content_id, tracker="AA", reason=reason, message="no year"
            )
        )

    # What holds always

    @invariant()
    def no_album_is_on_a_site_twice(self) -> None:
        for cell in CELLS:
            assert sum(post.cell == cell and post.fate is not Fate.LOST for post in self.posts) <= 1

    @invariant()
    def what_is_done_stays_so_and_revisions_grow(self) -> None:
        if not self.runs:
            return
        with closing(sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True)) as db:
            rows = db.execute("SELECT content_id, site, state, revision FROM cells").fetchall()
        found = {
            CellKey(content_id, site): (State(state), revision) for content_id, site, state, revision in rows
        }
        for cell, (state, revision) in found.items():
            assert revision >= self.revisions.get(cell, 1)
            self.revisions[cell] = revision
            assert (cell in self.done) <= state.is_stored
        assert self.done <= found.keys()

    @invariant()
    def no_key_is_written_down(self) -> None:
        for file in self.folder.iterdir():
            if file.is_file():
                data = file.read_bytes()
                assert PASSKEY not in data
                assert API_KEY not in data

    def run_of(self, log: Log) -> Run:
        (run,) = [run for run in self.runs if log in run.logs]
        return run


def is_idle(run: Run) -> bool:
    return not any(log.post for log in run.logs)


def is_flying(post: Post) -> bool:
    return post.fate is Fate.FLYING


JournalMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=50)
TestJournal = JournalMachine.TestCase
