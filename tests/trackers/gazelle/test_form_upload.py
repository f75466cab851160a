"""A site that one logs in to: its login, the token of its form, and every page that may follow an upload."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from attrs import evolve

from pipeline.errors import KeyRefused, NotSent, Rejected, TrackerError, Unknown
from pipeline.model.upload import UploadRequest, UploadResult
from tests.support.gazelle import (
    BY_FORM,
    EVERY_SITE,
    OWN_WORDS,
    full_album,
    on_gazelle,
    outcome,
    with_source,
)
from tests.support.raw_site import Exchange, RawSite, Script, answering
from tests.support.requests import on_raw_site
from trackers.conformance import SiteRequest, TrackerConformance, run_conformance
from trackers.gazelle_tracker import GazelleTracker
from trackers.ops_tracker import OPSTracker
from trackers.red_tracker import REDTracker
from trackers.request import Answer
from trackers.tracker_config import AuthType

LOGGED_IN = {"Location": "index.php", "Set-Cookie": "session=ab%2Bc%2Fd%3D; path=/; HttpOnly; SameSite=Lax"}
FORM = b'<form><input type="hidden" name="auth" value="the-auth-key"><input type="file" name="file_input">'
NOT_THERE = b'{"status":"failure","error":"bad parameters","response":[]}'

Page = tuple[int, bytes, Mapping[str, str]]
TO_LOGIN: Page = (302, b"", {"Location": "login.php"})


def site_of(uploaded: Page, *, form: Callable[[], Page] = lambda: (200, FORM, {})) -> Script:
    """A site that answers a login, its form and its look-ups, and `uploaded` to an upload."""

    async def script(exchange: Exchange) -> None:
        head = await exchange.request()
        match head.method, head.target.partition("?")[0]:
            case "POST", "/login.php":
                await exchange.answer(302, b"", LOGGED_IN)
            case "POST", "/upload.php":
                await exchange.answer(*uploaded)
            case "GET", "/upload.php":
                await exchange.answer(*form())
            case _:
                await exchange.answer(200, NOT_THERE)

    return script


async def uploaded(script: Script, album: UploadRequest) -> tuple[UploadResult | TrackerError, RawSite]:
    async with on_raw_site(script, OPSTracker, **OWN_WORDS, **BY_FORM) as (site, it):
        return await outcome(it, album), site


# The way in


async def test_the_cookie_goes_back_byte_for_byte(album: UploadRequest) -> None:
    told, site = await uploaded(site_of((302, b"", {"Location": "torrents.php?id=7&torrentid=8"})), album)
    assert isinstance(told, UploadResult)
    assert [(head.method, head.target) for head in site.heads] == [
        ("POST", "/login.php"),
        ("GET", "/upload.php"),
        ("POST", "/upload.php"),
    ]
    assert site.bodies[0] == b"username=sandbox&password=sandbox-password&keeplogged=1"
    assert [head.headers.get("cookie") for head in site.heads[1:]] == ["session=ab%2Bc%2Fd%3D"] * 2
    assert all(field in site.bodies[2] for field in (b'name="submit"', b"the-auth-key", b'name="artists[]"'))


@pytest.mark.parametrize(
    "page",
    [
        (200, b"<p>Your login credentials were not recognized.</p>", {}),
        (200, b'<span class="warning">Your username or password was incorrect.<br />', {}),
        (200, b"<html><title>Your password is too weak</title></html>", {}),
        (302, b"", {"Location": "login.php?action=disabled"}),
        TO_LOGIN,
    ],
)
async def test_a_refused_login_is_never_tried_again(album: UploadRequest, page: Page) -> None:
    async with on_raw_site(answering(*page), REDTracker, **OWN_WORDS, **BY_FORM) as (site, it):
        for _ in range(3):
            told = await outcome(it, album)
            assert isinstance(told, KeyRefused)
            assert "refuses the login" in told.message
        with pytest.raises(KeyRefused):
            await it.tracker.find_existing(album)
    assert len(site.heads) == 1


async def test_a_login_at_a_broken_site_is_no_refusal(album: UploadRequest) -> None:
    told, site = await uploaded(answering(503, b"<html><title>Down</title>"), album)
    assert isinstance(told, NotSent)
    assert len(site.heads) == 1


@EVERY_SITE
async def test_a_login_that_the_site_forgot_is_made_anew(tracker_id: str, album: UploadRequest) -> None:
    cls_source = {"OPS": "OPS", "RED": "RED", "DIC": "DICMusic"}[tracker_id]
    request = with_source(full_album(album), cls_source)
    async with on_gazelle(tracker_id, config=BY_FORM) as (site, it):
        await it.tracker.find_existing(request)
        site.forget_logins()
        result = await it.tracker.upload(request)
    assert result.torrent_id == "1001"
    assert sum(asked.path == "/login.php" for asked in site.requests) == 2
    assert sum(asked.method == "POST" and asked.path == "/upload.php" for asked in site.requests) == 1


@EVERY_SITE
async def test_a_wrong_password_is_sent_once(tracker_id: str, album: UploadRequest) -> None:
    async with on_gazelle(tracker_id, config={**BY_FORM, "password": "wrong"}) as (site, it):
        for _ in range(2):
            told = await outcome(it, album)
            assert isinstance(told, KeyRefused)
            assert "your login credentials" in told.message.lower() or "password" in told.message
    assert [(asked.method, asked.path) for asked in site.requests] == [("POST", "/login.php")]


# The token


@pytest.mark.parametrize(
    "form",
    [
        b'<input name="auth" type="hidden" value="the-auth-key" />',
        b"<input type='hidden' value='the-auth-key' name='auth'>",
        b'<script>var authkey = "the-auth-key"; var userid = 7;</script>',
    ],
)
async def test_the_token_is_found_in_the_form_or_in_the_head(album: UploadRequest, form: bytes) -> None:
    stored: Page = (302, b"", {"Location": "torrents.php?id=7"})
    told, site = await uploaded(site_of(stored, form=lambda: (200, form, {})), album)
    assert isinstance(told, UploadResult)
    assert b"the-auth-key" in site.bodies[2]


async def test_without_a_token_nothing_is_sent(album: UploadRequest) -> None:
    page: Page = (200, b"<html><title>Uploads are closed</title></html>", {})
    told, site = await uploaded(site_of((500, b"", {}), form=lambda: page), album)
    assert isinstance(told, NotSent)
    assert "shows no upload form: an HTML page (Uploads are closed)" in told.message
    assert site.posts == 1, "the login"


async def test_a_site_that_forgets_each_login_at_once_gets_nothing(album: UploadRequest) -> None:
    told, site = await uploaded(site_of((500, b"", {}), form=lambda: TO_LOGIN), album)
    assert isinstance(told, NotSent)
    assert not any(head.method == "POST" and head.target == "/upload.php" for head in site.heads)


# The pages that follow

WARNING = (
    b"<title>Warning</title><p>Your torrent has been uploaded; however, you must download your torrent from "
    b'<a href="torrents.php?id=7">here</a> because the site has its own source.</p>'
)
ERROR = (
    b'<p style="color: red; text-align: center;">Please select a valid <b>media</b> &amp; more.</p>' + FORM
)
SAME = ERROR.replace(
    b"Please select a valid <b>media</b> &amp; more.",
    b'The exact same torrent file already exists on the site! <a href="torrents.php?id=7&amp;torrentid=8">',
)
HALF_STORED = ERROR.replace(b"Please select", b"Internal error saving torrent file.")
FILLS = {"Location": "requests.php?action=takefill&requestid=5&torrentid=8&auth=the-auth-key"}


@pytest.mark.parametrize(
    ("page", "torrent_id", "group_id", "words"),
    [
        ((302, b"", {"Location": "torrents.php?id=7"}), None, "7", ""),
        ((302, b"", {"Location": "torrents.php?id=7&torrentid=8"}), "8", "7", ""),
        ((302, b"", FILLS), "8", None, ""),
        ((200, WARNING, {}), None, "7", "you must download your torrent from here"),
        ((200, SAME, {}), "8", "7", "exact same torrent file"),
        ((200, b'{"status":"success","response":{"torrentId":8,"groupId":7}}', {}), "8", "7", ""),
    ],
)
async def test_a_page_that_tells_of_a_success(
    album: UploadRequest, page: Page, torrent_id: str | None, group_id: str | None, words: str
) -> None:
    told, site = await uploaded(site_of(page), album)
    assert isinstance(told, UploadResult)
    assert (told.torrent_id, told.group_id, told.existing) == (torrent_id, group_id, page[1] == SAME)
    assert words in told.message
    assert "the-auth-key" not in repr(told)
    assert sum(head.method == "POST" and head.target == "/upload.php" for head in site.heads) == 1


@pytest.mark.parametrize(
    ("page", "kind", "words"),
    [
        ((200, ERROR, {}), Rejected, "refuses it: Please select a valid media & more."),
        ((200, FORM, {}), Rejected, "the form came back blank"),
        ((200, b"<title>Error</title>Invalid authorization key. Go back.", {}), Rejected, "Invalid auth"),
        ((200, b'{"status":"failure","error":"The title","response":[]}', {}), Rejected, "The title"),
        ((200, HALF_STORED, {}), Unknown, "Internal error"),
        ((200, b"", {}), Unknown, "an empty answer"),
        ((200, b"<title>Error 404</title>", {}), Unknown, "status 200"),
        ((302, b"", {"Location": "index.php"}), Unknown, "a redirect to index.php"),
        ((302, b"", {"Location": "torrents.php"}), Unknown, "a redirect"),
        ((500, b"", {}), Unknown, "status 500"),
        ((502, b"<title>Bad gateway</title>", {}), Unknown, "status 502"),
        (TO_LOGIN, NotSent, "had forgotten the login, and took nothing"),
    ],
)  # fmt: skip
async def test_a_page_that_tells_of_something_else(
    album: UploadRequest, page: Page, kind: type[TrackerError], words: str
) -> None:
    told, site = await uploaded(site_of(page), album)
    assert type(told) is kind
    assert words in str(told)
    assert sum(head.method == "POST" and head.target == "/upload.php" for head in site.heads) == 1


async def test_an_id_that_cannot_be_looked_up_does_not_undo_a_success(album: UploadRequest) -> None:
    async def script(exchange: Exchange) -> None:
        head = await exchange.request()
        pages: dict[tuple[str, str], Page] = {
            ("POST", "/login.php"): (302, b"", LOGGED_IN),
            ("GET", "/upload.php"): (200, FORM, {}),
            ("POST", "/upload.php"): (302, b"", {"Location": "torrents.php?id=7"}),
        }
        await exchange.answer(*pages.get((head.method, head.target), (200, b"<html>Down</html>", {})))

    told, _ = await uploaded(script, album)
    assert isinstance(told, UploadResult)
    assert (told.torrent_id, told.group_id) == (None, "7")
    assert "its id could not be found" in told.message
    assert (told.url or "").endswith("/torrents.php?id=7")


async def test_a_torrent_that_was_changed_is_found_by_its_files(album: UploadRequest) -> None:
    request = with_source(full_album(album), "ELSEWHERE")
    async with on_gazelle("RED", config=BY_FORM) as (site, it):
        result = await it.tracker.upload(request)
    assert result.torrent_id == "1001"
    actions = [asked.query.get("action") for asked in site.requests if asked.path == "/ajax.php"]
    assert actions == ["torrent", "torrentgroup"]


async def test_the_form_of_red_gets_the_release_s_fields_even_with_a_group(album: UploadRequest) -> None:
    request = evolve(with_source(full_album(album), "RED"), group_id="1")
    async with on_gazelle("RED", config=BY_FORM) as (site, it):
        await it.tracker.upload(evolve(request, group_id=None))
        told = await outcome(it, request)
    assert isinstance(told, UploadResult)
    posts = [asked for asked in site.requests if asked.method == "POST" and asked.path == "/upload.php"]
    assert [dict(asked.query) for asked in posts] == [{}, {"groupid": "1"}]


# The kit


class ByForm(GazelleTracker):
    """A site of the family without an API."""

    api_auth_type = AuthType.SESSION


class FormConformance(TrackerConformance):
    tracker_class = ByForm

    def stored(self, site_url: str) -> Answer:
        return Answer(302, {"Location": "torrents.php?id=7&torrentid=8"}, b"")

    def respond(self, request: SiteRequest) -> Answer:
        path = request.target.partition("?")[0]
        if (request.method, path) == ("POST", "/login.php"):
            return Answer(302, LOGGED_IN, b"")
        return Answer(200, {}, FORM if path == "/upload.php" else NOT_THERE)


def test_the_session_upload_passes_the_kit() -> None:
    reports = run_conformance(ByForm, FormConformance)
    assert [(report.name, report.message) for report in reports if report.ok is not True] == []
