"""`docs/trackers.md`: its adapters work, its messages are those that are printed, its tables are whole."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mua_async.adapter import (
    ApiFormat,
    CheckReport,
    GenericTracker,
    NotSent,
    Rejected,
    Skipped,
    TrackerConformance,
    UploadRequest,
    run_conformance,
)
from mua_async.cli import run
from mua_async.config.configuration import load_configuration
from tests.support.raw_site import Exchange, answering
from tests.support.requests import album_request, on_raw_site
from trackers.conformance.checks import CHECKS

DOCUMENT = (Path(__file__).parents[2] / "docs" / "trackers.md").read_text("utf-8")
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [match[1] for match in BLOCK.finditer(DOCUMENT)]
HOOKS = [
    "_build_form_data",
    "upload",
    "_handle_error_response",
    "_parse_result",
    "_prepare_cover",
    "_login",
    "find_existing",
    "listed_ids",
]


def defined() -> dict[str, Any]:
    """Everything that the blocks define, run from top to bottom as one module."""
    names: dict[str, Any] = {"__name__": "documented"}
    for block in BLOCKS:
        exec(block, names)  # our own document
    return names


NAMES = defined()
ADAPTERS = {
    name: value
    for name, value in NAMES.items()
    if isinstance(value, type) and issubclass(value, GenericTracker) and value.__module__ == "documented"
}
KITS = {
    value.tracker_class: value
    for value in NAMES.values()
    if isinstance(value, type) and issubclass(value, TrackerConformance) and value is not TrackerConformance
}


class SessionKit(TrackerConformance):
    """What the document's login gets from a site that lets it in."""

    def respond(self, request: Any) -> Any:
        return NAMES["Answer"](302, {"Location": "/", "Set-Cookie": "session=1"}, b"")


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> UploadRequest:
    return album_request(tmp_path_factory.mktemp("music") / "First Light", tracks=1)


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_documented_adapter_passes_the_kit(name: str) -> None:
    cls = ADAPTERS[name]
    kit = SessionKit if name == "SessionTracker" else KITS.get(cls, TrackerConformance)
    assert [report for report in run_conformance(cls, kit) if report.ok is False] == []


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_an_example(hook: str) -> None:
    assert f"`{hook}`" in DOCUMENT
    assert any(hook in vars(cls) for cls in ADAPTERS.values())


def test_every_check_is_listed_with_what_it_wants() -> None:
    for name, check in CHECKS.items():
        assert f"| `{name}` | {(check.__doc__ or '').strip()} |" in DOCUMENT


def test_a_declared_deviation_is_skipped() -> None:
    kit = NAMES["TestPublic"]
    skipped = [report for report in run_conformance(kit.tracker_class, kit) if report.ok is None]
    assert [report.name for report in skipped] == list(kit.deviations)
    assert isinstance(skipped[0], CheckReport)


@pytest.mark.slow
def test_the_adapters_are_typed(tmp_path: Path) -> None:
    module = tmp_path / "documented.py"
    module.write_text("\n\n".join(BLOCKS))
    arguments = ["--strict", "--cache-dir", str(tmp_path / "cache"), str(module)]
    finished = subprocess.run(
        [sys.executable, "-m", "mypy", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stdout


# What each example is there for


def stored(number: int = 7) -> bytes:
    return json.dumps({"success": True, "id": number}).encode()


async def test_form_data_has_the_site_s_names(album: UploadRequest) -> None:
    form, answer = NAMES["FormTracker"], answering(200, stored())
    async with on_raw_site(answer, form, api_format=ApiFormat.JSON) as (site, it):
        await it.tracker.upload(album)
    sent = json.loads(site.bodies[0])
    assert (sent["title"], sent["artist"], sent["lossless"]) == (album.name, "The Testers", True)
    assert sent["year"] == 2001


async def test_tags_that_are_not_set_leave_the_upload_done(album: UploadRequest) -> None:
    async def no_tags(exchange: Exchange) -> None:
        head = await exchange.request()
        if head.target == "/api/upload":
            await exchange.answer(200, stored())

    async with on_raw_site(no_tags, NAMES["TaggingTracker"]) as (site, it):
        result = await it.tracker.upload(album)
    assert result.torrent_id == "7"
    assert result.message.startswith("its tags are not set")
    assert [head.target for head in site.heads] == ["/api/upload", "/api/tags/7"]


@pytest.mark.parametrize(
    ("status", "document", "kind"),
    [(409, {"message": "there"}, Skipped), (422, {"code": 17, "message": "no"}, Rejected)],
)
async def test_errors_are_told_apart(
    album: UploadRequest, status: int, document: object, kind: type[Exception]
) -> None:
    answer = answering(status, json.dumps(document).encode())
    async with on_raw_site(answer, NAMES["ErrorTracker"]) as (_, it):
        with pytest.raises(kind):
            await it.tracker.upload(album)


async def test_a_search_finds_what_is_there(album: UploadRequest) -> None:
    there = json.dumps({"torrents": [{"id": 1, "name": "other"}, {"id": 7, "name": album.name}]}).encode()
    async with on_raw_site(answering(200, there), NAMES["SearchingTracker"]) as (_, it):
        found = await it.tracker.find_existing(album)
    assert found is not None
    assert found.torrent_id == "7"
    async with on_raw_site(answering(200, b'{"torrents": []}'), NAMES["SearchingTracker"]) as (_, it):
        assert await it.tracker.find_existing(album) is None
    async with on_raw_site(answering(200, b"<html>"), NAMES["SearchingTracker"]) as (_, it):
        with pytest.raises(NotSent):
            await it.tracker.find_existing(album)


async def test_a_site_lists_its_ids() -> None:
    listed = json.dumps({"categories": [{"id": 5, "name": "Music"}]}).encode()
    async with on_raw_site(answering(200, listed), NAMES["ListingTracker"]) as (_, it):
        assert await it.tracker.listed_ids() == {"category_ids": {"5": "Music"}}
    async with on_raw_site(answering(200, b"<html>"), NAMES["ListingTracker"]) as (_, it):
        with pytest.raises(NotSent):
            await it.tracker.listed_ids()


def test_the_documented_flags_describe_a_site(tmp_path: Path) -> None:
    (command,) = re.findall(r"^```sh\nmua-async (tracker add .*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
    config = tmp_path / "config.toml"
    assert run([*shlex.split(command.replace("\\\n", "")), "--config", str(config)]) == 0
    table = load_configuration(config).table("CRATE")
    assert table["fields"] == {"title": "{{ name }}", "shelf": "{{ category_id | int }}"}
    assert table["category_ids"] == {"*": "3"}


async def test_a_login_is_asked_for_where_only_members_are_let_in(album: UploadRequest) -> None:
    logins = iter((b"one", b"two"))

    async def members_only(exchange: Exchange) -> None:
        head = await exchange.request()
        match head.target:
            case "/login":
                next(logins)
                await exchange.answer(302, headers={"Location": "/"})
            case "/upload":  # the first login has expired
                await exchange.answer(302, headers={"Location": "/login"})
            case _:
                await exchange.answer(200, stored())

    config = {"api_key": None, "username": "me", "password": "swordfish"}
    async with on_raw_site(members_only, NAMES["SessionTracker"], **config) as (site, it):
        await it.tracker.upload(album)
        await it.tracker.upload(album)
    assert [head.target for head in site.heads] == [
        *("/login", "/api/upload"),
        *("/upload", "/login", "/api/upload"),
    ]
