"""One album at one tracker: one verdict, whatever breaks, and what becomes of its torrent."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest
from attrs import define, field

from pipeline.album import read_album
from pipeline.errors import NotSent, Rejected, Skipped, TrackerError, Unknown
from pipeline.events import (
    Cell,
    CellEvent,
    Event,
    Seeding,
    UploadDone,
    UploadFailed,
    UploadSkipped,
    UploadStored,
)
from pipeline.hand_over import torrent_file_name
from pipeline.hashing.pool import HashPool
from pipeline.model.release import PreparedAlbum, Release, Words
from pipeline.model.upload import Existing
from pipeline.outcome import Outcome
from pipeline.scan import scan
from pipeline.torrent import make_torrent, read_torrent
from pipeline.upload import AlbumUpload, UploadSettings
from tests.support.audio import make_album
from tests.support.trackers import MemoryClient, MemoryTracker


@define
class Bench:
    """An album that is ready, a tracker, a client, and all that was told."""

    prepared: PreparedAlbum
    folder: Path
    tracker: MemoryTracker = field(factory=MemoryTracker)
    client: MemoryClient = field(factory=MemoryClient)
    events: list[Event] = field(factory=list)

    def upload(self, **settings: bool) -> AlbumUpload:
        album = self.prepared.release.album
        cell = Cell(album.files.root, album.content_id, self.tracker.profile.id, self.events.append)
        made = UploadSettings(self.folder / "torrents", clients=[self.client], **settings)
        return AlbumUpload(self.prepared, self.tracker, made, cell)

    async def run(self, **settings: bool) -> CellEvent:
        async with self.tracker:
            await self.upload(**settings).run()
        return self.verdict()

    def verdict(self) -> CellEvent:
        """There is never more than one."""
        ends = (UploadDone, UploadFailed, UploadSkipped)
        (verdict,) = [event for event in self.events if isinstance(event, ends)]
        return verdict

    def seeding(self) -> list[tuple[bool | None, str]]:
        return [(event.seeds, event.message) for event in self.events if isinstance(event, Seeding)]


@pytest.fixture
async def bench(tmp_path: Path) -> Bench:
    (found,) = scan([make_album(tmp_path / "Album", tracks=1, seconds=0.1)])
    assert not isinstance(found, Exception)
    album = read_album(found)
    pieces = await HashPool().hash_files(found, progress=lambda done, size: None)
    return Bench(PreparedAlbum(Release(album), pieces, Words("Name", "Description")), tmp_path)


def site_torrent(bench: Bench) -> bytes:
    announce = bench.tracker.profile.announce_url
    return make_torrent(bench.prepared.pieces, announce_url=announce, source="THE SITE'S").data


async def test_the_sites_torrent_is_saved_and_seeded(bench: Bench) -> None:
    bench.tracker.torrent = site_torrent(bench)
    done = await bench.run()
    assert isinstance(done, UploadDone)
    assert done.torrent_file is not None
    assert done.torrent_file.read_bytes() == bench.tracker.torrent
    assert bench.client.taken == [bench.tracker.torrent]


async def test_a_site_that_renamed_the_folder_gives_nothing_that_seeds(bench: Bench) -> None:
    name = bench.prepared.pieces.files.name.encode()
    bench.tracker.torrent = site_torrent(bench).replace(b"4:name%d:%b" % (len(name), name), b"4:name3:../")
    done = await bench.run()
    assert isinstance(done, UploadDone)
    assert bench.client.taken == []
    assert "other file names than the album and would not seed: there it is “../”" in done.message
    assert done.torrent_file is not None
    assert done.torrent_file.read_bytes() == bench.tracker.torrent
    assert done.torrent_file.is_relative_to(bench.folder / "torrents/AA")
    assert done.torrent_file.name.startswith("Album [")


async def test_ours_is_seeded_where_the_site_gives_none(bench: Bench) -> None:
    done = await bench.run()
    assert isinstance(done, UploadDone)
    assert done.torrent_file is None
    ours = bench.tracker.stored[0].torrent.data
    assert bench.client.taken == [ours]
    (kept,) = (bench.folder / "torrents/AA").iterdir()
    assert kept.read_bytes() == ours
    assert kept.stat().st_mode & 0o777 == 0o600
    assert f"the site gives no torrent of its own; ours is kept as {kept}" in done.message


async def test_ours_is_kept_of_what_may_be_on_the_site(bench: Bench) -> None:
    bench.tracker.failures["upload"] = Unknown("no answer", hint="look there")
    failed = await bench.run()
    (kept,) = (bench.folder / "torrents/AA").iterdir()
    assert isinstance(failed, UploadFailed)
    assert failed.hint == f"look there; ours is kept as {kept}"
    assert read_torrent(kept.read_bytes()).name == "Album"


async def test_success_is_told_before_the_torrent_is_fetched(bench: Bench) -> None:
    bench.tracker.failures["fetch_torrent"] = ZeroDivisionError()
    done = await bench.run()
    stored = [type(event) for event in bench.events if isinstance(event, UploadStored | UploadDone)]
    assert stored == [UploadStored, UploadDone]
    assert isinstance(done, UploadDone)
    assert "could not be fetched: unexpected ZeroDivisionError" in done.message
    assert bench.seeding() == [(False, done.message)]


async def test_an_unknown_stays_one_where_nothing_can_be_kept(bench: Bench) -> None:
    bench.tracker.failures["upload"] = Unknown("no answer")
    bench.folder = Path("no\0folder")
    failed = await bench.run()
    assert isinstance(failed, UploadFailed)
    assert failed.outcome is Outcome.UNKNOWN
    assert "ours could not be kept" in failed.hint


async def test_the_sites_words_on_success_are_told(bench: Bench) -> None:
    bench.tracker.torrent, bench.tracker.says = site_torrent(bench), "waits for a moderator"
    done = await bench.run()
    assert isinstance(done, UploadDone)
    assert done.message == "waits for a moderator"


@pytest.mark.parametrize(
    "error", [Rejected("no"), NotSent("no"), Unknown("no"), NotSent("no", retry_after=3.0)]
)
async def test_the_trackers_errors_are_verdicts(bench: Bench, error: TrackerError) -> None:
    bench.tracker.failures["upload"] = error
    failed = await bench.run()
    assert isinstance(failed, UploadFailed)
    assert (failed.outcome, failed.message) == (error.outcome, "no")
    assert bench.client.taken == []


async def test_a_question_that_fails_sends_nothing(bench: Bench) -> None:
    bench.tracker.failures["find_existing"] = NotSent("cannot be asked")
    failed = await bench.run()
    assert isinstance(failed, UploadFailed)
    assert failed.outcome is Outcome.NOT_SENT
    assert not bench.tracker.stored


async def test_a_question_that_fails_is_passed_over_where_duplicates_are_allowed(bench: Bench) -> None:
    bench.tracker.failures["find_existing"] = NotSent("cannot be asked")
    assert isinstance(await bench.run(allow_duplicate=True), UploadDone)
    assert len(bench.tracker.stored) == 1


async def test_what_the_tracker_skips_keeps_its_reason(bench: Bench) -> None:
    bench.tracker.failures["upload"] = Skipped("off", reason="tracker_off", url="http://127.0.0.1:9/1")
    skipped = await bench.run()
    assert isinstance(skipped, UploadSkipped)
    assert (skipped.reason, skipped.url) == ("tracker_off", "http://127.0.0.1:9/1")


@pytest.mark.parametrize("allow_duplicate", [True, False])
async def test_the_same_content_is_seeded_not_sent(bench: Bench, allow_duplicate: bool) -> None:
    bench.tracker.existing = Existing(True, "7", "http://127.0.0.1:9/torrents/7", None, "Name")
    bench.tracker.torrent = site_torrent(bench)
    done = await bench.run(allow_duplicate=allow_duplicate)
    assert isinstance(done, UploadDone)
    assert done.existing
    assert not bench.tracker.stored
    assert bench.client.taken == [bench.tracker.torrent]


async def test_a_duplicate_is_sent_only_where_it_is_allowed(bench: Bench) -> None:
    bench.tracker.existing = Existing(False, "7", "http://127.0.0.1:9/torrents/7", None, "Name")
    skipped = await bench.run()
    assert isinstance(skipped, UploadSkipped)
    assert (skipped.reason, skipped.url) == ("duplicate", "http://127.0.0.1:9/torrents/7")
    bench.events.clear()
    assert isinstance(await bench.run(allow_duplicate=True), UploadDone)


async def test_files_that_changed_since_they_were_hashed_are_not_sent(bench: Bench) -> None:
    (track,) = bench.prepared.release.album.files.files
    track.path.write_bytes(track.path.read_bytes() + b"\0")
    skipped = await bench.run()
    assert isinstance(skipped, UploadSkipped)
    assert skipped.reason == "changed"
    assert not bench.tracker.stored


@pytest.mark.parametrize(
    ("torrent", "problem"),
    [(b"<html>", "what the site gave is no torrent"), (b"", "what the site gave is no torrent")],
)
async def test_a_torrent_that_is_none_is_not_seeded(bench: Bench, torrent: bytes, problem: str) -> None:
    bench.tracker.torrent = torrent
    done = await bench.run()
    assert isinstance(done, UploadDone)
    assert problem in done.message
    assert bench.seeding() == [(False, done.message)]
    assert bench.client.taken == []


async def test_a_torrent_that_cannot_be_fetched_is_not_seeded(bench: Bench) -> None:
    bench.tracker.failures["fetch_torrent"] = NotSent("status 500")
    done = await bench.run()
    assert isinstance(done, UploadDone)
    assert bench.seeding() == [(False, "its torrent could not be fetched: status 500")]


async def test_a_client_that_breaks_changes_no_verdict(bench: Bench) -> None:
    bench.client = MemoryClient(failure=ZeroDivisionError())
    upload = bench.upload()
    async with bench.tracker:
        with pytest.raises(ZeroDivisionError):
            await upload.run()
    await upload.fail("a fault")
    assert isinstance(bench.verdict(), UploadDone)
    assert bench.seeding() == [(False, "a fault")]


async def test_a_dry_run_asks_for_the_request_alone(bench: Bench) -> None:
    bench.tracker.failures["find_existing"] = AssertionError("it was asked")
    bench.tracker.failures["upload"] = Skipped("a dry run sends nothing", reason="debug")
    skipped = await bench.run(dry_run=True)
    assert isinstance(skipped, UploadSkipped)
    assert skipped.reason == "debug"


@pytest.mark.parametrize(
    ("doubtful", "kind", "word"), [(True, UploadFailed, "unknown"), (False, UploadSkipped, "interrupted")]
)
async def test_what_an_interruption_means(
    bench: Bench, doubtful: bool, kind: type[CellEvent], word: str
) -> None:
    bench.tracker = MemoryTracker(gate=anyio.Event(), doubtful=doubtful)
    async with bench.tracker, anyio.create_task_group() as group:
        group.start_soon(bench.upload().run)
        await bench.tracker.arrived.wait()
        group.cancel_scope.cancel()
    verdict = bench.verdict()
    assert isinstance(verdict, kind)
    assert word in {getattr(verdict, "reason", ""), str(getattr(verdict, "outcome", ""))}


def test_names_of_torrents() -> None:
    assert torrent_file_name("...And Justice", "MH 12") == "And Justice [MH 12].torrent"
    assert len(torrent_file_name("ö" * 300, "12345678").encode()) <= 255
    assert torrent_file_name("...", "12345678") == " [12345678].torrent"
