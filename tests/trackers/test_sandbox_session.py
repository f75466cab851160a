"""The sandbox's site of pages, used as a browser would."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from tests.support.torrents import infohash, make_torrent
from trackers.sandbox import Fault, Flavor, SandboxSettings, SandboxSite

FIELDS = {"name": "Homogenic", "description": "Jóga", "category_id": "5", "format_id": "10"}
PASSWORD = "sandbox-password"


class Browser:
    """Keeps cookies, follows nothing."""

    def __init__(self, site: SandboxSite, session: aiohttp.ClientSession) -> None:
        self.site = site
        self.session = session

    async def get(self, path: str) -> tuple[int, str, str]:
        """Status, where a redirect leads, and the page."""
        async with self.session.get(self.site.url + path, allow_redirects=False) as response:
            text = (await response.read()).decode("latin-1")
            return response.status, response.headers.get("Location", ""), text

    async def post(self, path: str, data: Any) -> tuple[int, str, str]:
        async with self.session.post(self.site.url + path, data=data, allow_redirects=False) as response:
            return response.status, response.headers.get("Location", ""), await response.text()

    async def token(self) -> str:
        _, _, text = await self.get("/login")
        (token,) = re.findall(r'name="_token" value="(\w+)"', text)
        return str(token)

    async def log_in(self, password: str = PASSWORD, token: str | None = None) -> tuple[int, str, str]:
        fields = {"_token": token or await self.token(), "username": "sandbox", "password": password}
        return await self.post("/login", fields)

    async def upload(
        self, fields: Mapping[str, str] = FIELDS, torrent: bytes | None = None
    ) -> tuple[int, str, str]:
        form = aiohttp.FormData(dict(fields))
        form.add_field("torrent", make_torrent() if torrent is None else torrent, filename="a.torrent")
        return await self.post("/upload", form)


@asynccontextmanager
async def running(**settings: Any) -> AsyncIterator[Browser]:
    # The site is at an IP address, whose cookies a jar drops unless it is told not to.
    async with (
        SandboxSite(Flavor.SESSION, SandboxSettings(**settings)) as site,
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session,
    ):
        yield Browser(site, session)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """One that has logged in."""
    async with running(rate_limit=None) as browser:
        assert (await browser.log_in())[:2] == (302, f"{browser.site.url}/")
        yield browser


async def test_an_upload_leads_to_its_page_and_its_torrent(browser: Browser) -> None:
    status, location, _ = await browser.upload()
    (upload,) = browser.site.uploads
    assert (status, location) == (302, f"{browser.site.url}/torrents/{upload.id}")
    assert upload.fields == FIELDS
    assert upload.received_torrent == make_torrent()
    status, _, text = await browser.get(f"/torrents/{upload.id}")
    assert (status, "<h1>Homogenic</h1>" in text) == (200, True)
    async with browser.session.get(f"{browser.site.url}/download/{upload.id}") as response:
        assert infohash(await response.read()) == upload.registered.infohash


async def test_those_who_are_not_logged_in_are_sent_to_the_login() -> None:
    async with running() as browser:
        to_login = (302, f"{browser.site.url}/login")
        for path in ("/", "/upload", "/torrents/1001", "/download/1001", "/nowhere"):
            assert (await browser.get(path))[:2] == to_login
        assert (await browser.upload())[:2] == to_login
        assert browser.site.uploads == []


async def test_a_wrong_password_is_told_in_a_page() -> None:
    async with running() as browser:
        status, location, text = await browser.log_in("guess")
        assert (status, location) == (200, "")
        assert '<div class="error">Wrong username or password.</div>' in text
        assert (await browser.get("/"))[0] == 302


@pytest.mark.parametrize("forged", ["", "0123456789abcdef0123456789abcdef"])
async def test_a_login_needs_the_token_of_its_page(forged: str) -> None:
    async with running() as browser:
        await browser.token()
        assert (await browser.log_in(token=forged or "none"))[0] == 200
        assert (await browser.get("/"))[0] == 302


async def test_a_token_is_good_for_one_try_with_its_own_cookie() -> None:
    async with running() as browser:
        token = await browser.token()
        assert (await browser.log_in("guess", token))[0] == 200
        assert "The page has expired." in (await browser.log_in(token=token))[2]
        token = await browser.token()
        browser.session.cookie_jar.clear()
        assert "The page has expired." in (await browser.log_in(token=token))[2]


async def test_a_login_ends_after_its_requests() -> None:
    async with running(login_lasts=2, rate_limit=None) as browser:
        await browser.log_in()
        assert [(await browser.get("/"))[0] for _ in range(4)] == [200, 200, 302, 302]
        await browser.log_in()
        assert (await browser.get("/"))[0] == 200


async def test_a_site_can_be_told_to_forget_its_logins(browser: Browser) -> None:
    browser.site.forget_logins()
    assert (await browser.upload())[:2] == (302, f"{browser.site.url}/login")
    assert browser.site.uploads == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": " "}, "The name is required."),
        ({"category_id": "99"}, "The category_id 99 is unknown."),
        ({"format_id": "<b>"}, "The format_id &lt;b&gt; is unknown."),
    ],
)
async def test_what_is_wrong_is_told_in_a_page(
    browser: Browser, changes: Mapping[str, str], problem: str
) -> None:
    status, _, text = await browser.upload({**FIELDS, **changes})
    assert (status, f'<div class="error">{problem}</div>' in text) == (200, True)
    status, _, text = await browser.upload(torrent=b"no torrent")
    assert (status, "The torrent cannot be read." in text) == (200, True)
    assert browser.site.uploads == []


@pytest.mark.parametrize("fields", [FIELDS, {**FIELDS, "name": "Another name"}])
async def test_a_duplicate_has_a_page_of_its_own(browser: Browser, fields: Mapping[str, str]) -> None:
    await browser.upload()
    status, _, text = await browser.upload(fields)
    page = f"{browser.site.url}/torrents/{browser.site.uploads[0].id}"
    assert status == 200
    assert '<div class="duplicate">Homogenic is here already.' in text
    assert f'<a href="{page}">' in text
    assert len(browser.site.uploads) == 1


async def test_the_upload_form_names_its_fields(browser: Browser) -> None:
    _, _, text = await browser.get("/upload")
    assert re.findall(r'name="(\w+)"', text) == ["torrent", "name", "description", "category_id", "format_id"]


async def test_requests_are_noted_and_limited() -> None:
    async with running(rate_limit=(1, 60.0)) as browser:
        await browser.log_in()
        assert [(await browser.get("/"))[0] for _ in range(2)] == [200, 429]
        assert [request.method for request in browser.site.requests] == ["GET", "POST", "GET", "GET"]
        assert "session" in browser.site.requests[-1].cookies


@pytest.mark.parametrize(
    ("fault", "status", "stored"),
    [
        (Fault.REFUSE, 200, 0),
        (Fault.HTML, 200, 0),
        (Fault.SUCCESS_FALSE, 200, 0),
        (Fault.THROTTLE_ONCE, 429, 0),
        (Fault.ERROR_AFTER, 500, 1),
        (Fault.BANNED, 302, 0),
    ],
)
async def test_faults_strike_it_as_any_site(browser: Browser, fault: Fault, status: int, stored: int) -> None:
    browser.site.fault = fault
    assert (await browser.upload())[0] == status
    assert len(browser.site.uploads) == stored


async def test_a_connection_can_be_lost_before_and_after(browser: Browser) -> None:
    for stored, fault in enumerate((Fault.RESET_BEFORE, Fault.RESET_AFTER)):
        browser.site.fault = fault
        with pytest.raises(aiohttp.ClientError):
            await browser.upload()
        assert len(browser.site.uploads) == stored


async def test_a_download_can_go_wrong(browser: Browser) -> None:
    await browser.upload()
    (upload,) = browser.site.uploads
    browser.site.fault = Fault.BAD_TORRENT
    assert "<h1>Download</h1>" in (await browser.get(f"/download/{upload.id}"))[2]
    browser.site.fault = Fault.OTHER_PIECES
    async with browser.session.get(f"{browser.site.url}/download/{upload.id}") as response:
        assert infohash(await response.read()) != upload.registered.infohash
