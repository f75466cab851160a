"""One record, step by step: durable before it is sent, and never written over what another run found out."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio import to_thread
from attrs import evolve

from pipeline.errors import NotSent, Skipped, Unknown
from pipeline.events import UploadSkipped
from pipeline.journal import CellJournal, CellRecord, Journal, Pinned, State, Step
from pipeline.journal.way import Way, way_of
from pipeline.model.upload import UploadResult
from pipeline.outcome import Outcome

PINNED = Pinned("A Name", "ab" * 20, 2**18, b"d4:name1:Ae", b"files", b"pieces", b"signature")
ALBUM = Path("/music/One")


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    async with Journal(tmp_path) as journal:
        yield journal


async def log_in(journal: Journal, **changes: Any) -> CellJournal:
    """Of the record that is there, or of one that says so."""
    record = (await journal.records("a1-one")).get("first")
    if record is None or changes:
        values: dict[str, Any] = {"state": State.PENDING, **changes}
        record = CellRecord(content_id="a1-one", site="first", tracker="AA", album=ALBUM, **values)
        (record,) = await journal.write(record)
        assert record is not None
    log = CellJournal(journal, record)
    log.pin(PINNED)
    return log


async def known(journal: Journal) -> CellRecord:
    return (await journal.records("a1-one"))["first"]


async def lines(journal: Journal) -> list[dict[str, Any]]:
    text = await anyio.Path(journal.folder / "sent.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


# What is written


async def test_it_is_on_the_disk_before_it_is_sent(journal: Journal) -> None:
    log = await log_in(journal)
    await log.begin()
    record = await known(journal)
    assert (record.state, record.run, record.pinned) == (State.SENDING, journal.run_id, PINNED)
    (line,) = await lines(journal)
    assert (line["state"], line["revision"], line["infohash"]) == ("sending", record.revision, "ab" * 20)


async def test_the_way_of_an_upload(journal: Journal) -> None:
    log = await log_in(journal)
    await log.begin()
    await log.stored(UploadResult("7", "https://site.example/7"), existing=False)
    stored = await known(journal)
    assert (stored.state, stored.step, stored.finished, stored.run) == (State.DONE, Step.ANSWERED, False, "")
    assert (stored.torrent_id, stored.url) == ("7", "https://site.example/7")
    await log.torrent_at(Step.FETCHED, ALBUM / "site.torrent", finished=False)
    fetched = await known(journal)
    assert (fetched.step, fetched.torrent_file, fetched.finished) == (
        Step.FETCHED,
        ALBUM / "site.torrent",
        False,
    )
    assert fetched.pinned == PINNED
    await log.torrent_at(Step.SEEDING, ALBUM / "site.torrent", finished=True)
    finished = await known(journal)
    assert (finished.step, finished.finished) == (Step.SEEDING, True)
    assert finished.pinned == evolve(PINNED, info=None)
    assert [line["state"] for line in await lines(journal)] == ["sending", "done", "done", "done"]


async def test_what_the_site_had_before_is_existing(journal: Journal) -> None:
    log = await log_in(journal)
    await log.stored(UploadResult("7", None), existing=True)
    assert (await known(journal)).state is State.EXISTING
    (line,) = await lines(journal)
    assert line["state"] == "existing"


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.REJECTED, State.REJECTED),
        (Outcome.NOT_SENT, State.NOT_SENT),
        (Outcome.UNKNOWN, State.UNKNOWN),
    ],
)
async def test_a_failure_keeps_its_reason(journal: Journal, outcome: Outcome, state: State) -> None:
    log = await log_in(journal)
    await log.begin()
    await log.failed(outcome, "the site says no")
    record = await known(journal)
    assert (record.state, record.run, record.message) == (state, "", "the site says no")
    assert (record.doubt is not None) == record.doubted == (state is State.UNKNOWN)
    assert record.pinned == PINNED
    assert (await lines(journal))[-1]["state"] == state


async def test_what_did_not_arrive_may_be_sent_again(journal: Journal) -> None:
    log = await log_in(journal)
    await log.withdraw()
    assert (await known(journal)).state is State.PENDING
    for _ in range(2):
        await log.begin()
        assert (await known(journal)).state is State.SENDING
        await log.withdraw()
        assert (await known(journal)).state is State.NOT_SENT


async def test_that_it_was_in_doubt_is_never_forgotten(journal: Journal) -> None:
    log = await log_in(journal)
    await log.begin()
    await log.failed(Outcome.UNKNOWN, "no answer")
    await log.failed(Outcome.NOT_SENT, "the site has not got it")
    await log.begin()
    await log.withdraw()
    record = await known(journal)
    assert (record.state, record.doubted) == (State.NOT_SENT, True)


async def test_a_cancelled_run_writes_what_happened(journal: Journal) -> None:
    log = await log_in(journal)
    with anyio.CancelScope() as scope:
        scope.cancel()
        await log.begin()
        await log.stored(UploadResult("7", None), existing=False)
    assert (await known(journal)).state is State.DONE
    assert [line["state"] for line in await lines(journal)] == ["sending", "done"]


# Another upload of what is there already


@pytest.mark.parametrize("outcome", [Outcome.REJECTED, Outcome.NOT_SENT])
async def test_a_duplicate_that_fails_leaves_the_first_done(journal: Journal, outcome: Outcome) -> None:
    first = await log_in(
        journal, state=State.DONE, finished=True, url="https://site.example/7", pinned=PINNED
    )
    before = first.record
    second = await log_in(journal)
    second.pin(evolve(PINNED, name="Another"))
    await second.begin()
    await second.failed(outcome, "the name is taken")
    assert await known(journal) == evolve(before, revision=3, at=(await known(journal)).at)


async def test_a_duplicate_that_does_not_arrive_leaves_the_first_done(journal: Journal) -> None:
    await log_in(journal, state=State.DONE)
    log = await log_in(journal)
    await log.begin()
    await log.withdraw()
    assert (await known(journal)).state is State.DONE
    await log.begin()
    await log.stored(UploadResult("8", None), existing=False)
    record = await known(journal)
    assert (record.state, record.torrent_id) == (State.DONE, "8")


# Two runs


async def test_two_runs_never_send_the_same(journal: Journal) -> None:
    mine, theirs = await log_in(journal), await log_in(journal)
    async with Journal(journal.folder) as other:
        theirs = CellJournal(other, theirs.record)
        await mine.begin()
        with pytest.raises(Skipped, match="another run is sending it") as caught:
            await theirs.begin()
        assert caught.value.reason == "being_sent"
        await theirs.stored(UploadResult("7", None), existing=False)
        await theirs.failed(Outcome.REJECTED, "no")
        await theirs.withdraw()
        assert await known(journal) == mine.record


async def test_who_comes_too_late_learns_what_became_of_it(journal: Journal) -> None:
    mine, late, later = [await log_in(journal) for _ in range(3)]
    await mine.begin()
    await mine.failed(Outcome.UNKNOWN, "no answer")
    with pytest.raises(Unknown, match="what became of it is unknown"):
        await late.begin()
    await mine.stored(UploadResult("7", "https://site.example/7"), existing=False)
    with pytest.raises(Skipped, match="another run has sent it") as caught:
        await later.begin()
    assert (caught.value.reason, caught.value.url) == ("done_before", "https://site.example/7")


async def test_what_keeps_nobody_from_sending_is_sent_all_the_same(journal: Journal) -> None:
    """A copy of the album was skipped, or another run tried in vain, since the record was read."""
    waiting, other = await log_in(journal), await log_in(journal)
    journal.heed(
        UploadSkipped(album=ALBUM, content_id="a1-one", tracker="AA", reason="missing", message="no year")
    )
    await waiting.begin()
    await waiting.withdraw()
    await other.begin()
    assert (await known(journal)).state is State.SENDING


async def test_a_doubt_of_another_run_is_taken_over(journal: Journal) -> None:
    waiting, other = await log_in(journal), await log_in(journal)
    await other.begin()
    await other.failed(Outcome.UNKNOWN, "no answer")
    await other.failed(Outcome.NOT_SENT, "the site has not got it")
    await waiting.begin()
    assert waiting.record.doubted


async def test_what_another_run_had_refused_is_left_alone(journal: Journal) -> None:
    waiting, other = await log_in(journal), await log_in(journal)
    await other.begin()
    await other.failed(Outcome.REJECTED, "no")
    with pytest.raises(Skipped):
        await waiting.begin()
    assert (await known(journal)).state is State.REJECTED


# A disk that fails


def break_log(folder: Path) -> None:
    """Nothing can be appended to a folder."""
    (folder / "sent.jsonl").mkdir()


async def test_what_cannot_be_noted_is_not_sent(journal: Journal) -> None:
    log = await log_in(journal)
    await to_thread.run_sync(break_log, journal.folder)
    with pytest.raises(NotSent, match=r"cannot be recorded, and so was not sent: .*sent\.jsonl") as caught:
        await log.begin()
    assert not caught.value.retryable
    assert journal.failure is not None
    assert (await known(journal)).state is State.NOT_SENT


async def test_a_disk_that_fails_afterwards_leaves_it_in_doubt(journal: Journal) -> None:
    log = await log_in(journal)
    await log.begin()
    sent = await known(journal)
    os.rename(journal.folder / "sent.jsonl", journal.folder / "elsewhere")
    await to_thread.run_sync(break_log, journal.folder)
    await log.stored(UploadResult("7", None), existing=False)
    assert journal.failure is not None
    assert (await known(journal)).state is State.DONE  # the row, and the line alone is missing
    assert (await known(journal)).revision == sent.revision + 1


# The way


@pytest.mark.parametrize("resuming", [False, True])
@pytest.mark.parametrize("allow_duplicate", [False, True])
@pytest.mark.parametrize("state", [None, *State])
def test_the_way_of_each_state(state: State | None, resuming: bool, allow_duplicate: bool) -> None:
    record = None
    if state is not None:
        record = CellRecord(content_id="a1-one", site="first", tracker="AA", album=ALBUM, state=state)
    ways = dict.fromkeys([None, *State], Way.SEND)
    ways |= {State.SENDING: Way.BEING_SENT, State.UNKNOWN: Way.SETTLE}
    if resuming:
        ways[State.REJECTED] = Way.LEAVE_REFUSED
    if resuming or not allow_duplicate:
        ways |= {State.DONE: Way.COMPARE, State.EXISTING: Way.COMPARE}
    assert way_of(record, resuming=resuming, allow_duplicate=allow_duplicate) is ways[state]


# Whatever breaks, it does not change what happened


async def test_a_message_that_no_file_can_hold_leaves_the_verdict_as_it_is(journal: Journal) -> None:
    log = await log_in(journal)
    await log.begin()
    await log.failed(Outcome.UNKNOWN, "odd \ud800 words")
    assert (await known(journal)).state is State.UNKNOWN
    assert journal.failure is None


async def test_a_fault_while_writing_is_kept_and_not_raised(journal: Journal) -> None:
    log = await log_in(journal)
    await log.begin()
    await log.stored(UploadResult("\ud800", None), existing=False)
    assert journal.failure is not None


async def test_an_allowed_duplicate_that_is_absent_leaves_what_was_stored(journal: Journal) -> None:
    """The run that sent it is gone: only the record tells that the first upload is there."""
    first = await log_in(journal)
    await first.begin()
    await first.stored(UploadResult("7", "https://site.example/7"), existing=False)
    again = CellJournal(journal, await known(journal))
    await again.begin()
    await again.failed(Outcome.UNKNOWN, "no answer")
    later = CellJournal(journal, await known(journal))
    await later.failed(Outcome.NOT_SENT, "the site has not got it")
    record = await known(journal)
    assert (record.state, record.torrent_id) == (State.DONE, "7")


async def test_the_log_has_the_last_word_before_the_record_has_it(journal: Journal, tmp_path: Path) -> None:
    """Another run that opens in between must not take `sending` for the last word."""
    log = await log_in(journal)
    await log.begin()
    written: list[State] = []
    write = journal.write

    async def watched(*records: CellRecord) -> list[CellRecord | None]:
        written.append(State((await lines(journal))[-1]["state"]))
        return await write(*records)

    journal.write = watched  # type: ignore[method-assign]  # to look in between
    await log.failed(Outcome.REJECTED, "a rule")
    assert written == [State.REJECTED]
    assert (await lines(journal))[-1]["revision"] == (await known(journal)).revision
