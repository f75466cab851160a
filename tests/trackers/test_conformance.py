"""Every built-in site passes the conformance kit, and the kit finds what is wrong with an adapter."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any
from unittest import SkipTest

import pytest
from attrs import evolve

import trackers
from pipeline.errors import Rejected, TrackerError, UsageError
from pipeline.model.upload import Existing, UploadRequest, UploadResult
from trackers.client import Session
from trackers.conformance import SiteRequest, TrackerConformance, kit_beside, run_conformance
from trackers.conformance.checks import CHECKS
from trackers.generic_tracker import GenericTracker
from trackers.registry import FAMILIES, TrackerManager
from trackers.request import Answer, FieldValue, FormFile, Request
from trackers.template_tracker import TemplateTracker
from trackers.tracker_config import TrackerConfig

SITES = {tracker_id: TrackerManager().find(tracker_id).cls for tracker_id in TrackerManager().builtin_ids()}


def failures(cls: type[GenericTracker], **kit: Any) -> dict[str, str]:
    return {report.name: report.message for report in run_conformance(cls, **kit) if report.ok is False}


@pytest.mark.parametrize("tracker_id", SITES)
def test_a_built_in_site_passes(tracker_id: str) -> None:
    assert failures(SITES[tracker_id]) == {}


@pytest.mark.parametrize("cls", [*FAMILIES.values(), TemplateTracker])
def test_a_family_passes(cls: type[GenericTracker]) -> None:
    assert failures(cls) == {}


def test_no_built_in_site_is_left_out() -> None:
    """Every file of a tracker is a site that is checked above, a family, or the template."""
    files = {path.stem.removesuffix("_tracker") for path in Path(trackers.__path__[0]).glob("*_tracker.py")}
    assert files == {*map(str.lower, SITES), *FAMILIES, "template"}


# Adapters that are broken


class Twice(GenericTracker):
    async def upload(self, request: UploadRequest) -> UploadResult:
        await self.session.post(await self._upload_request(request))
        return await super().upload(request)


class CreatesTwice(GenericTracker):
    async def upload(self, request: UploadRequest) -> UploadResult:
        await super().upload(request)
        return await super().upload(request)


class Believing(GenericTracker):
    async def _parse_result(self, answer: Answer) -> UploadResult:
        return UploadResult()


class Crashing(GenericTracker):
    async def _parse_result(self, answer: Answer) -> UploadResult:
        document: Any = answer.json()
        return UploadResult(str(document["id"]))


class Talkative(GenericTracker):
    async def _handle_error_response(self, answer: Answer) -> TrackerError:
        key = self.config.api_key
        return Rejected(f"the key {key.reveal() if key else ''} does not work")


class Logging(GenericTracker):
    async def upload(self, request: UploadRequest) -> UploadResult:
        logging.getLogger("adapter").debug("key %s", self.config.api_key and self.config.api_key.reveal())
        return await super().upload(request)


class Repeating(GenericTracker):
    """Gives the site's words as they come."""

    async def _handle_error_response(self, answer: Answer) -> TrackerError:
        return Rejected(f"the site says: {answer.text[:200]}")


class Rewriting(GenericTracker):
    async def _upload_request(self, request: UploadRequest) -> Request:
        form = await super()._upload_request(request)
        torrent = form.files[0]
        changed = evolve(torrent, data=torrent.data.replace(b"8:announce", b"8:announcd"))
        return evolve(form, files=(changed, *form.files[1:]))


class Appending(GenericTracker):
    async def _upload_request(self, request: UploadRequest) -> Request:
        form = await super()._upload_request(request)
        torrent, *others = form.files
        return evolve(form, files=(evolve(torrent, data=torrent.data + b"JUNKJUNK"), *others))


class AppendingJson(Appending):
    api_format = "json"


class Doubling(GenericTracker):
    """Sends the torrent as it is, and once more as it is not."""

    async def _upload_request(self, request: UploadRequest) -> Request:
        form = await super()._upload_request(request)
        again = evolve(form.files[0], field="again", data=form.files[0].data[:-1])
        return evolve(form, files=(*form.files, again))


class Cutting(GenericTracker):
    """The title stands whole in the description."""

    async def _build_form_data(self, request: UploadRequest) -> dict[str, FieldValue]:
        form = await super()._build_form_data(request)
        return {**form, "name": request.name[:100]}


class CuttingJson(Cutting):
    api_format = "json"


class CuttingDocument(Cutting):
    api_format = "document"
    document_field = "payload"


class Telling(Cutting):
    """Puts the title into a text of its own making."""

    async def _build_form_data(self, request: UploadRequest) -> dict[str, FieldValue]:
        form = await super()._build_form_data(request)
        return {**form, "text": f"{request.release.album.title}\n\n{request.description}"}


