"""What an album must pass at one tracker: all problems in one go, and what is sent of it."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from pipeline.errors import Skipped
from pipeline.events import Cell, Event, UploadFailed, UploadSkipped
from pipeline.model.album import ReleaseType
from pipeline.model.release import Cover, Release
from pipeline.model.rules import SiteRules
from pipeline.outcome import Outcome
from pipeline.preflight import admit, examine, has_its_cover
from pipeline.rules import problems
from tests.support.releases import GUESS, make_file, make_release
from tests.support.site_rules import UNIT3D
from tests.support.trackers import MemoryTracker, profile


def tracker(*refuses: str, **changes: Any) -> MemoryTracker:
    return MemoryTracker(profile(**changes), refuses=list(refuses))


def heard(release: Release) -> tuple[Cell, list[Event]]:
    events: list[Event] = []
    return Cell.of(release.album, "AA", events.append), events


class TestExamine:
    def test_a_release_that_can_be_sent(self) -> None:
        release = make_release()
        found = examine(tracker(rules=UNIT3D), release)
        assert (found.problems, found.warnings, found.reason) == ((), (), "")
        assert found.words is not None
        assert "First Light" in found.words.name
        assert found.admission is not None
        assert found.admission.files is release.album.files
        assert found.admission.piece_length == 32 * 1024

    def test_every_problem_in_one_go(self) -> None:
        release = make_release(extra=[make_file("What?.txt")])
        rules = evolve(UNIT3D, name_length=10, torrent_bytes_max=100)
        found = examine(tracker("no id", rules=rules, description_template="{{ 1 / 0 }}"), release)
        said = ["no id", "division by zero", "the site takes 10", "What?.txt", "100 bytes"]
        assert [word for word, problem in zip(said, found.problems, strict=True) if word in problem] == said
        assert (found.reason, found.words, found.admission) == ("rules", None, None)

    def test_what_two_parts_say_is_told_once(self) -> None:
        release = make_release(extra=[make_file("What?.txt")])
        found = examine(tracker(*problems(release, UNIT3D), rules=UNIT3D), release)
        assert len(found.problems) == 1

    def test_an_unknown_title_is_told_once(self) -> None:
        found = examine(tracker(), make_release(title=None))
        assert len(found.problems) == 1
        assert found.reason == "missing"

    def test_a_skip_of_the_adapter_keeps_its_reason(self) -> None:
        skipping = tracker()
        skipping.failures["problems"] = Skipped("not today", reason="closed")
        found = examine(skipping, make_release())
        assert (found.problems, found.reason) == (("not today",), "closed")

    def test_the_site_gets_its_own_files(self) -> None:
        release = make_release(extra=[make_file("aux.url", size=10**9)])
        rules = evolve(UNIT3D, torrent_bytes_max=4000)
        template = "{{ release.size_bytes }} bytes"
        found = examine(tracker(rules=rules, description_template=template), release)
        assert found.problems == ()
        assert [file.parts for file in found.files.files] == [("01.flac",), ("02.flac",)]
        assert found.words is not None
        assert found.words.description == "40000000 bytes"
        assert found.piece_length == 512 * 1024
        assert found.warnings == ("aux.url is left out of the torrent",)

    def test_a_guess_is_told(self) -> None:
        release = make_release(release_type=ReleaseType.EP, origins={"release_type": GUESS})
        (warning,) = examine(tracker(), release).warnings
        assert "release type EP" in warning


class TestAdmit:
    async def test_what_can_be_sent_is_silent(self) -> None:
        cell, events = heard(make_release())
        assert await admit(tracker(), make_release(), cell) == examine(tracker(), make_release()).admission
        assert events == []

    @pytest.mark.parametrize(
        ("changes", "reason", "said"),
        [
            ({"rules": SiteRules(name_length=10)}, "rules", "the site takes 10"),
            ({"description_template": "{{ 1 / 0 }}"}, "template", "division by zero"),
            ({"rules": SiteRules(torrent_bytes_max=100)}, "torrent_too_large", "100 bytes"),
        ],
    )
    async def test_what_cannot_be_sent_is_skipped(
        self, changes: dict[str, Any], reason: str, said: str
    ) -> None:
        cell, events = heard(make_release())
        assert await admit(tracker(**changes), make_release(), cell) is None
        (skipped,) = events
        assert isinstance(skipped, UploadSkipped)
        assert skipped.reason == reason
        assert said in skipped.message

    async def test_a_tracker_that_cannot_be_asked_ends_alone(self) -> None:
        cell, events = heard(make_release())
        broken = tracker()
        broken.failures["problems"] = ZeroDivisionError("oops")
        assert await admit(broken, make_release(), cell) is None
        (failed,) = events
        assert isinstance(failed, UploadFailed)
        assert failed.outcome is Outcome.NOT_SENT
        assert "unexpected ZeroDivisionError: oops" in failed.message


class TestCover:
    RULES = SiteRules(cover_side_min=500)

    @pytest.mark.parametrize(
        ("side", "required", "reason"),
        [(600, True, None), (0, False, None), (0, True, "missing"), (300, False, "rules")],
    )
    def test_the_cover(self, side: int, required: bool, reason: str | None) -> None:
        cover = Cover(b"x", "image/png", side, side, "front.png") if side else None
        release = evolve(make_release(), cover=cover, cover_problem="it holds no cover")
        cell, events = heard(release)
        wanting = tracker(rules=self.RULES, cover_required=required)
        assert has_its_cover(wanting, release, cell) == (reason is None)
        assert [event.reason for event in events if isinstance(event, UploadSkipped)] == (
            [reason] if reason else []
        )
