"""Counts and exit codes: the contract's rules, over any order of events."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mua_async.tally import Tally
from pipeline.events import (
    AlbumFound,
    AlbumSkipped,
    Event,
    Seeding,
    StageFailed,
    UploadDone,
    UploadFailed,
    UploadSkipped,
)
from pipeline.outcome import Outcome

ALBUM = Path("/music/album")


def found(album: Path = ALBUM) -> Event:
    return AlbumFound(album=album, files=1, size=1)


def done(tracker: str, *, existing: bool = False, album: Path = ALBUM) -> Event:
    return UploadDone(
        album=album,
        content_id="a1-0",
        tracker=tracker,
        torrent_id="1",
        url=None,
        existing=existing,
        torrent_file=None,
    )


def failed(tracker: str, outcome: Outcome, album: Path = ALBUM) -> Event:
    return UploadFailed(album=album, content_id="a1-0", tracker=tracker, outcome=outcome, message="")


def skipped(tracker: str, reason: str, album: Path = ALBUM) -> Event:
    return UploadSkipped(album=album, content_id="a1-0", tracker=tracker, reason=reason, message="")


def seeding(seeds: bool | None) -> Event:
    return Seeding(album=ALBUM, content_id="a1-0", tracker="AA", client="c", path=None, seeds=seeds)


def stage_failed(album: Path = ALBUM) -> Event:
    return StageFailed(album=album, stage="tags", reason="broken_audio", message="")


def passed_by(reason: str) -> Event:
    return AlbumSkipped(album=ALBUM, reason=reason, message="")


@pytest.mark.parametrize(
    ("events", "code", "counts"),
    [
        ([found(), done("AA"), done("BB")], 0, {"done": 2}),
        ([found(), done("AA"), done("BB", existing=True)], 0, {"done": 1, "existing": 1}),
        ([found(), done("AA"), skipped("BB", "done_before")], 0, {"done": 1, "existing": 1}),
        ([found(), skipped("AA", "debug"), skipped("BB", "debug")], 0, {"skipped": 2}),
        ([found(), skipped("AA", "same_content"), skipped("BB", "same_content")], 0, {"skipped": 2}),
        ([found(), done("AA"), seeding(None), done("BB")], 0, {"done": 2}),
        ([found(), done("AA"), seeding(False), done("BB")], 1, {"done": 2}),
        ([found(), done("AA"), skipped("BB", "duplicate")], 1, {"done": 1, "skipped": 1}),
        ([found(), done("AA"), failed("BB", Outcome.REJECTED)], 1, {"done": 1, "rejected": 1}),
        ([found(), done("AA"), failed("BB", Outcome.NOT_SENT)], 1, {"done": 1, "not_sent": 1}),
        (
            [found(), failed("AA", Outcome.UNKNOWN), failed("BB", Outcome.REJECTED)],
            3,
            {"unknown": 1, "rejected": 1},
        ),
        ([found(), stage_failed()], 1, {"failed": 2}),
        ([found(), skipped("AA", "rules"), stage_failed()], 1, {"skipped": 1, "failed": 1}),
        ([stage_failed()], 1, {}),
        ([passed_by("no_audio")], 1, {}),
        ([found(), done("AA")], 1, {"done": 1, "skipped": 1}),
        ([], 0, {}),
    ],
)
def test_verdicts_make_the_exit_code(events: list[Event], code: int, counts: dict[str, int]) -> None:
    tally = Tally(("AA", "BB"))
    for event in events:
        tally(event)
    assert {outcome.value: count for outcome, count in tally.counts().items() if count} == counts
    assert set(tally.counts()) == set(Outcome)
    assert tally.exit_code() == code


ENDS = ["done", "existing", "rejected", "not_sent", "unknown", "skipped"]


def verdict(album: Path, tracker: str, end: str) -> Event:
    match end:
        case "done" | "existing":
            return done(tracker, existing=end == "existing", album=album)
        case "skipped":
            return skipped(tracker, "rules", album)
        case _:
            return failed(tracker, Outcome(end), album)


@given(st.lists(st.tuples(st.sampled_from(ENDS), st.sampled_from(ENDS), st.integers(0, 2)), max_size=20))
def test_every_cell_is_counted_once(albums: list[tuple[str, str, int]]) -> None:
    """`told` verdicts of an album come in before its last stage fails, or before the run is stopped."""
    tally = Tally(("AA", "BB"))
    for number, (first, second, told) in enumerate(albums):
        album = Path(f"/music/{number}")
        tally(found(album))
        for tracker, end in list(zip(("AA", "BB"), (first, second), strict=True))[:told]:
            tally(verdict(album, tracker, end))
        if number % 2 and told < 2:
            tally(stage_failed(album))
    assert sum(tally.counts().values()) == 2 * len(albums)
