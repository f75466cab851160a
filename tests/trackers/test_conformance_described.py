"""The kit plays the site that a configuration describes, and says what it cannot play."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest

from mua_async.config.configuration import read_configuration
from pipeline.model.upload import UploadResult
from pipeline.secret import Secret
from tests.support.documents import described_examples
from trackers.conformance import CheckReport, SiteRequest, TrackerConformance, run_conformance
from trackers.conformance.checks import CHECKS
from trackers.conformance.sample_text import texts_for
from trackers.described.described_tracker import DescribedTracker
from trackers.described.patterns import find_all
from trackers.generic_tracker import GenericTracker
from trackers.request import Answer
from trackers.tracker_config import TrackerConfig

LOGIN = {"endpoint": "in", "fields": {"p": "{{ password }}"}, "done": {"status": 302}}
SESSION = {"api_auth_type": "session", "username": "me", "password": "env:P", "login": LOGIN}
UNKNOWN_TO_US = r"(a)(?(1)b|c)"
"""A regular expression beyond what the kit finds a text for."""


def configured(**table: Any) -> TrackerConfig:
    table = {"url": "https://x.example", "announce_url": "env:A", "api_key": "env:K", **table}
    configuration = read_configuration(Path("/config.toml"), {"trackers": {"X": table}})
    assert not configuration.tracker_problems
    return configuration.tracker("X", lambda reference: Secret("https://x.example/announce/abc"))


def reports(kit: type[TrackerConformance] = TrackerConformance, **table: Any) -> dict[str, CheckReport]:
    found = run_conformance(DescribedTracker, kit, configured(**table))
    return {report.name: report for report in found}


def failed(found: dict[str, CheckReport]) -> set[str]:
    return {name for name, report in found.items() if report.ok is False}


def skipped(found: dict[str, CheckReport]) -> dict[str, str]:
    return {name: report.message for name, report in found.items() if report.ok is None}


@pytest.mark.parametrize("tracker_id", described_examples())
def test_a_documented_site_is_played_whole_and_passes(tracker_id: str) -> None:
    found = reports(**described_examples()[tracker_id])
    assert (failed(found), skipped(found)) == (set(), {})


def test_a_success_by_the_status_alone_is_said_to_be_one() -> None:
    found = reports(answer={"done": {"status": 201}})
    assert failed(found) == set()
    assert found["takes_no_garbage_for_success"].message.startswith("Not with status 201: the description")
    found = reports(answer={"done": {"status": [200, 201, 202]}})
    assert "200, 201, 202" in skipped(found)["takes_no_garbage_for_success"]


def test_a_rule_that_fits_anything_is_found_out() -> None:
    found = reports(answer={"done": {"regex": "."}})
    assert failed(found) == {"takes_no_garbage_for_success", "gives_every_answer_an_outcome"}
    assert "status 200 with HTML is taken for done" in found["takes_no_garbage_for_success"].message


def test_a_success_that_cannot_be_played_is_skipped_where_it_is_needed() -> None:
    found = reports(answer={"done": {"regex": UNKNOWN_TO_US}})
    needing = {"reads_a_success", "creates_once", "handles_the_cover_as_declared"}
    assert (failed(found), set(skipped(found))) == (set(), needing)
    assert "answer.done" in found["creates_once"].message


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ({**SESSION, "login": {**LOGIN, "done": {"regex": UNKNOWN_TO_US}}}, "login.done"),
        (
            {
                "fields": {"name": "{{ name }}", "key": "{{ csrf }}"},
                "csrf": {"endpoint": "upload", "regex": UNKNOWN_TO_US},
            },
            "csrf finds a token",
        ),
    ],
)
def test_where_nothing_can_be_sent_what_needs_no_site_is_checked(table: dict[str, Any], place: str) -> None:
    found = reports(**table)
    assert failed(found) == set()
    assert set(CHECKS) - set(skipped(found)) == {"takes_a_release", "rehearses_offline"}
    assert all(place in message for message in skipped(found).values())


def test_a_kit_that_tells_the_answers_itself_needs_no_play() -> None:
    class Kit(TrackerConformance):
        def stored(self, site_url: str) -> Answer:
            return Answer(200, {}, b"ab")

    assert skipped(reports(Kit, answer={"done": {"regex": UNKNOWN_TO_US}})) == {}


def test_fields_that_cut_the_title_are_found_out() -> None:
    found = reports(fields={"name": "{{ name[:40] }}"}, answer={"done": {"json": "ok", "equals": True}})
    assert failed(found) == {"sends_every_title_whole"}


# An adapter that does not come to an end


class Waiting(GenericTracker):
    async def _parse_result(self, answer: Answer) -> UploadResult:
        await anyio.Event().wait()
        return UploadResult()


class BriefKit(TrackerConformance):
    tracker_class = Waiting
    seconds = 0.5


def test_a_check_that_does_not_end_fails_and_the_others_are_not_tried() -> None:
    first, hung, *others = run_conformance(Waiting, BriefKit)
    assert first.ok is True
    assert (hung.name, hung.ok) == ("reads_a_success", False)
    assert hung.message.startswith("it does not end within 0.5 s: the adapter awaits something")
    assert {report.ok for report in others} == {None}
    assert {report.message for report in others} == {"Not tried: reads_a_success did not end."}


def test_as_a_test_it_fails_in_bounded_time() -> None:
    with pytest.raises(AssertionError, match="does not end within"):
        getattr(BriefKit(), "test_reads_a_success")()  # noqa: B009 - the tests are made by name


# Texts for regular expressions


@pytest.mark.parametrize(
    "pattern",
    [
        'name="token" value="([^"]+)"',
        r"^/t\.php\?id=\d+",
        r'class="error">[^\n]*\bdupe\b',
        r"<h1>\s*Stored",
        r"^(/t\.php\?id=\d+)",
        r"(?:foo|bar)-(?P<id>[0-9a-f]{8})$",
        r"(?i)thank you\Z",
        r"a{2,}b?[]x]\.?(?=y)y(?!z)",
    ],
)
async def test_a_text_fits_an_ordinary_expression(pattern: str) -> None:
    assert any([await find_all(pattern, text) for text in texts_for(pattern)])


@pytest.mark.parametrize(
    "pattern", [UNKNOWN_TO_US, "(((a{999}){999}){999}){999}", "(" * 400 + "a" + ")" * 400, r"[^\s\S]"]
)
def test_an_odd_expression_has_no_text(pattern: str) -> None:
    assert list(texts_for(pattern)) == []


def test_pages_are_told_apart_by_their_query() -> None:
    """As with sites that do everything at one address."""
    targets: list[str] = []

    class Kit(TrackerConformance):
        def respond(self, request: SiteRequest) -> Answer:
            targets.append(f"{request.method} {request.target}")
            return super().respond(request)

    login = {
        **LOGIN,
        "endpoint": "index.php?page=login",
        "csrf": {"endpoint": "index.php?page=login", "regex": 'name="a" value="([^"]+)"'},
        "fields": {"p": "{{ password }}", "t": "{{ csrf }}"},
    }
    found = reports(
        Kit,
        **{**SESSION, "login": login},
        custom_endpoint="index.php?page=upload",
        csrf={"endpoint": "index.php?page=upload", "regex": 'name="b" value="([^"]+)"'},
        fields={"name": "{{ name }}", "key": "{{ csrf }}"},
        answer={"done": {"text": "stored"}},
    )
    assert (failed(found), skipped(found)) == (set(), {})
    assert set(targets) == {
        "GET /index.php?page=login",
        "POST /index.php?page=login",
        "GET /index.php?page=upload",
    }
