"""Which albums are asked about: those that an answer can bring to a tracker."""

from __future__ import annotations

from pathlib import Path

from mua_async.gap_questions import OpenGaps
from pipeline.events import Event
from tests.support import display_run as run


def asked(*events: Event) -> dict[Path, tuple[str, ...]]:
    gaps = OpenGaps()
    for event in events:
        gaps(event)
    assert gaps.cells == sum(len(gap.trackers) for gap in gaps.albums.values())
    return {album: gap.trackers for album, gap in gaps.albums.items()}


def test_every_album_with_a_gap_is_asked_about() -> None:
    events = [
        run.skipped(run.KIND, "MH", "rules", ""),
        run.gaps(run.KIND, "MH", "SP"),
        run.gaps(run.CJK, "SP"),
    ]
    assert asked(*events) == {run.KIND: ("MH", "SP"), run.CJK: ("SP",)}


def test_a_tracker_that_gets_the_album_by_another_way_wants_no_answer() -> None:
    events = [
        run.skipped(run.KIND, "MH", "same_site", ""),
        run.gaps(run.KIND, "MH", "SP"),
        run.skipped(run.CJK, "MH", "same_content", ""),
        run.gaps(run.CJK, "MH"),
    ]
    assert asked(*events) == {run.KIND: ("SP",)}


def test_a_broken_album_is_not_asked_about() -> None:
    assert asked(run.gaps(run.KIND, "MH"), run.gaps(run.CJK, "MH"), run.broken(run.KIND)) == {
        run.CJK: ("MH",)
    }
