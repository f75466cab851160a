"""The way of the albums, with trackers in memory: what is bounded, what ends alone, what a stop does."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import anyio
import pytest
import torf
from attrs import define, field

from pipeline.errors import KeyRefused, NotSent, Rejected, TrackerError, Unknown
from pipeline.events import (
    AlbumEvent,
    AlbumFound,
    AudioVerified,
    CellEvent,
    CoverReady,
    Event,
    EventBus,
    PiecesHashed,
    StageFailed,
    TorrentReady,
    UploadDone,
    UploadFailed,
    UploadSkipped,
    UploadStarted,
    UploadWaiting,
)
from pipeline.flow import BACKLOG, TRACKER_BACKLOG, Flow, Job
from pipeline.model.cover import CoverSpec
from pipeline.model.rules import SiteRules
from pipeline.outcome import Outcome
from pipeline.upload import UploadSettings
from tests.support.audio import make_album, make_track
from tests.support.pictures import picture
from tests.support.trackers import MemoryTracker, profile

E = TypeVar("E", bound=Event)


@define
class Recorder:
    """Notes all events; lets a test wait for one."""

    events: list[Event] = field(factory=list)
    _waiting: list[tuple[Callable[[Event], bool], anyio.Event]] = field(factory=list)

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        for wanted, happened in self._waiting:
            if wanted(event):
                happened.set()

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def when(self, wanted: Callable[[Event], bool]) -> anyio.Event:
        happened = anyio.Event()
        self._waiting.append((wanted, happened))
        return happened


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


def tiny_albums(library: Path, count: int) -> Path:
    """Albums of one very short track, no two with the same audio."""
    for number in range(count):
        tags = {"artist": "A", "album": f"Album {number}", "title": "T"}
        make_track(library / f"{number:03}/01.flac", tags=tags, seed=number, seconds=0.02)
    return library


def flow_for(recorder: Recorder, folder: Path, *trackers: MemoryTracker, **job: object) -> Flow:
    bus, settings = EventBus(), UploadSettings(folder / "torrents")
    flow = Flow(Job([folder / "library"], settings, **job), trackers, bus.publish)  # type: ignore[arg-type]
    bus.subscribe(recorder)
    bus.subscribe(flow.heed)
    for tracker in trackers:
        tracker.publish = bus.publish
    return flow


async def test_a_slow_tracker_holds_back_the_scan(tmp_path: Path, recorder: Recorder) -> None:
    tiny_albums(tmp_path / "library", 200)
    slow, fast = MemoryTracker(profile("SLOW"), gate=anyio.Event()), MemoryTracker(profile("FAST"))
    flow = flow_for(recorder, tmp_path, slow, fast)
    # Found, read, prepared and in its lane; one in each worker's hands, and one being sent.
    most = BACKLOG + 1 + BACKLOG + 1 + flow.job.jobs + TRACKER_BACKLOG + 1 + 1
    full = recorder.when(
        lambda event: (
            len(recorder.of(AlbumFound)) >= most - 2 and len(recorder.of(UploadDone)) >= TRACKER_BACKLOG
        )
    )
    async with anyio.create_task_group() as group:
        group.start_soon(flow.run)
        await full.wait()
        await anyio.wait_all_tasks_blocked()
        assert len(recorder.of(AlbumFound)) <= most
        assert len(fast.stored) >= TRACKER_BACKLOG
        assert slow.gate is not None
        slow.gate.set()
    assert len(slow.stored) == len(fast.stored) == 200


async def test_the_cells_of_a_library(tmp_path: Path, recorder: Recorder) -> None:
    tiny_albums(tmp_path / "library", 5)
    trackers = [MemoryTracker(profile("AA")), MemoryTracker(profile("BB"))]
    await flow_for(recorder, tmp_path, *trackers).run()
    done = recorder.of(UploadDone)
    assert len({(event.album, event.tracker) for event in done}) == len(done) == 10
    assert not any(tracker.is_open for tracker in trackers)


async def test_albums_and_trackers_overlap(tmp_path: Path, recorder: Recorder) -> None:
    tiny_albums(tmp_path / "library", 6)
    slow, fast = MemoryTracker(profile("SLOW"), gate=anyio.Event()), MemoryTracker(profile("FAST"))
    fast_is_done = recorder.when(lambda event: len(recorder.of(UploadDone)) == 6)
    async with anyio.create_task_group() as group:
        group.start_soon(flow_for(recorder, tmp_path, slow, fast).run)
        await slow.arrived.wait()
        await fast_is_done.wait()  # all are hashed and sent elsewhere while the first is still on its way
        assert slow.stored == []
        assert slow.gate is not None
        slow.gate.set()
    assert len(slow.stored) == 6


async def test_all_trackers_share_the_pieces(tmp_path: Path, recorder: Recorder) -> None:
    tiny_albums(tmp_path / "library", 1)
    trackers = [MemoryTracker(profile(name)) for name in ("AA", "BB", "CC")]
    await flow_for(recorder, tmp_path, *trackers).run()
    assert len(recorder.of(PiecesHashed)) == 1
    assert len({tracker.stored[0].torrent.infohash for tracker in trackers}) == 3


async def test_each_tracker_gets_pieces_of_a_length_that_it_takes(tmp_path: Path, recorder: Recorder) -> None:
    album = tiny_albums(tmp_path / "library", 1) / "000"
    (album / "booklet.pdf").write_bytes(bytes(range(251)) * 140_000)
    small = MemoryTracker(profile("SMALL", rules=SiteRules(piece_length_max=16384)))
    large = MemoryTracker(profile("LARGE"))
    await flow_for(recorder, tmp_path, small, large).run()
    lengths = {event.tracker: event.piece_length for event in recorder.of(TorrentReady)}
    assert lengths == {"SMALL": 16384, "LARGE": 32768}
    for tracker, length in ((small, 16384), (large, 32768)):
        expected = torf.Torrent(album, piece_size=length, private=True, source=tracker.profile.source_name)
        expected.generate()
        assert tracker.stored[0].torrent.infohash == expected.infohash


async def test_a_limit_looks_no_further(tmp_path: Path, recorder: Recorder) -> None:
    tiny_albums(tmp_path / "library", 3)
    (tmp_path / "library/003").mkdir()
    await flow_for(recorder, tmp_path, MemoryTracker(), limit=2).run()
    assert [event.album.name for event in recorder.of(AlbumFound)] == ["000", "001"]


async def test_an_album_that_no_tracker_takes_is_not_hashed(tmp_path: Path, recorder: Recorder) -> None:
    tiny_albums(tmp_path / "library", 1)
    await flow_for(recorder, tmp_path, MemoryTracker(refuses=["too long", "too wide"])).run()
    (skipped,) = recorder.of(UploadSkipped)
    assert (skipped.reason, skipped.message) == ("rules", "too long; too wide")
    assert not recorder.of(PiecesHashed)


async def test_a_tracker_that_breaks_ends_alone(tmp_path: Path, recorder: Recorder) -> None:
    tiny_albums(tmp_path / "library", 2)
    broken = MemoryTracker(profile("BAD"), failures={"problems": ZeroDivisionError("oops")})
    breaking = MemoryTracker(profile("WORSE"), failures={"upload": KeyError("id")})
    fine = MemoryTracker(profile("FINE"))
    await flow_for(recorder, tmp_path, broken, breaking, fine).run()
    failed = recorder.of(UploadFailed)
    assert sorted((event.tracker, event.outcome) for event in failed) == [
        ("BAD", Outcome.NOT_SENT),
        ("BAD", Outcome.NOT_SENT),
        ("WORSE", Outcome.NOT_SENT),
        ("WORSE", Outcome.NOT_SENT),
    ]
    assert "unexpected ZeroDivisionError: oops" in failed[0].message
    assert len(fine.stored) == 2


async def test_a_tracker_that_breaks_after_sending_is_in_doubt(tmp_path: Path, recorder: Recorder) -> None:
    tiny_albums(tmp_path / "library", 1)
    await flow_for(
        recorder, tmp_path, MemoryTracker(failures={"upload": KeyError("id")}, doubtful=True)
    ).run()
    assert [event.outcome for event in recorder.of(UploadFailed)] == [Outcome.UNKNOWN]


@pytest.mark.parametrize(
    ("error", "tried"),
    [
        (KeyRefused("the key is wrong"), 1),
        (Rejected("the category is unknown"), 3),
        (NotSent("cannot be reached"), 4),
        (Unknown("no answer"), 4),
    ],
)
async def test_a_tracker_that_is_switched_off_gets_nothing_more(
    tmp_path: Path, recorder: Recorder, error: TrackerError, tried: int
) -> None:
    tiny_albums(tmp_path / "library", 6)
    bad = MemoryTracker(profile("BAD", give_up_after=4), failures={"upload": error})
    fine = MemoryTracker(profile("FINE"))
    await flow_for(recorder, tmp_path, bad, fine).run()
    assert [event.tracker for event in recorder.of(UploadFailed)] == ["BAD"] * tried
    skipped = recorder.of(UploadSkipped)
    assert [(event.tracker, event.reason) for event in skipped] == [("BAD", "tracker_off")] * (6 - tried)
    assert all(error.message in event.message for event in skipped)
    assert len(fine.stored) == 6


async def test_an_album_that_changes_ends_alone(tmp_path: Path, recorder: Recorder) -> None:
    tiny_albums(tmp_path / "library", 2)

    def change(event: Event) -> None:
        recorder(event)
        if isinstance(event, AlbumFound) and event.album.name == "000":
            tags = {"artist": "A", "album": "Another", "title": "T"}
            make_track(event.album / "01.flac", tags=tags, seed=99, seconds=0.02)

    tracker = MemoryTracker()
    await Flow(Job([tmp_path / "library"], UploadSettings(tmp_path)), [tracker], change).run()
    (failed,) = recorder.of(StageFailed)
    assert (failed.album.name, failed.reason) == ("000", "changed")
    assert len(tracker.stored) == 1


async def test_a_cover_is_made_where_a_tracker_wants_one(tmp_path: Path, recorder: Recorder) -> None:
    make_album(tmp_path / "library/A", tracks=1, seconds=0.1)
    wanting = MemoryTracker(profile("WANTS", cover_wanted=True))
    demanding = MemoryTracker(profile("DEMANDS", cover_wanted=True, cover_required=True))
    await flow_for(recorder, tmp_path, wanting, demanding).run()
    (cover,) = recorder.of(CoverReady)
    assert cover.source is None
    assert "holds no cover" in (cover.problem or "")
    assert [event.tracker for event in recorder.of(UploadDone)] == ["WANTS"]
    (skipped,) = recorder.of(UploadSkipped)
    assert skipped.reason == "missing"
    assert "DEMANDS wants a cover" in skipped.message


async def test_each_tracker_gets_the_cover_that_it_wants(tmp_path: Path, recorder: Recorder) -> None:
    folder = make_album(tmp_path / "library/A", tracks=1, seconds=0.1)
    (folder / "cover.jpg").write_bytes(picture(size=(900, 900)))
    sides = {"LARGE": 1000, "SMALL": 300, "ALIKE": 300, "NONE": 1000}
    trackers = [
        MemoryTracker(profile(name, cover_wanted=name != "NONE", cover_spec=CoverSpec(side_max=side)))
        for name, side in sides.items()
    ]
    await flow_for(recorder, tmp_path, *trackers).run()
    large, small, alike, none = (tracker.stored[0].release.cover for tracker in trackers)
    assert large is not None
    assert small is not None
    assert (large.width, small.width, none) == (900, 300, None)
    assert alike is small
    (ready,) = recorder.of(CoverReady)
    assert (ready.width, ready.versions) == (900, 2)


async def test_a_stop_lets_what_is_in_flight_finish(tmp_path: Path, recorder: Recorder) -> None:
    tiny_albums(tmp_path / "library", 6)
    tracker = MemoryTracker(gate=anyio.Event())
    flow = flow_for(recorder, tmp_path, tracker)
    prepared = recorder.when(
        lambda event: len(recorder.of(PiecesHashed)) == len(recorder.of(AudioVerified)) == 6
    )
    async with anyio.create_task_group() as group:
        group.start_soon(flow.run)
        await tracker.arrived.wait()
        await prepared.wait()
        await anyio.wait_all_tasks_blocked()
        flow.stop()
        assert tracker.gate is not None
        tracker.gate.set()
    assert len(tracker.stored) == len(recorder.of(UploadDone)) == 1
    assert [event.reason for event in recorder.of(UploadSkipped)] == ["interrupted"] * 5


async def test_a_stop_ends_what_waits_to_be_sent(tmp_path: Path, recorder: Recorder) -> None:
    tiny_albums(tmp_path / "library", 2)
    tracker = MemoryTracker(gate=anyio.Event(), waits=True)
    flow = flow_for(recorder, tmp_path, tracker)
    async with anyio.create_task_group() as group:
        group.start_soon(flow.run)
        await tracker.arrived.wait()
        flow.stop()  # and the gate stays shut
    assert tracker.stored == []
    assert {event.reason for event in recorder.of(UploadSkipped)} == {"interrupted"}


async def test_a_stop_ends_what_has_to_be_sent_again(tmp_path: Path, recorder: Recorder) -> None:
    tiny_albums(tmp_path / "library", 1)
    tracker = MemoryTracker(gate=anyio.Event())
    flow = flow_for(recorder, tmp_path, tracker)
    async with anyio.create_task_group() as group:
        group.start_soon(flow.run)
        await tracker.arrived.wait()
        flow.stop()
        await anyio.wait_all_tasks_blocked()
        assert not recorder.of(UploadSkipped)
        begun = next(event for event in recorder.events if isinstance(event, UploadStarted))
        tracker.publish(
            UploadWaiting(
                album=begun.album, content_id=begun.content_id, tracker="AA", reason="retry", seconds=60
            )
        )
    assert tracker.stored == []
    assert [event.reason for event in recorder.of(UploadSkipped)] == ["interrupted"]


async def test_a_stop_ends_hashing_at_once(tmp_path: Path, recorder: Recorder) -> None:
    folder = make_album(tmp_path / "library/Long", tracks=1, seconds=0.1)
    with (folder / "scan.bin").open("wb") as file:
        file.truncate(2**40)  # a terabyte that takes no room, and hours to hash
    flow = flow_for(recorder, tmp_path, MemoryTracker())
    hashing = recorder.when(lambda event: isinstance(event, AlbumEvent) and "Hashed" in type(event).__name__)
    async with anyio.create_task_group() as group:
        group.start_soon(flow.run)
        await hashing.wait()
        flow.stop()
    assert not recorder.of(CellEvent)


async def test_a_run_that_is_stopped_before_it_begins(tmp_path: Path, recorder: Recorder) -> None:
    tiny_albums(tmp_path / "library", 1)
    tracker = MemoryTracker()
    flow = flow_for(recorder, tmp_path, tracker)
    flow.stop()
    await flow.run()
    assert tracker.stored == []


async def test_copies_of_one_content_run_once(tmp_path: Path, recorder: Recorder) -> None:
    library = tiny_albums(tmp_path / "library", 1)
    shutil.copytree(library / "000", library / "copy")
    tracker = MemoryTracker()
    await flow_for(recorder, tmp_path, tracker).run()
    assert [event.reason for event in recorder.of(UploadSkipped)] == ["same_content"]
    assert len(tracker.stored) == len(recorder.of(UploadDone)) == 1


async def test_a_copy_is_sent_where_the_first_was_refused(tmp_path: Path, recorder: Recorder) -> None:
    library = tiny_albums(tmp_path / "library", 1)
    shutil.copytree(library / "000", library / ("copy" * 10))
    shutil.move(library / "000", library / ("a" * 41))
    tracker = MemoryTracker(profile(rules=SiteRules(path_length=48)))
    await flow_for(recorder, tmp_path, tracker).run()
    assert [event.reason for event in recorder.of(UploadSkipped)] == ["rules"]
    assert [event.album.name for event in recorder.of(UploadDone)] == ["copy" * 10]


async def test_a_copy_is_sent_where_the_first_changed(tmp_path: Path, recorder: Recorder) -> None:
    library = tiny_albums(tmp_path / "library", 1)
    shutil.copytree(library / "000", library / "copy")
    tracker = MemoryTracker()

    def change(event: Event) -> None:
        if isinstance(event, TorrentReady) and event.album.name == "000":
            (event.album / "01.flac").touch()

    flow = flow_for(recorder, tmp_path, tracker, jobs=1)
    bus = EventBus()
    bus.subscribe(recorder)
    bus.subscribe(change)
    flow.publish = bus.publish
    await flow.run()
    assert [event.reason for event in recorder.of(UploadSkipped)] == ["changed"]
    assert [event.album.name for event in recorder.of(UploadDone)] == ["copy"]


@pytest.mark.parametrize(
    ("changes", "reason", "said"),
    [
        ({"rules": SiteRules(name_length=10)}, "rules", "the site takes 10"),
        ({"description_template": "{{ 1 / 0 }}"}, "template", "division by zero"),
        ({"cover_wanted": True, "cover_required": True}, "missing", "holds no cover"),
        ({"rules": SiteRules(torrent_bytes_max=100)}, "torrent_too_large", "100 bytes"),
    ],
)
async def test_what_cannot_be_sent_is_not_hashed(
    tmp_path: Path, recorder: Recorder, changes: dict[str, Any], reason: str, said: str
) -> None:
    tiny_albums(tmp_path / "library", 1)
    tracker = MemoryTracker(profile(**changes))
    await flow_for(recorder, tmp_path, tracker).run()
    (skipped,) = recorder.of(UploadSkipped)
    assert skipped.reason == reason
    assert said in skipped.message
    assert not recorder.of(PiecesHashed)


async def test_a_subscriber_that_breaks_disturbs_nobody(tmp_path: Path, recorder: Recorder) -> None:
    tiny_albums(tmp_path / "library", 2)
    bus = EventBus()

    def broken(event: Event) -> None:
        raise ValueError("a display is broken")

    bus.subscribe(broken)
    bus.subscribe(recorder)
    tracker = MemoryTracker()
    await Flow(Job([tmp_path / "library"], UploadSettings(tmp_path)), [tracker], bus.publish).run()
    assert len(tracker.stored) == len(recorder.of(UploadDone)) == 2
    assert [str(failure) for failure in bus.failures] == ["a display is broken"]
