"""What aiohttp does otherwise than browsers do, on the way to a site that logs in by a form."""

from __future__ import annotations

from typing import Any

import pytest

from mua_async.config.described import answer as read_answer
from mua_async.config.described import login as read_login
from pipeline.errors import NotSent, Rejected, Unknown
from pipeline.model.upload import UploadRequest
from tests.support.raw_site import Exchange, Script, answering
from tests.support.requests import on_raw_site
from trackers.described.described_tracker import DescribedTracker
from trackers.tracker_config import AuthType

LOGIN: dict[str, Any] = {
    "endpoint": "login",
    "fields": {"user": "{{ username }}", "pass": "{{ password }}"},
    "done": {"location": "^/home$"},
}
ANSWER: dict[str, Any] = {"done": {"status": 200, "json": "ok", "equals": True}}


def described(**tables: Any) -> dict[str, Any]:
    """The keys of a tracker that logs in."""
    return {
        "api_auth_type": AuthType.SESSION,
        "username": "me",
        "password": "swordfish & co",
        "login": read_login({**LOGIN, **tables.get("login", {})}),
        "answer": read_answer({**ANSWER, **tables.get("answer", {})}),
    }


def site(cookie: str, upload: tuple[int, bytes, dict[str, str]] = (200, b'{"ok": true}', {})) -> Script:
    """A site that gives a cookie at the login, and takes uploads with it."""

    async def script(exchange: Exchange) -> None:
        head = await exchange.request()
        if head.target == "/login":
            await exchange.answer(302, headers={"Location": "/home", "Set-Cookie": cookie})
        elif "k=v1v2v3v4" in head.headers.get("cookie", ""):
            status, body, headers = upload
            await exchange.answer(status, body, headers)
        else:
            await exchange.answer(200, b'{"ok": false}')

    return script


@pytest.mark.parametrize(
    "cookie",
    [
        "k=v1v2v3v4; Path=/",
        "k=v1v2v3v4; Path=/; Secure; HttpOnly; SameSite=Strict",
        "k=v1v2v3v4",
    ],
    ids=["plain", "secure", "no path"],
)
async def test_cookies_of_an_ip_address_come_back_secure_ones_too(album: UploadRequest, cookie: str) -> None:
    async with on_raw_site(site(cookie), DescribedTracker, **described()) as (raw, it):
        await it.tracker.upload(album)
    assert [head.target for head in raw.heads] == ["/login", "/api/upload"]


async def test_the_login_is_sent_as_a_browser_sends_it(album: UploadRequest) -> None:
    async with on_raw_site(site("k=v1v2v3v4"), DescribedTracker, **described()) as (raw, it):
        await it.tracker.upload(album)
    assert raw.heads[0].headers["content-type"] == "application/x-www-form-urlencoded"
    assert raw.bodies[0] == b"user=me&pass=swordfish+%26+co"


async def test_json_that_calls_itself_html_is_read(album: UploadRequest) -> None:
    upload: tuple[int, bytes, dict[str, str]] = (
        200,
        b'{"ok": true}',
        {"Content-Type": "text/html; charset=iso-8859-1"},
    )
    async with on_raw_site(site("k=v1v2v3v4", upload), DescribedTracker, **described()) as (_, it):
        await it.tracker.upload(album)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_of_an_upload_is_followed(album: UploadRequest, status: int) -> None:
    upload: tuple[int, bytes, dict[str, str]] = (status, b"", {"Location": "/elsewhere"})
    async with on_raw_site(site("k=v1v2v3v4", upload), DescribedTracker, **described()) as (raw, it):
        with pytest.raises(Unknown):
            await it.tracker.upload(album)
    assert [head.target for head in raw.heads] == ["/login", "/api/upload"]


async def test_a_file_name_is_not_percent_encoded(album: UploadRequest) -> None:
    async with on_raw_site(site("k=v1v2v3v4"), DescribedTracker, **described()) as (raw, it):
        await it.tracker.upload(album)
    assert b'filename="The.Testers.-.First.Light.2001.' in raw.bodies[1]
    assert b"%20" not in raw.bodies[1].partition(b"d8:announce")[0]


