"""An upload that an earlier run left open: what the site says of it decides, and a miss only in time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from attrs import define, evolve, field

from pipeline import settling
from pipeline.errors import NotSent, Unknown
from pipeline.events import (
    Cell,
    CellEvent,
    Event,
    Seeding,
    UploadDone,
    UploadFailed,
    UploadSkipped,
    UploadWaiting,
)
from pipeline.hashing.pool import HashPool
from pipeline.journal import CellJournal, CellRecord, Journal, State, Step
from pipeline.journal.moments import Moment
from pipeline.journal.pinning import pinned_upload
from pipeline.journal.signatures import signature_of
from pipeline.model.files import FileSet
from pipeline.model.pieces import Pieces
from pipeline.model.upload import Existing, LookUp, SentUpload, UploadRequest
from pipeline.outcome import Outcome
from pipeline.scan import scan
from pipeline.secret import Secret
from pipeline.settling import Patience, Settlement
from pipeline.torrent import make_torrent
from tests.support.audio import make_album
from tests.support.releases import make_release
from tests.support.trackers import MemoryClient, MemoryTracker, profile

LONG_AGO = Moment("an earlier boot", 0.0)
FOUND = LookUp(found=Existing(True, "7", "https://site.example/7", None, "A Name"))
ABSENT = LookUp(absent=True)
MISS = LookUp()


@define
class AskedTracker(MemoryTracker):
    """Tells one thing after the other of an upload in doubt, the last for good."""

    looks: list[LookUp] = field(factory=list)
    asked_for: list[SentUpload] = field(factory=list)
    takes: float = 0.0
    """Seconds for a look-up."""

    async def find_sent(self, sent: SentUpload, cell: Cell) -> LookUp:
        self._fail("find_sent")
        self.asked_for.append(sent)
        await anyio.sleep(self.takes)
        return self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]


@define
class Bench:
    """An album that was sent, and the run that finds it open."""

    folder: Path
    journal: Journal
    request: UploadRequest
    pieces: Pieces
    tracker: AskedTracker = field(factory=AskedTracker)
    client: MemoryClient = field(factory=MemoryClient)
    patience: Patience = field(factory=Patience)
    events: list[Event] = field(factory=list)

    async def settle(self, *, just_now: bool = False, **changes: Any) -> bool:
        """Whether it may be sent; `just_now` its sender was still alive."""
        settlement = await self.settlement(**changes)
        if just_now:
            settlement.log.record = evolve(settlement.log.record, doubt=Moment.now())
        return await settlement.run()

    async def settlement(self, site: str = "AA", **changes: Any) -> Settlement:
        album = self.pieces.files.root
        known: dict[str, Any] = {
            "state": State.UNKNOWN,
            "doubt": LONG_AGO,
            "doubted": True,
            "pinned": pinned_upload(self.request, self.pieces, signature_of(self.pieces.files)),
            **changes,
        }
        record = CellRecord(content_id="a1-one", site=site, tracker=site, album=album, **known)
        (written,) = await self.journal.write(record)
        assert written is not None
        cell = Cell(album, "a1-one", site, self.events.append)
        log = CellJournal(self.journal, written)
        return Settlement(log, self.tracker, cell, self.folder / "torrents", [self.client], self.patience)

    async def known(self, site: str = "AA") -> CellRecord:
        return (await self.journal.records("a1-one"))[site]

    def verdicts(self) -> list[CellEvent]:
        ends = (UploadDone, UploadFailed, UploadSkipped)
        return [event for event in self.events if isinstance(event, ends)]

    def waits(self) -> list[float]:
        return [event.seconds for event in self.events if isinstance(event, UploadWaiting)]

    def believe(self, *looks: LookUp, settle_after: float = 300.0, repost_when_unknown: bool = False) -> None:
        self.tracker.looks = list(looks)
        self.tracker.profile = profile(settle_after=settle_after, repost_when_unknown=repost_when_unknown)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    (files,) = scan([make_album(tmp_path / "Album", tracks=1, seconds=0.1)])
    assert isinstance(files, FileSet)
    pieces = await HashPool().hash_files(files, progress=lambda done, size: None)
    torrent = make_torrent(pieces, announce_url=profile().announce_url, source="AA")
    request = UploadRequest(make_release(), torrent, "A Name", "A description", anonymous=False)
    async with Journal(tmp_path / "data") as journal:
        bench = Bench(tmp_path, journal, request, pieces)
        bench.believe(MISS)
        yield bench


def left_unknown(bench: Bench, *texts: str) -> None:
    """That it is unknown is told, once, with what the user can do."""
    (verdict,) = bench.verdicts()
    assert isinstance(verdict, UploadFailed)
    assert verdict.outcome is Outcome.UNKNOWN
    assert "`mua-async resolve` notes what you saw there" in verdict.hint
    for text in texts:
        assert text in verdict.message


# It is there


async def test_what_the_site_has_is_done_and_seeded(bench: Bench) -> None:
    bench.believe(FOUND)
    assert not await bench.settle()
    (done,) = bench.verdicts()
    assert isinstance(done, UploadDone)
    assert (done.torrent_id, done.url, done.existing) == ("7", "https://site.example/7", False)
    record = await bench.known()
    assert (record.state, record.finished, record.torrent_id) == (State.DONE, True, "7")
    assert bench.client.taken == [bench.request.torrent.data]


async def test_the_site_is_asked_for_what_was_sent_whatever_became_of_the_folder(bench: Bench) -> None:
    bench.believe(FOUND)
    await anyio.Path(bench.pieces.files.root).rename(bench.folder / "Another Name")
    await bench.settle()
    (sent,) = bench.tracker.asked_for
    assert (sent.name, sent.torrent) == ("A Name", bench.request.torrent)
    assert sent.files == tuple((file.parts, file.size) for file in bench.pieces.files.files)


async def test_what_is_found_needs_no_time_to_pass(bench: Bench) -> None:
    bench.believe(FOUND)
    await bench.settle(just_now=True)
    assert bench.waits() == []
    assert (await bench.known()).state is State.DONE


# It is not there


async def test_what_the_site_surely_has_not_may_be_sent(bench: Bench) -> None:
    bench.believe(ABSENT)
    assert await bench.settle()
    assert bench.verdicts() == []
    record = await bench.known()
    assert (record.state, record.doubted) == (State.NOT_SENT, True)


async def test_a_miss_that_proves_nothing_leaves_it_unknown(bench: Bench) -> None:
    assert not await bench.settle(message="no answer")
    left_unknown(bench, "no answer; its search does not tell what became of it")
    assert (await bench.known()).state is State.UNKNOWN


async def test_a_miss_is_enough_for_who_asked_for_that(bench: Bench) -> None:
    bench.believe(MISS, repost_when_unknown=True)
    assert await bench.settle()
    assert (await bench.known()).state is State.NOT_SENT


@pytest.mark.parametrize("look", [ABSENT, MISS])
async def test_an_early_miss_counts_for_nobody(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, look: LookUp
) -> None:
    monkeypatch.setattr(settling, "PATIENCE", 0.01)
    bench.believe(look, repost_when_unknown=True)
    assert not await bench.settle(just_now=True)
    left_unknown(bench, "not found there, which counts only in 300 s")
    assert (await bench.known()).state is State.UNKNOWN
    assert len(bench.waits()) == 1
    assert len(bench.tracker.asked_for) == 2


async def test_what_is_absent_after_a_short_wait_may_be_sent(bench: Bench) -> None:
    bench.believe(ABSENT, settle_after=0.2)
    assert await bench.settle(just_now=True)
    doubt = (await bench.known()).doubt
    assert doubt is not None
    assert doubt.elapsed() >= 0.2
    assert len(bench.waits()) == 1
    assert len(bench.tracker.asked_for) == 2


async def test_what_arrives_while_the_run_waits_is_done(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "PATIENCE", 0.01)
    bench.believe(ABSENT, FOUND)
    assert not await bench.settle(just_now=True)
    assert (await bench.known()).state is State.DONE
    (done,) = bench.verdicts()
    assert isinstance(done, UploadDone)


async def test_a_look_up_that_began_early_does_not_count_though_it_took_long(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "PATIENCE", 0.0)
    bench.believe(ABSENT, settle_after=0.2)
    bench.tracker.takes = 0.3
    assert not await bench.settle(just_now=True)
    left_unknown(bench, "counts only in 1 s")


async def test_what_was_restored_from_the_log_alone_is_never_sent_by_itself(bench: Bench) -> None:
    bench.believe(ABSENT, repost_when_unknown=True)
    pinned = pinned_upload(bench.request, bench.pieces, b"")
    assert not await bench.settle(pinned=evolve(pinned, info=None))
    left_unknown(bench, "what was sent is not kept here")
    assert bench.tracker.asked_for == []
    assert bench.waits() == []
    assert (await bench.known()).state is State.UNKNOWN


# Patience


async def test_all_of_a_run_wait_together(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "PATIENCE", 0.05)
    bench.believe(ABSENT)
    for site in ("AA", "BB", "CC"):
        await bench.settle(site=site, just_now=True)
    first, *others = bench.waits()
    assert first == pytest.approx(0.05)
    assert sum(others) <= 0.05
    assert len(bench.verdicts()) == 3


async def test_patience_begins_with_the_first_who_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "PATIENCE", 0.05)
    patience = Patience()
    assert patience.share_of(0.0) == 0.0
    await anyio.sleep(0.06)
    assert patience.share_of(0.01) == pytest.approx(0.01)
    assert patience.share_of(10.0) == pytest.approx(0.05, abs=0.02)
    await anyio.sleep(0.06)
    assert patience.share_of(10.0) == 0.0


# What breaks


@pytest.mark.parametrize("error", [NotSent("SITE cannot be reached"), Unknown("no sense in its answer")])
async def test_a_site_that_cannot_be_asked_changes_nothing(bench: Bench, error: Exception) -> None:
    bench.tracker.failures["find_sent"] = error
    before = (await bench.settlement()).log.record
    settlement = await bench.settlement(site="BB")
    settlement.cell = Cell(bench.folder, "a1-one", "AA", bench.events.append)
    assert not await settlement.run()
    left_unknown(bench, f"it cannot be asked for: {error}")
    assert await bench.known() == before
    assert (await bench.known("BB")).state is State.UNKNOWN


async def test_an_adapter_that_breaks_changes_nothing(bench: Bench) -> None:
    bench.tracker.failures["find_sent"] = ZeroDivisionError()
    assert not await bench.settle()
    left_unknown(bench, "unexpected ZeroDivisionError")
    assert (await bench.known()).state is State.UNKNOWN


# What is stored and does not seed yet


async def test_what_is_stored_is_handed_over_without_a_look_up(bench: Bench) -> None:
    assert not await bench.settle(
        state=State.DONE, step=Step.ANSWERED, torrent_id="7", url="https://s.example/7"
    )
    assert bench.tracker.asked_for == []
    (done,) = bench.verdicts()
    assert isinstance(done, UploadDone)
    assert (done.torrent_id, done.url) == ("7", "https://s.example/7")
    assert bench.client.taken == [bench.request.torrent.data]
    assert (await bench.known()).finished


async def test_the_sites_own_torrent_is_preferred(bench: Bench) -> None:
    announce = Secret("https://site.example/announce/other")
    bench.tracker.torrent = make_torrent(bench.pieces, announce_url=announce, source="SITE").data
    await bench.settle(state=State.DONE, torrent_id="7")
    assert bench.client.taken == [bench.tracker.torrent]


async def test_a_torrent_that_cannot_be_fetched_is_left_for_the_next_run(bench: Bench) -> None:
    bench.tracker.failures["fetch_torrent"] = NotSent("SITE cannot be reached")
    await bench.settle(state=State.DONE, torrent_id="7")
    (done,) = bench.verdicts()
    assert isinstance(done, UploadDone)
    assert [event.seeds for event in bench.events if isinstance(event, Seeding)] == [False]
    record = await bench.known()
    assert (record.state, record.finished) == (State.DONE, False)
    assert record.pinned is not None
    assert record.pinned.info is not None


async def test_a_client_that_breaks_does_not_undo_that_it_is_stored(bench: Bench) -> None:
    bench.client = MemoryClient(failure=ZeroDivisionError())
    bench.believe(FOUND)
    await bench.settle()
    (done,) = bench.verdicts()
    assert isinstance(done, UploadDone)
    record = await bench.known()
    assert (record.state, record.finished) == (State.DONE, False)


async def test_a_stored_one_whose_torrent_is_lost_is_done_with(bench: Bench) -> None:
    pinned = evolve(pinned_upload(bench.request, bench.pieces, b""), info=None)
    await bench.settle(state=State.DONE, torrent_id="7", pinned=pinned)
    (done,) = bench.verdicts()
    assert isinstance(done, UploadDone)
    assert "fetch its torrent from the site" in done.message
    assert bench.client.taken == []
    assert (await bench.known()).finished


async def test_a_site_that_cannot_be_asked_counts_for_the_switch(bench: Bench) -> None:
    bench.tracker.failures["find_sent"] = NotSent("it cannot be reached")
    settlement = await bench.settlement()
    settlement.switch.give_up_after = 1
    assert not await settlement.run()
    assert "it cannot be reached" in settlement.switch.off