class Latin(GenericTracker):
    async def _build_form_data(self, request: UploadRequest) -> dict[str, FieldValue]:
        form = await super()._build_form_data(request)
        return {**form, "name": request.name.encode("ascii", "replace").decode()}


class Exiting(GenericTracker):
    async def upload(self, request: UploadRequest) -> UploadResult:
        raise SystemExit("enough")


class ExitingEarly(GenericTracker):
    def __init__(self, config: TrackerConfig, session: Session) -> None:
        raise SystemExit("enough")


class Hopeful(GenericTracker):
    """Takes everything that is no refusal for sent in vain."""

    async def _handle_error_response(self, answer: Answer) -> TrackerError:
        return Rejected("the site did not take it")


class Guessing(GenericTracker):
    async def find_existing(self, request: UploadRequest) -> Existing | None:
        await self._ask(Request("GET", f"{self.config.url}/search"))
        return None


class Undeclared(GenericTracker):
    async def _prepare_cover(self, request: UploadRequest) -> FormFile | None:
        cover = request.release.cover
        return None if cover is None else FormFile("image", cover.filename, cover.mime, cover.data)


class Coverless(GenericTracker):
    cover_field = "image"

    async def _prepare_cover(self, request: UploadRequest) -> FormFile | None:
        return None


class Wandering(GenericTracker):
    async def find_existing(self, request: UploadRequest) -> Existing | None:
        await self.session.get(Request("GET", "https://elsewhere.example/search"))
        return None


class Impatient(GenericTracker):
    """Asks before it sends, even where nothing may be asked."""

    async def upload(self, request: UploadRequest) -> UploadResult:
        await self.session.get(Request("GET", f"{self.config.url}/token"))
        return await super().upload(request)


class Unready(GenericTracker):
    api_auth_type = "session"


@pytest.mark.parametrize(
    ("cls", "check", "words"),
    [
        (Twice, "creates_once", "2 requests brought a torrent for 1 upload"),
        (CreatesTwice, "creates_once", "may send one creating request"),
        (Believing, "takes_no_garbage_for_success", "status 200 with empty is taken for done"),
        (Crashing, "takes_no_garbage_for_success", "it raises TypeError"),
        (Talkative, "keeps_secrets", "a key or password stands in what it tells of status 403"),
        (Logging, "keeps_secrets", "stands in the log"),
        (Repeating, "keeps_secrets", "stands in what it tells of status 403"),
        (Rewriting, "leaves_the_torrent_alone", "not the one that was to be sent"),
        (Appending, "leaves_the_torrent_alone", "not the one that was to be sent"),
        (AppendingJson, "leaves_the_torrent_alone", "not the one that was to be sent"),
        (Doubling, "leaves_the_torrent_alone", "not the one that was to be sent"),
        (Cutting, "sends_every_title_whole", "(200 characters)"),
        (CuttingJson, "sends_every_title_whole", "(200 characters)"),
        (CuttingDocument, "sends_every_title_whole", "(200 characters)"),
        (Telling, "sends_every_title_whole", "(200 characters)"),
        (Exiting, "creates_once", "it raises SystemExit('enough'): an adapter must not end the program"),
        (ExitingEarly, "takes_a_release", "it raises SystemExit('enough'): an adapter must not"),
        (Latin, "sends_every_title_whole", "no field has the title as it was sent"),
        (Hopeful, "gives_every_answer_an_outcome", "status 500 with empty is taken for rejected"),
        (Guessing, "takes_no_garbage_for_a_search_result", "gives None"),
        (Undeclared, "handles_the_cover_as_declared", "does not declare"),
        (Coverless, "handles_the_cover_as_declared", "neither it nor its address arrives"),
        (Wandering, "takes_no_garbage_for_a_search_result", "asks elsewhere.example"),
        (Impatient, "rehearses_offline", "--debug shows 0 requests"),
        (Unready, "takes_a_release", "it still lacks: trackers.UNREADY.api_auth_type"),
    ],
)
def test_the_kit_finds_what_is_wrong(cls: type[GenericTracker], check: str, words: str) -> None:
    kit = type("Kit", (TrackerConformance,), {"tracker_class": cls})()
    with pytest.raises(AssertionError) as caught:
        getattr(kit, f"test_{check}")()
    assert words in str(caught.value)


def test_a_fault_is_found_by_the_check_that_looks_for_it_alone() -> None:
    """So that its author is led to one place."""
    assert set(failures(Rewriting)) == {"leaves_the_torrent_alone"}
    assert set(failures(Hopeful)) == {"gives_every_answer_an_outcome"}
    assert set(failures(Undeclared)) == {"handles_the_cover_as_declared"}
    assert set(failures(Appending)) == {"leaves_the_torrent_alone"}
    assert set(failures(CuttingDocument)) == {"sends_every_title_whole"}


