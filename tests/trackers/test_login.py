"""A login is kept, and renewed when the site has forgotten it; no upload is sent twice for that."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

import anyio
import pytest
from attrs import define

from pipeline.errors import NotSent, Rejected, Unknown
from pipeline.model.upload import Existing, UploadRequest
from tests.support.raw_site import Exchange, RawSite, raw_site
from tests.support.requests import Connection, connected, tracker_config
from trackers.generic_tracker import GenericTracker
from trackers.request import Request


class CookieTracker(GenericTracker):
    """Logs in with a form; asks for what exists with a page that only members see."""

    api_auth_type = "session"

    async def _login(self) -> None:
        answer = await self.session.post(Request("POST", f"{self.config.url}/login"))
        if answer.headers.get("Location") != "/":
            raise Rejected("the password is wrong", hint="check trackers.XY.password")

    async def find_existing(self, request: UploadRequest) -> Existing | None:
        answer = await self._ask(Request("GET", f"{self.config.url}/search"))
        if not answer.ok:
            raise self._unclear(answer)
        return None


@define
class MemberSite:
    """Gives each login a cookie of its own, and knows the last one only."""

    logins: int = 0
    valid: str = ""
    open_front: bool = False
    closed: bool = False
    """It lets nobody in any more."""
    dull: bool = False
    """It forgets each login at once."""
    stored: int = 0

    def forget(self) -> None:
        self.valid = ""

    async def __call__(self, exchange: Exchange) -> None:
        head = await exchange.request()
        if head.target == "/login":
            await self._let_in(exchange)
        elif head.headers.get("cookie") == self.valid or (head.target == "/" and self.open_front):
            self.stored += head.target == "/api/upload"
            await exchange.answer(200, b'{"success": true, "id": 1}')
        else:
            await exchange.answer(302, headers={"Location": "/login"})

    async def _let_in(self, exchange: Exchange) -> None:
        if self.closed:
            await exchange.answer(302, headers={"Location": "/login"})
            return
        self.logins += 1
        self.valid = "" if self.dull else f"session={self.logins}"
        cookie = f"session={self.logins}; Path=/"
        await exchange.answer(302, headers={"Location": "/", "Set-Cookie": cookie})


def targets(site: RawSite) -> list[str]:
    return [head.target for head in site.heads]


def as_member(site: RawSite) -> AbstractAsyncContextManager[Connection]:
    config = tracker_config(site.url, api_key=None, username="me", password="swordfish")
    return connected(config, CookieTracker)


async def test_an_expired_login_is_renewed_before_the_upload(album: UploadRequest) -> None:
    members = MemberSite()
    async with raw_site(members) as site, as_member(site) as it:
        await it.tracker.upload(album)
        members.forget()
        await it.tracker.upload(album)
        await it.tracker.upload(album)
    assert targets(site) == [
        "/login",
        "/api/upload",
        *("/", "/login", "/api/upload"),
        *("/", "/api/upload"),
    ]
    assert members.stored == 3


async def test_a_question_renews_the_login_once_and_is_asked_again(album: UploadRequest) -> None:
    members = MemberSite()
    async with raw_site(members) as site, as_member(site) as it:
        await it.tracker.find_existing(album)
        members.forget()
        await it.tracker.find_existing(album)
    assert targets(site) == ["/login", "/search", "/search", "/login", "/search"]


async def test_questions_that_are_asked_at_once_renew_it_once(album: UploadRequest) -> None:
    members = MemberSite()
    async with raw_site(members) as site, as_member(site) as it:
        await it.tracker.find_existing(album)
        members.forget()
        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(it.tracker.find_existing, album)
    assert targets(site).count("/login") == 2


async def test_a_login_that_never_holds_is_not_tried_for_ever(album: UploadRequest) -> None:
    members = MemberSite(dull=True)
    async with raw_site(members) as site, as_member(site) as it:
        with pytest.raises(Rejected) as caught:
            await it.tracker.upload(album)
        with pytest.raises(Unknown):
            await it.tracker.find_existing(album)
    assert "trackers.XY.username and password" in caught.value.hint
    assert targets(site) == ["/login", "/api/upload", "/login", "/search"]
    assert members.stored == 0


async def test_an_upload_that_meets_the_login_page_is_not_sent_again_by_itself(album: UploadRequest) -> None:
    """The front page is open to all, so that only the upload shows that the login has expired."""
    members = MemberSite(open_front=True)
    async with raw_site(members) as site, as_member(site) as it:
        await it.tracker.upload(album)
        members.forget()
        with pytest.raises(NotSent, match="forgotten the login"):
            await it.tracker.upload(album)
        assert targets(site).count("/api/upload") == 2
        await it.tracker.upload(album)
    assert targets(site)[-2:] == ["/login", "/api/upload"]
    assert members.stored == 2


async def test_a_renewal_that_is_refused_sends_nothing(album: UploadRequest) -> None:
    members = MemberSite()
    async with raw_site(members) as site, as_member(site) as it:
        await it.tracker.upload(album)
        members.forget()
        members.closed = True
        with pytest.raises(Rejected, match="password"):
            await it.tracker.upload(album)
    assert targets(site) == ["/login", "/api/upload", "/", "/login"]
    assert members.stored == 1
