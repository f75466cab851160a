"""What a run does with albums that earlier runs, or other runs, have taken up."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, TypeVar

import anyio
import pytest
from anyio import to_thread
from attrs import define, evolve, field

from pipeline.errors import NotSent, Rejected, Unknown
from pipeline.events import (
    AlbumFound,
    AudioVerified,
    Cell,
    CellEvent,
    Event,
    EventBus,
    PiecesHashed,
    TagsRead,
    UploadDone,
    UploadFailed,
    UploadSkipped,
)
from pipeline.flow import Flow, Job
from pipeline.journal import CellRecord, Journal, Pinned, State, Step
from pipeline.journal.moments import Moment
from pipeline.model.upload import Existing, LookUp, SentUpload, UploadRequest
from pipeline.outcome import Outcome
from pipeline.upload import UploadSettings
from tests.support.audio import make_album
from tests.support.trackers import MemoryClient, MemoryTracker, profile

E = TypeVar("E", bound=Event)

FOUND = LookUp(found=Existing(True, "7", "https://site.example/7", None, "A Name"))
ABSENT = LookUp(absent=True)
READ = (TagsRead, PiecesHashed, AudioVerified)
"""Events of files that were opened."""


@define
class AskedTracker(MemoryTracker):
    """Look-ups wait for `looking`, and tell when they do."""

    looking: anyio.Event | None = None
    asked: anyio.Event = field(factory=anyio.Event)

    async def find_sent(self, sent: SentUpload, cell: Cell) -> LookUp:
        self.asked.set()
        if self.looking is not None:
            await self.looking.wait()
        return await MemoryTracker.find_sent(self, sent, cell)


@define
class Told:
    """What a run has published."""

    events: list[Event] = field(factory=list)

    def of(self, *kinds: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kinds)]

    def verdict(self, tracker: str = "AA") -> CellEvent:
        """There is never more than one."""
        (verdict,) = [end for end in self.verdicts() if end.tracker == tracker]
        return verdict

    def verdicts(self) -> list[CellEvent]:
        return self.of(UploadDone, UploadFailed, UploadSkipped)

    def skipped(self, tracker: str = "AA") -> str:
        verdict = self.verdict(tracker)
        assert isinstance(verdict, UploadSkipped)
        return verdict.reason


@define
class Bench:
    """A library of one album, two trackers, and runs over them that share a journal."""

    folder: Path
    album: Path
    aa: AskedTracker = field(factory=lambda: AskedTracker(profile("AA")))
    bb: AskedTracker = field(factory=lambda: AskedTracker(profile("BB")))
    client: MemoryClient = field(factory=MemoryClient)

    async def run(self, *, both: bool = False, allow_duplicate: bool = False, **job: Any) -> Told:
        async with Journal(self.folder / "data") as journal:
            told, flow = self.flow(journal, both=both, allow_duplicate=allow_duplicate, **job)
            await flow.run()
        return told

    def flow(
        self, journal: Journal, *, both: bool = False, allow_duplicate: bool = False, **job: Any
    ) -> tuple[Told, Flow]:
        told, bus = Told(), EventBus()
        settings = UploadSettings(
            self.folder / "torrents", allow_duplicate=allow_duplicate, clients=[self.client]
        )
        trackers = [self.aa, self.bb] if both else [self.aa]
        flow = Flow(
            Job(**{"paths": [self.folder / "library"], "upload": settings, **job}),
            trackers,
            bus.publish,
            journal,
        )
        for subscriber in (told.events.append, journal.heed, flow.heed):
            bus.subscribe(subscriber)
        for tracker in trackers:
            tracker.publish = bus.publish
        return told, flow

    async def known(self, site: str = "AA") -> CellRecord:
        async with Journal(self.folder / "data") as journal:
            (record,) = [record for record in await journal.all_records() if record.site == site]
        return record

    async def write(self, **changes: Any) -> None:
        """Changes what is known of the album at AA."""
        record = await self.known()
        async with Journal(self.folder / "data") as journal:
            assert None not in await journal.write(evolve(record, **changes))

    async def leave_unknown(self) -> None:
        """As a run does that had no answer long ago."""
        self.aa.failures["upload"] = Unknown("no answer")
        await self.run()
        self.aa.failures.clear()
        await self.write(doubt=Moment("an earlier boot", 0.0))

    async def leave_unseeded(self) -> None:
        self.aa.failures["fetch_torrent"] = NotSent("AA cannot be reached")
        await self.run()
        self.aa.failures.clear()


@pytest.fixture
async def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, make_album(tmp_path / "library/Album", tracks=1, seconds=0.05))


def touch(folder: Path) -> None:
    for file in folder.iterdir():
        os.utime(file)


def swap(folder: Path) -> None:
    """Other bytes of the same length in the tags; the audio, and so the content, is what it was."""
    (file,) = folder.glob("*.flac")
    data = file.read_bytes()
    assert b"First Light" in data
    file.write_bytes(data.replace(b"First Light", b"First Night"))


# What is done


async def test_what_is_done_everywhere_is_not_even_read(bench: Bench) -> None:
    await bench.run(both=True)
    again = await bench.run(both=True)
    assert (again.skipped("AA"), again.skipped("BB")) == ("done_before", "done_before")
    assert again.of(*READ) == []
    assert len(again.of(AlbumFound)) == 1
    assert len(bench.aa.stored) == len(bench.bb.stored) == 1


async def test_what_is_done_at_one_is_sent_to_the_other(bench: Bench) -> None:
    await bench.run()
    second = await bench.run(both=True)
    assert second.skipped("AA") == "done_before"
    assert isinstance(second.verdict("BB"), UploadDone)
    assert len(bench.aa.stored) == len(bench.bb.stored) == 1


async def test_files_that_were_touched_are_hashed_once_more(bench: Bench) -> None:
    await bench.run()
    touch(bench.album)
    touched = await bench.run()
    assert touched.skipped() == "done_before"
    assert len(touched.of(PiecesHashed)) == 1
    again = await bench.run()
    assert again.skipped() == "done_before"
    assert again.of(*READ) == []


async def test_files_that_have_changed_are_told(bench: Bench) -> None:
    await bench.run()
    await to_thread.run_sync(swap, bench.album)
    for _ in range(2):
        changed = await bench.run()
        assert changed.skipped() == "changed_since_upload"
        (skip,) = changed.of(UploadSkipped)
        assert skip.url == "http://127.0.0.1:9/torrents/1"
    assert len(bench.aa.stored) == 1
    assert (await bench.known()).state is State.DONE


async def test_a_folder_that_was_renamed_is_not_sent_again(bench: Bench) -> None:
    await bench.run()
    await anyio.Path(bench.album).rename(bench.album.with_name("Renamed"))
    renamed = await bench.run()
    assert renamed.skipped() == "done_before"
    assert renamed.of(PiecesHashed) == []


async def test_a_folder_that_was_moved_is_what_it_was(bench: Bench) -> None:
    await bench.run()
    await anyio.Path(bench.folder / "library/Artist").mkdir()
    await anyio.Path(bench.album).rename(bench.folder / "library/Artist/Album")
    assert (await bench.run()).skipped() == "done_before"


async def test_duplicates_are_sent_where_they_are_allowed(bench: Bench) -> None:
    await bench.run()
    assert isinstance((await bench.run(allow_duplicate=True)).verdict(), UploadDone)
    assert len(bench.aa.stored) == 2
    assert (await bench.run(allow_duplicate=True, resuming=True)).skipped() == "done_before"


@pytest.mark.parametrize("error", [NotSent("AA cannot be reached"), Rejected("no")])
async def test_a_duplicate_that_fails_leaves_the_first_done(bench: Bench, error: Exception) -> None:
    await bench.run()
    bench.aa.failures["upload"] = error
    assert isinstance((await bench.run(allow_duplicate=True)).verdict(), UploadFailed)
    bench.aa.failures.clear()
    assert (await bench.run()).skipped() == "done_before"
    assert len(bench.aa.stored) == 1


# What failed


async def test_what_was_refused_is_left_alone_by_resume(bench: Bench) -> None:
    bench.aa.failures["upload"] = Rejected("the name is too long")
    await bench.run()
    bench.aa.failures.clear()
    resumed = await bench.run(resuming=True)
    assert resumed.skipped() == "rejected_before"
    (skip,) = resumed.of(UploadSkipped)
    assert "the name is too long" in skip.message
    assert (await bench.known()).state is State.REJECTED
    assert isinstance((await bench.run()).verdict(), UploadDone)


@pytest.mark.parametrize("resuming", [False, True])
async def test_what_was_not_sent_is_tried_again(bench: Bench, resuming: bool) -> None:
    bench.aa.failures["upload"] = NotSent("AA cannot be reached")
    await bench.run()
    bench.aa.failures.clear()
    assert isinstance((await bench.run(resuming=resuming)).verdict(), UploadDone)
    assert len(bench.aa.stored) == 1


# What is unknown


async def test_what_is_unknown_is_asked_of_the_site(bench: Bench) -> None:
    await bench.leave_unknown()
    bench.aa.look = FOUND
    settled = await bench.run()
    assert isinstance(settled.verdict(), UploadDone)
    assert bench.aa.stored == []
    record = await bench.known()
    assert (record.state, record.torrent_id, record.finished) == (State.DONE, "7", True)
    assert len(bench.client.taken) == 1


async def test_what_surely_is_not_there_is_sent_after_all(bench: Bench) -> None:
    await bench.leave_unknown()
    bench.aa.look = ABSENT
    settled = await bench.run()
    assert isinstance(settled.verdict(), UploadDone)
    assert len(bench.aa.stored) == 1


async def test_what_stays_unknown_is_not_sent(bench: Bench) -> None:
    await bench.leave_unknown()
    for resuming in (False, True):
        left = (await bench.run(resuming=resuming)).verdict()
        assert isinstance(left, UploadFailed)
        assert left.outcome is Outcome.UNKNOWN
    assert bench.aa.stored == []


async def test_an_unknown_one_whose_files_were_not_looked_for_is_not_sent(bench: Bench) -> None:
    await bench.leave_unknown()
    bench.aa.look = ABSENT
    left = (await bench.run(paths=[], unsettled=[await bench.known()])).verdict()
    assert isinstance(left, UploadFailed)
    assert left.outcome is Outcome.NOT_SENT
    assert "`upload` sends it" in left.message
    assert (await bench.known()).state is State.NOT_SENT


async def test_what_another_run_found_while_we_asked_is_not_sent_again(bench: Bench) -> None:
    """We were told that it is absent; somebody who asked later knows better."""
    await bench.leave_unknown()
    bench.aa.look, bench.aa.looking = ABSENT, anyio.Event()
    async with Journal(bench.folder / "data") as journal, anyio.create_task_group() as group:
        told, flow = bench.flow(journal)
        group.start_soon(flow.run)
        await bench.aa.asked.wait()
        await bench.write(state=State.DONE, url="https://site.example/7")
        bench.aa.looking.set()
    assert told.skipped() == "done_before"
    assert bench.aa.stored == []
    assert (await bench.known()).state is State.DONE


async def test_what_another_run_lost_track_of_while_it_waited_is_settled(bench: Bench) -> None:
    """It was to be sent when it was prepared, and had to wait for its turn."""
    bench.aa.gate = anyio.Event()
    make_first = make_album(bench.folder / "library/A First One", tracks=1, seconds=0.07)
    async with Journal(bench.folder / "data") as journal, anyio.create_task_group() as group:
        told, flow = bench.flow(journal, jobs=1)
        group.start_soon(flow.run)
        await bench.aa.arrived.wait()
        await anyio.wait_all_tasks_blocked()
        while len(told.of(PiecesHashed)) < 2:
            await anyio.wait_all_tasks_blocked()
        (waiting,) = [record for record in await journal.all_records() if record.album == bench.album]
        info = (await journal.all_records())[0].pinned
        assert isinstance(info, Pinned)
        doubt = Moment("an earlier boot", 0.0)
        unknown = evolve(waiting, state=State.UNKNOWN, doubt=doubt, doubted=True, pinned=info)
        assert None not in await journal.write(unknown)
        bench.aa.look = FOUND
        bench.aa.gate.set()
    done = {event.album: event for event in told.of(UploadDone)}
    assert done.keys() == {make_first, bench.album}
    assert done[bench.album].torrent_id == "7"
    assert len(bench.aa.stored) == 1


# What does not seed yet


async def test_what_is_stored_and_does_not_seed_is_handed_over(bench: Bench) -> None:
    await bench.leave_unseeded()
    assert not (await bench.known()).finished
    again = await bench.run()
    assert isinstance(again.verdict(), UploadDone)
    assert len(bench.aa.stored) == 1
    record = await bench.known()
    assert (record.step, record.finished) == (Step.SEEDING, True)
    assert (await bench.run()).skipped() == "done_before"


async def test_what_is_open_and_found_as_well_is_handed_over_once(bench: Bench) -> None:
    await bench.leave_unseeded()
    again = await bench.run(unsettled=[await bench.known()])
    done, skip = again.verdicts()
    assert isinstance(done, UploadDone)
    assert isinstance(skip, UploadSkipped)
    assert skip.reason == "done_before"
    assert len(bench.client.taken) == 1


async def test_a_stop_while_it_is_handed_over_tells_one_verdict(bench: Bench) -> None:
    await bench.leave_unseeded()
    fetching = anyio.Event()

    @define
    class SlowTracker(AskedTracker):
        async def fetch_torrent(self, *_: object) -> bytes | None:
            fetching.set()
            await anyio.sleep_forever()
            return None

    bench.aa = SlowTracker(profile("AA"))
    async with Journal(bench.folder / "data") as journal, anyio.create_task_group() as group:
        told, flow = bench.flow(journal)
        group.start_soon(flow.run)
        await fetching.wait()
        flow.stop()
    assert isinstance(told.verdict(), UploadDone)
    record = await bench.known()
    assert (record.state, record.finished) == (State.DONE, False)


# Others who are at it


async def test_two_runs_at_once_send_it_once(bench: Bench) -> None:
    bench.aa.gate = anyio.Event()
    async with (
        Journal(bench.folder / "data") as journal,
        Journal(bench.folder / "data") as another,
        anyio.create_task_group() as group,
    ):
        first, flow = bench.flow(journal)
        group.start_soon(flow.run)
        await bench.aa.arrived.wait()
        second, flow = bench.flow(another)
        await flow.run()
        bench.aa.gate.set()
    assert second.skipped() == "being_sent"
    assert isinstance(first.verdict(), UploadDone)
    assert len(bench.aa.stored) == 1


async def test_a_copy_that_is_skipped_does_not_keep_the_album_from_being_sent(bench: Bench) -> None:
    """The same audio lies there once more, in a folder that the site does not take."""

    @define
    class WaitingTracker(AskedTracker):
        async def find_existing(self, request: UploadRequest) -> Existing | None:
            self.arrived.set()
            assert self.gate is not None
            await self.gate.wait()
            return None

    bench.aa = WaitingTracker(profile("AA"), gate=anyio.Event())
    async with Journal(bench.folder / "data") as journal, anyio.create_task_group() as group:
        told, flow = bench.flow(journal)
        group.start_soon(flow.run)
        await bench.aa.arrived.wait()
        (record,) = await journal.all_records()
        cell = Cell(bench.folder / "Copy", record.content_id, "AA", flow.publish)
        cell.report(UploadSkipped, reason="missing", message="no year")
        assert bench.aa.gate is not None
        bench.aa.gate.set()
    assert [type(verdict) for verdict in told.verdicts()] == [UploadSkipped, UploadDone]
    assert len(bench.aa.stored) == 1
