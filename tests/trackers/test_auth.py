"""Each way of carrying a key: the right one lets in, a wrong one is refused and named, none goes astray."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.errors import NotSent, Rejected
from pipeline.model.upload import UploadRequest, UploadResult
from pipeline.secret import Secret
from tests.support.raw_site import Exchange, raw_site
from tests.support.requests import connected, sandbox_config, tracker_config
from trackers.generic_tracker import GenericTracker
from trackers.request import Answer, Request
from trackers.sandbox import Flavor, SandboxSettings, SandboxSite
from trackers.tracker_config import ApiFormat, AuthType, TrackerConfig
from trackers.unit3d_tracker import Unit3dTracker

SIGNING = [AuthType.BEARER, AuthType.TOKEN, AuthType.PARAM, AuthType.HEADER, AuthType.FIELD, AuthType.BASIC]
UNIT3D = [AuthType.BEARER, AuthType.PARAM, AuthType.FIELD, AuthType.BASIC]
NAMED = [AuthType.PARAM, AuthType.HEADER, AuthType.FIELD]
FORMATS = [ApiFormat.FORM, ApiFormat.JSON]


def site_and_config(auth: AuthType, name: str | None = None) -> tuple[SandboxSite, dict[str, Any]]:
    settings = SandboxSettings(auth=auth, auth_name=name, api_key="K3y/ö+&=?#", password="pässword:2")
    config: dict[str, Any] = {"api_auth_type": auth, "api_auth_name": name}
    if auth is AuthType.BASIC:
        config |= {"username": settings.username, "password": settings.password, "api_key": None}
    return SandboxSite(Flavor.GENERIC, settings), config


@pytest.mark.parametrize("body_format", FORMATS)
@pytest.mark.parametrize("auth", SIGNING)
async def test_the_right_key_lets_in(album: UploadRequest, auth: AuthType, body_format: ApiFormat) -> None:
    site, config = site_and_config(auth)
    async with site:
        config |= {"api_format": body_format, "download_endpoint": "download/{id}"}
        async with connected(sandbox_config(site, **config)) as it:
            result = await it.tracker.upload(album)
            torrent = await it.tracker.fetch_torrent(it.cell(album), None, result.torrent_id)
    assert torrent is not None
    assert torrent.startswith(b"d8:announce")
    (upload,) = site.uploads
    assert upload.received_torrent == album.torrent.data
    assert set(upload.fields) == {"name", "description", "category_id", "format_id", "anonymous"}


@pytest.mark.parametrize("auth", NAMED)
async def test_the_key_goes_by_the_name_that_is_configured(album: UploadRequest, auth: AuthType) -> None:
    site, config = site_and_config(auth, "x-passport")
    async with site, connected(sandbox_config(site, **config)) as it:
        await it.tracker.upload(album)
    assert len(site.uploads) == 1


@pytest.mark.parametrize("auth", SIGNING)
async def test_a_wrong_key_is_refused_and_the_hint_names_it(album: UploadRequest, auth: AuthType) -> None:
    site, config = site_and_config(auth)
    wrong = {"password": "wrong-key"} if auth is AuthType.BASIC else {"api_key": "wrong-key"}
    async with site, connected(sandbox_config(site, **{**config, **wrong})) as it:
        with pytest.raises(Rejected) as caught:
            await it.tracker.upload(album)
    named = "username and password" if auth is AuthType.BASIC else "api_key"
    assert f"trackers.XY.{named}" in caught.value.hint
    assert "wrong-key" not in repr(caught.value) + str(caught.value)
    assert site.uploads == []
    assert len(site.requests) == 1


@pytest.mark.parametrize("auth", UNIT3D)
async def test_a_unit3d_site_takes_four_ways(album: UploadRequest, auth: AuthType) -> None:
    async with (
        SandboxSite(Flavor.UNIT3D) as site,
        connected(sandbox_config(site, api_auth_type=auth), Unit3dTracker) as it,
    ):
        assert await it.tracker.find_existing(album) is None
        result = await it.tracker.upload(album)
        assert await it.tracker.fetch_torrent(it.cell(album), result.download_url, result.torrent_id)
        assert "sandbox's" in (await it.tracker.test_key()).text
    assert len(site.uploads) == 1


@pytest.mark.parametrize("method", ["upload", "find_existing", "test_key"])
@pytest.mark.parametrize("auth", UNIT3D)
async def test_a_unit3d_site_refuses_a_wrong_key(album: UploadRequest, auth: AuthType, method: str) -> None:
    async with SandboxSite(Flavor.UNIT3D) as site:
        config = sandbox_config(site, api_auth_type=auth, api_key="wrong-key")
        async with connected(config, Unit3dTracker) as it:
            ask = getattr(it.tracker, method)
            with pytest.raises(Rejected) as caught:
                await (ask() if method == "test_key" else ask(album))
    assert "trackers.XY.api_key" in caught.value.hint
    assert "/login" not in [request.path for request in site.requests]
    assert site.uploads == []


@pytest.mark.parametrize(
    ("auth", "config", "missing"),
    [
        (AuthType.BEARER, {}, ["api_key"]),
        (AuthType.PARAM, {}, ["api_key"]),
        (AuthType.BASIC, {}, ["username and password"]),
        (AuthType.BASIC, {"username": "me", "password": "p"}, []),
        (AuthType.BASIC, {"api_key": "k"}, []),
        (AuthType.SESSION, {"username": "me"}, ["password", "api_auth_type"]),
    ],
)
def test_what_is_missing_is_named_with_its_place(
    auth: AuthType, config: dict[str, Any], missing: list[str]
) -> None:
    settled = tracker_config("http://127.0.0.1:9", api_auth_type=auth, **{"api_key": None, **config})
    found = GenericTracker.missing(settled)
    assert len(found) == len(missing)
    for line, key in zip(found, missing, strict=True):
        assert line.startswith(f"trackers.XY.{key}")


def test_a_tracker_without_an_address_is_not_configured() -> None:
    config = TrackerConfig(id="XY", api_key=Secret("k"))
    assert [line.split()[0] for line in GenericTracker.missing(config)] == [
        "trackers.XY.url",
        "trackers.XY.announce_url",
    ]


# Sessions


class SessionTracker(GenericTracker):
    """Logs in with a form, as sites without an API want it."""

    api_auth_type = "session"

    async def _login(self) -> None:
        form = Request(
            "POST",
            f"{self.config.url}/login",
            fields=(
                ("username", self.config.username or ""),
                ("password", self.config.password or Secret("")),
            ),
        )
        answer: Answer = await self.session.post(form)
        if answer.headers.get("Location") != "/":
            raise Rejected("the password is wrong", hint="check trackers.XY.password")


async def session_site(exchange: Exchange) -> None:
    head = await exchange.request()
    if head.target == "/login":
        right = b"swordfish" in exchange.site.bodies[-1]
        cookie = {"Set-Cookie": "session=abc; Path=/; HttpOnly"} if right else {}
        await exchange.answer(302, headers={"Location": "/" if right else "/login", **cookie})
    elif head.headers.get("cookie") == "session=abc":
        await exchange.answer(200, b'{"success": true, "id": 1}')
    else:
        await exchange.answer(302, headers={"Location": "/login"})


async def test_a_session_logs_in_once_and_sends_its_cookie(album: UploadRequest) -> None:
    async with raw_site(session_site) as site:
        config = tracker_config(site.url, api_key=None, username="me", password="swordfish")
        async with connected(config, SessionTracker) as it:
            for _ in range(2):
                assert isinstance(await it.tracker.upload(album), UploadResult)
    assert [head.target for head in site.heads] == ["/login", "/api/upload", "/", "/api/upload"]
    assert all("authorization" not in head.headers for head in site.heads)


async def test_a_failed_login_sends_nothing_and_is_tried_again(album: UploadRequest) -> None:
    async with raw_site(session_site) as site:
        config = tracker_config(site.url, api_key=None, username="me", password="wrong-password")
        async with connected(config, SessionTracker) as it:
            for _ in range(2):
                with pytest.raises(Rejected) as caught:
                    await it.tracker.upload(album)
    assert [head.target for head in site.heads] == ["/login", "/login"]
    assert "trackers.XY.password" in caught.value.hint


# No key goes astray


async def test_a_cookie_and_a_key_stay_with_their_site(album: UploadRequest) -> None:
    settings = [SandboxSettings(api_key=f"key-of-{number}", set_cookie=True) for number in range(3)]
    sites = [SandboxSite(Flavor.UNIT3D, setting) for setting in settings]
    async with sites[0], sites[1], sites[2]:
        for site in sites:
            async with connected(sandbox_config(site), Unit3dTracker) as it:
                assert await it.tracker.find_existing(album) is None
                result = await it.tracker.upload(album)
                await it.tracker.fetch_torrent(it.cell(album), result.download_url, result.torrent_id)
    for site in sites:
        others = {other.settings.api_key for other in sites} - {site.settings.api_key}
        assert len(site.requests) == 4
        assert site.requests[0].cookies == {}
        assert not any(other in repr(site.requests) for other in others)


async def test_trackers_that_run_at_once_have_cookies_of_their_own(album: UploadRequest) -> None:
    """All sites are the same host, for which one jar would hold one cookie."""
    one, other = (SandboxSite(Flavor.UNIT3D, SandboxSettings(set_cookie=cookie)) for cookie in (True, False))
    async with (
        one,
        other,
        connected(sandbox_config(one), Unit3dTracker) as first,
        connected(sandbox_config(other), Unit3dTracker) as second,
    ):
        for it in (first, second, first, second):
            await it.tracker.find_existing(album)
    assert one.requests[-1].cookies
    assert not any(request.cookies for request in other.requests)


@pytest.mark.parametrize("auth", SIGNING)
async def test_a_download_link_elsewhere_never_gets_the_key(album: UploadRequest, auth: AuthType) -> None:
    async def give_torrent(exchange: Exchange) -> None:
        await exchange.request()
        await exchange.answer(200, album.torrent.data)

    async def give_link(exchange: Exchange) -> None:
        await exchange.request()
        link = f'{{"success": true, "download_url": "{elsewhere.url}/get/7"}}'
        await exchange.answer(200, link.encode())

    async with raw_site(give_torrent) as elsewhere, raw_site(give_link) as site:
        config = tracker_config(
            site.url, api_auth_type=auth, api_key="the-api-key", username="me", password="the-password"
        )
        async with connected(config) as it:
            result = await it.tracker.upload(album)
            torrent = await it.tracker.fetch_torrent(it.cell(album), result.download_url, None)
    assert torrent == album.torrent.data
    (head,) = elsewhere.heads
    assert head.target == "/get/7"
    assert "authorization" not in head.headers
    assert "x-api-key" not in head.headers


@pytest.mark.parametrize("link", ["javascript:alert(1)", "file:///etc/passwd", "http://[::1/x", "ftp://x/y"])
async def test_an_odd_download_link_is_not_followed(album: UploadRequest, link: str) -> None:
    async with connected(tracker_config("http://127.0.0.1:9")) as it:
        with pytest.raises(NotSent):
            await it.tracker.fetch_torrent(it.cell(album), Secret(link), None)