@pytest.mark.parametrize("body", ["form", "json", "document"])
def test_whichever_way_a_good_adapter_writes_its_fields_it_passes(body: str) -> None:
    keys = {"api_format": body, "document_field": "payload", "cover_field": "image"}
    assert failures(type("Good", (GenericTracker,), keys)) == {}


def test_an_adapter_that_ends_the_program_fails_its_checks_without_a_traceback(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert len(failures(Exiting)) == len(CHECKS) - 1
    assert capfd.readouterr().err == ""


# How it is used


class LoginTracker(GenericTracker):
    api_auth_type = "session"

    async def _login(self) -> None:
        answer = await self.session.post(
            Request("POST", f"{self.config.url}/login", fields=(("password", self.config.password or ""),))
        )
        if answer.headers.get("Location") != "/":
            raise Rejected("the password is wrong")

    async def _parse_result(self, answer: Answer) -> UploadResult:
        if answer.text != "stored":
            raise self._unclear(answer)
        return UploadResult()


class LoginConformance(TrackerConformance):
    tracker_class = LoginTracker

    def stored(self, site_url: str) -> Answer:
        return Answer(200, {}, b"stored")

    def respond(self, request: SiteRequest) -> Answer:
        if request.target == "/login":
            return Answer(302, {"Location": "/", "Set-Cookie": "session=1"}, b"")
        return Answer(200, {}, b"")


class TestLogin(LoginConformance):
    """As a third party's test does."""


def test_a_site_that_differs_from_its_family_is_described_by_a_kit_of_its_own() -> None:
    assert failures(LoginTracker, kit=LoginConformance) == {}
    assert "is taken for" in failures(LoginTracker)["reads_a_success"]


def test_what_a_user_must_configure_is_told_apart() -> None:
    config = TrackerConfig(id="XY", category_ids={"SINGLE": "1"}, format_ids={"MP3": "2"})
    assert failures(GenericTracker, config=config) == {}
    assert "has no FLAC" in failures(Only, config=config)["takes_a_release"]


class Only(GenericTracker):
    """Takes no MP3, whatever is configured."""

    def problems(self, release: Any) -> list[str]:
        return super().problems(release) + ["lossy"] * (release.album.codec == "MP3")


def test_the_test_beside_an_adapter_says_how_its_site_answers(tmp_path: Path) -> None:
    adapter = tmp_path / "mh_tracker.py"
    assert kit_beside(adapter) is TrackerConformance
    text = "from mua_async.adapter import GenericTracker, TrackerConformance\n"
    text += "class TestMH(TrackerConformance):\n    deviations = {'creates_once': 'why'}\n"
    (tmp_path / "test_mh_tracker.py").write_text(text)
    assert kit_beside(adapter).deviations == {"creates_once": "why"}
    (tmp_path / "test_mh_tracker.py").write_text("1 / 0")
    with pytest.raises(UsageError, match="ZeroDivisionError"):
        kit_beside(adapter)


def test_a_deviation_is_skipped_with_its_reason() -> None:
    class Kit(TrackerConformance):
        tracker_class = Talkative
        deviations = {"keeps_secrets": "the key is public here"}

    assert "keeps_secrets" not in failures(Talkative, kit=Kit)
    (skipped,) = [report for report in run_conformance(Talkative, Kit) if report.ok is None]
    assert (skipped.name, skipped.message) == ("keeps_secrets", "the key is public here")
    with pytest.raises(SkipTest, match="the key is public here"):
        getattr(Kit(), "test_keeps_secrets")()  # noqa: B009 - the tests are made by name


def test_a_deviation_from_no_check_is_refused() -> None:
    class Kit(TrackerConformance):
        deviations = {"keeps_secret": "a slip of the pen"}

    with pytest.raises(UsageError, match="name no check: keeps_secret"):
        run_conformance(GenericTracker, Kit)


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_deviation_has_a_reason(reason: str) -> None:
    class Kit(TrackerConformance):
        tracker_class = GenericTracker
        deviations = {"keeps_secrets": reason}

    with pytest.raises(UsageError, match="give no reason for keeps_secrets"):
        run_conformance(GenericTracker, Kit)
    with pytest.raises(UsageError, match="give no reason for keeps_secrets"):
        getattr(Kit(), "test_creates_once")()  # noqa: B009 - the tests are made by name


def test_each_check_is_a_test_with_a_summary() -> None:
    tests = {name.removeprefix("test_") for name in dir(TrackerConformance) if name.startswith("test_")}
    assert tests == set(CHECKS)
    assert all(report.summary.endswith(".") for report in run_conformance(GenericTracker))