async def test_a_cookie_is_a_secret_when_the_site_repeats_it(album: UploadRequest) -> None:
    upload: tuple[int, bytes, dict[str, str]] = (422, b'{"why": "session v1v2v3v4 may not upload"}', {})
    rules = {"refused": {"status": 422}, "message": {"json": "why"}}
    keys = described(answer=rules)
    async with on_raw_site(site("k=v1v2v3v4; Secure", upload), DescribedTracker, **keys) as (_, it):
        with pytest.raises(Rejected, match=r"session \*\*\*\* may not upload"):
            await it.tracker.upload(album)


async def test_a_site_that_forgets_every_login_got_nothing(album: UploadRequest) -> None:
    keys = described(answer={"expired": {"json": "ok", "equals": False}})
    async with on_raw_site(site("other=1"), DescribedTracker, **keys) as (raw, it):
        with pytest.raises(NotSent, match="forgets each login"):
            await it.tracker.upload(album)
        assert not it.tracker.in_doubt(album.release.album.content_id)
    assert [head.target for head in raw.heads] == ["/login", "/api/upload"] * 2


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_broken_server_does_not_prove_that_the_login_expired(
    album: UploadRequest, status: int
) -> None:
    upload: tuple[int, bytes, dict[str, str]] = (status, b'{"ok": false}', {})
    keys = described(answer={"expired": {"json": "ok", "equals": False}})
    async with on_raw_site(site("k=v1v2v3v4", upload), DescribedTracker, **keys) as (raw, it):
        with pytest.raises(Unknown):
            await it.tracker.upload(album)
    assert raw.posts == 2


@pytest.mark.parametrize(
    ("script", "error"),
    [
        (answering(200, b"<html>Welcome</html>"), NotSent),
        (answering(403, b"no"), Rejected),
        (answering(500, b"no"), NotSent),
        (answering(302, headers={"Location": "/login"}), NotSent),
    ],
    ids=["a page", "403", "500", "elsewhere"],
)
async def test_without_a_login_nothing_is_uploaded(
    album: UploadRequest, script: Script, error: type[Exception]
) -> None:
    async with on_raw_site(script, DescribedTracker, **described()) as (raw, it):
        with pytest.raises(error):
            await it.tracker.upload(album)
    assert {head.target for head in raw.heads} == {"/login"}


@pytest.mark.parametrize("done", [{"location": "^(?!.*error)"}, {"status": [200, 302]}])
async def test_no_login_is_told_by_a_page_or_the_way_back_to_the_form(
    album: UploadRequest, done: dict[str, object]
) -> None:
    """Neither that it is no redirect elsewhere, nor a redirect by itself shows that the site let us in."""
    answer = (302, b"", {"Location": "/login?failed"}) if "status" in done else (200, b"<html>wrong", {})
    async with on_raw_site(answering(*answer), DescribedTracker, **described(login={"done": done})) as (
        raw,
        it,
    ):
        with pytest.raises(NotSent, match="cannot be logged in to"):
            await it.tracker.upload(album)
    assert {head.target for head in raw.heads} == {"/login"}


async def test_a_csrf_token_that_is_not_there_ends_the_login(album: UploadRequest) -> None:
    csrf = {"endpoint": "form", "regex": 'token="([^"]+)"'}
    fields = {"p": "{{ password }}", "t": "{{ csrf }}"}
    keys = described(login={"csrf": csrf, "fields": fields})
    async with on_raw_site(answering(200, b"<html>"), DescribedTracker, **keys) as (raw, it):
        with pytest.raises(NotSent, match=r"login\.csrf finds nothing in the page form"):
            await it.tracker.upload(album)
    assert [head.target for head in raw.heads] == ["/form"]


async def test_a_template_of_a_login_that_fails_does_not_tell_the_password(album: UploadRequest) -> None:
    keys = described(login={"fields": {"p": "{{ {}[password].x }}"}})
    async with on_raw_site(answering(200), DescribedTracker, **keys) as (_, it):
        with pytest.raises(NotSent) as caught:
            await it.tracker.upload(album)
    assert "swordfish" not in str(caught.value)
    assert "login.fields.p: the template fails" in str(caught.value)
