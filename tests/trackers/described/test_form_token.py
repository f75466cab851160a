"""The token of an upload's form: fetched before the upload, and without it nothing is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mua_async.config.described import answer as read_answer
from mua_async.config.described import csrf as read_csrf
from mua_async.config.described import login as read_login
from mua_async.config.described import upload_fields
from pipeline.errors import NotSent, Rejected, Skipped, Unknown
from pipeline.events import UploadStarted
from pipeline.model.upload import UploadRequest
from tests.support.raw_site import Exchange, Script
from tests.support.requests import connected, on_raw_site, tracker_config
from trackers.described import patterns
from trackers.described.described_tracker import DescribedTracker
from trackers.tracker_config import ApiFormat, AuthType

TOKEN = "t0ken+of+the+form"
PAGE = f'<html><input name="key" value="{TOKEN}"></html>'.encode()
KEYS: dict[str, Any] = {
    "fields": upload_fields({"name": "{{ name }}", "key": "{{ csrf }}"}),
    "csrf": read_csrf({"endpoint": "upload", "regex": 'name="key" value="([^"]+)"'}),
    "answer": read_answer({"done": {"status": 201}, "refused": {"status": 422}, "message": {"json": "why"}}),
}


def site(
    page: tuple[int, bytes] = (200, PAGE), verdict: tuple[int, bytes] = (201, b""), **headers: str
) -> Script:
    async def script(exchange: Exchange) -> None:
        head = await exchange.request()
        status, body = page if head.method == "GET" else verdict
        await exchange.answer(status, body, headers)

    return script


async def test_the_page_is_asked_for_first_with_the_key(album: UploadRequest) -> None:
    async with on_raw_site(site(), DescribedTracker, **KEYS) as (raw, it):
        await it.tracker.upload(album)
    assert [(head.method, head.target) for head in raw.heads] == [("GET", "/upload"), ("POST", "/api/upload")]
    assert raw.heads[0].headers["authorization"] == "Bearer sandbox-key"
    assert "json" not in raw.heads[0].headers["accept"]
    assert TOKEN.encode() in raw.bodies[1]


async def test_the_page_may_be_json(album: UploadRequest) -> None:
    keys = {**KEYS, "csrf": read_csrf({"endpoint": "token", "json": "data.token"})}
    page = (200, json.dumps({"data": {"token": TOKEN}}).encode())
    async with on_raw_site(site(page), DescribedTracker, **keys) as (raw, it):
        await it.tracker.upload(album)
    assert raw.heads[0].headers["accept"] == "application/json"
    assert TOKEN.encode() in raw.bodies[1]


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ((200, b"<html>"), r"XY gives no token for the upload: csrf finds nothing .* upload \(status 200\)"),
        ((404, PAGE), r"csrf finds nothing in the page upload \(status 404\)"),
        ((500, PAGE), "answers with status 500"),
    ],
)
async def test_without_a_token_the_upload_does_not_count_as_sent(
    album: UploadRequest, page: tuple[int, bytes], told: str
) -> None:
    async with on_raw_site(site(page), DescribedTracker, **KEYS) as (raw, it):
        with pytest.raises(NotSent, match=told):
            await it.tracker.upload(album)
        assert not it.tracker.in_doubt(album.release.album.content_id)
    assert raw.posts == 0
    assert not it.heard(UploadStarted)


async def test_a_pattern_that_takes_too_long_sends_nothing(
    album: UploadRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 0.5)
    keys = {**KEYS, "csrf": read_csrf({"endpoint": "upload", "regex": "((?:.*)*(?:.*)*never)"})}
    async with on_raw_site(site((200, b"a" * 4000)), DescribedTracker, **keys) as (raw, it):
        with pytest.raises(NotSent, match=r"csrf takes longer than 0\.5 s"):
            await it.tracker.upload(album)
    assert raw.posts == 0


async def test_a_token_is_masked_where_the_site_repeats_it(album: UploadRequest) -> None:
    verdict = (422, json.dumps({"why": f"{TOKEN} was used before"}).encode())
    async with on_raw_site(site(verdict=verdict), DescribedTracker, **KEYS) as (_, it):
        with pytest.raises(Rejected, match=r"\*\*\*\* was used before"):
            await it.tracker.upload(album)


async def test_an_upload_that_is_lost_after_it_is_unknown_all_the_same(album: UploadRequest) -> None:
    async def script(exchange: Exchange) -> None:
        if (await exchange.request()).method == "GET":
            await exchange.answer(200, PAGE)
        else:
            await exchange.reset()

    async with on_raw_site(script, DescribedTracker, **KEYS) as (_, it):
        with pytest.raises(Unknown):
            await it.tracker.upload(album)


async def test_a_page_that_shows_an_expired_login_renews_it_once(album: UploadRequest) -> None:
    """By the rule that tells it of uploads, since the page is at an address of its own."""
    logins = 0

    async def script(exchange: Exchange) -> None:
        nonlocal logins
        head = await exchange.request()
        if head.target == "/in":
            logins += 1
            await exchange.answer(302, headers={"Location": "/home"})
        elif head.method == "GET" and logins < 2:
            await exchange.answer(302, headers={"Location": "/hello"})
        else:
            await exchange.answer(200 if head.method == "GET" else 201, PAGE)

    login = {"endpoint": "in", "fields": {"p": "{{ password }}"}, "done": {"location": "home"}}
    keys = {
        **KEYS,
        "api_auth_type": AuthType.SESSION,
        "username": "me",
        "password": "swordfish",
        "login": read_login(login),
        "answer": read_answer({"done": {"status": 201}, "expired": {"location": "^/hello$"}}),
    }
    async with on_raw_site(script, DescribedTracker, **keys) as (raw, it):
        await it.tracker.upload(album)
    assert [head.target for head in raw.heads] == ["/in", "/upload", "/in", "/upload", "/api/upload"]


async def test_a_dry_run_shows_the_place_of_the_token_and_asks_nobody(album: UploadRequest) -> None:
    config = tracker_config("http://127.0.0.1:9", **KEYS)
    async with connected(config, DescribedTracker, dry_run=True) as it:
        with pytest.raises(Skipped, match="dry run"):
            await it.tracker.upload(album)
    assert ("key", "<csrf>") in it.events[-1].fields  # type: ignore[attr-defined]


async def test_fields_that_leave_the_torrent_no_place_send_nothing(album: UploadRequest) -> None:
    """A name that is a template is known only with the release."""
    keys = {
        "api_format": ApiFormat.JSON,
        "torrent_field": "file.content",
        "fields": upload_fields({"{{ 'file' }}": "{{ name }}"}),
    }
    async with on_raw_site(site(), DescribedTracker, **keys) as (raw, it):
        with pytest.raises(Skipped, match=r"XY\.fields: .* no table stands on the way to file\.content"):
            await it.tracker.upload(album)
    assert not raw.heads


async def test_the_torrent_stands_in_the_first_table_of_a_list(album: UploadRequest) -> None:
    keys = {
        "api_format": ApiFormat.JSON,
        "torrent_field": "files.0.data",
        "fields": upload_fields({"files": [{"name": "{{ torrent_name }}"}]}),
        "answer": read_answer({"done": {"status": 201}}),
    }
    async with on_raw_site(site(), DescribedTracker, **keys) as (raw, it):
        await it.tracker.upload(album)
    (file,) = json.loads(raw.bodies[0])["files"]
    assert set(file) == {"name", "data"}
