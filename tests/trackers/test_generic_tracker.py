"""A site that only its configuration describes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import evolve

from pipeline.errors import NotSent, Rejected, Skipped, TrackerError, Unknown
from pipeline.model.album import ReleaseType
from pipeline.model.release import Cover
from pipeline.model.rules import SiteRules
from pipeline.model.upload import UploadRequest, UploadResult
from pipeline.secret import Redactor, Secret
from pipeline.torrent import read_torrent
from tests.support.raw_site import answering, raw_site
from tests.support.requests import (
    Connection,
    connected,
    on_raw_site,
    on_sandbox,
    tracker_config,
    with_album,
)
from trackers.connect import connect
from trackers.dry_run import DrySession
from trackers.generic_tracker import GenericTracker
from trackers.mh_tracker import MHTracker
from trackers.request import Answer, Request
from trackers.sandbox import Fault, Flavor, SandboxSettings, SandboxSite
from trackers.torrent_part import plain_file_name
from trackers.tracker_config import ApiFormat, CoverDemand, Rate, TrackerConfig, site_of

COVER = Cover(b"\x89PNG picture", "image/png", 1, 1, "cover.png")
STORED = b'{"success": true}'
URL = "http://127.0.0.1:9"


async def outcome(it: Connection, album: UploadRequest) -> UploadResult | TrackerError:
    try:
        return await it.tracker.upload(album)
    except TrackerError as error:
        return error


async def answered(album: UploadRequest, document: object, **config: Any) -> tuple[UploadResult, str]:
    """The result where the site answers so, and its address."""
    async with on_raw_site(answering(200, json.dumps(document).encode()), **config) as (site, it):
        return await it.tracker.upload(album), site.url


# What is sent


@pytest.mark.parametrize("body_format", [ApiFormat.FORM, ApiFormat.JSON])
async def test_the_default_form_is_stored_as_it_was_meant(
    album: UploadRequest, body_format: ApiFormat
) -> None:
    async with on_sandbox(SandboxSite(Flavor.GENERIC), api_format=body_format) as (site, it):
        result = await it.tracker.upload(album)
    (upload,) = site.uploads
    assert result == UploadResult("1001", f"{site.url}/torrents/1001")
    assert upload.fields == {
        "name": album.name,
        "description": album.description,
        "category_id": "5",
        "format_id": "10",
        "anonymous": "0",
    }
    assert upload.received_torrent == album.torrent.data


async def test_the_site_s_own_torrent_is_fetched_by_its_id(album: UploadRequest) -> None:
    site = SandboxSite(Flavor.GENERIC, SandboxSettings(source="GEN"))
    async with on_sandbox(site, download_endpoint="download/{id}") as (_, it):
        result = await it.tracker.upload(album)
        data = await it.tracker.fetch_torrent(it.cell(album), result.download_url, result.torrent_id)
        with pytest.raises(NotSent, match="does not give its torrent"):
            await it.tracker.fetch_torrent(it.cell(album), None, "9/../1001")
    assert data is not None
    assert read_torrent(data).source == "GEN"
    assert read_torrent(data).pieces == read_torrent(album.torrent.data).pieces
    assert site.requests[-1].path == "/download/9/../1001"


async def test_a_site_without_a_download_address_has_no_torrent_to_give(album: UploadRequest) -> None:
    async with connected(tracker_config(URL)) as it:
        assert await it.tracker.fetch_torrent(it.cell(album), None, "7") is None
        assert await it.tracker.find_existing(album) is None


@pytest.mark.parametrize(
    ("demand", "field", "sent"),
    [
        (CoverDemand.OPTIONAL, "image", {"image"}),
        (CoverDemand.REQUIRED, "image", {"image"}),
        (CoverDemand.NONE, "image", set()),
        (CoverDemand.OPTIONAL, None, set()),
    ],
)
async def test_the_cover_goes_where_the_site_has_a_field(
    album: UploadRequest, demand: CoverDemand, field: str | None, sent: set[str]
) -> None:
    request = evolve(album, release=evolve(album.release, cover=COVER))
    site = SandboxSite(Flavor.GENERIC)
    async with on_sandbox(site, cover=demand, cover_field=field) as (_, it):
        await it.tracker.upload(request)
        profile = it.tracker.profile
    files = site.uploads[0].files
    assert set(files) == {"torrent"} | sent
    assert all((files[name].filename, files[name].data) == ("cover.png", COVER.data) for name in sent)
    assert profile.cover_wanted is bool(sent)
    assert profile.cover_required is (demand is CoverDemand.REQUIRED)


async def test_anonymous_is_a_digit_in_a_form_and_a_bool_in_json(album: UploadRequest) -> None:
    anonymous = evolve(album, anonymous=True)
    for body_format, spelled in ((ApiFormat.FORM, b"\r\n\r\n1\r\n"), (ApiFormat.JSON, b'"anonymous": true')):
        async with on_raw_site(answering(200, STORED), api_format=body_format) as (site, it):
            await it.tracker.upload(anonymous)
        assert spelled in site.bodies[0]


@pytest.mark.parametrize(
    ("config", "target"),
    [
        ({}, "/base/api/upload"),
        ({"custom_endpoint": "special/upload"}, "/base/special/upload"),
        ({"custom_endpoint": "/special/upload?x=1"}, "/base/special/upload?x=1"),
        ({"upload_url": "{}/elsewhere"}, "/elsewhere"),
    ],
)
async def test_the_address_is_joined_by_one_slash(
    album: UploadRequest, config: dict[str, str], target: str
) -> None:
    async with raw_site(answering(200, STORED)) as site:
        config = {key: value.format(site.url) for key, value in config.items()}
        async with connected(tracker_config(f"{site.url}/base/", **config)) as it:
            await it.tracker.upload(album)
    assert [head.target for head in site.heads] == [target]


# What is not sent


def test_an_id_that_is_missing_refuses_and_never_falls_back(album: UploadRequest) -> None:
    config = tracker_config(URL, category_ids={"ALBUM": "5"}, format_ids={"MP3": "11"})
    single = with_album(album, release_type=ReleaseType.SINGLE)
    tracker = connect(GenericTracker, config, lambda event: None)
    assert tracker.problems(single.release) == [
        'trackers.XY.category_ids has no SINGLE: add SINGLE = "..."',
        'trackers.XY.format_ids has no FLAC: add FLAC = "..."',
    ]


async def test_a_missing_id_sends_nothing(album: UploadRequest) -> None:
    async with on_raw_site(answering(200, STORED), format_ids={"MP3": "11"}) as (site, it):
        error = await outcome(it, album)
    assert isinstance(error, Skipped)
    assert error.reason == "rules"
    assert site.heads == []


def test_the_site_s_rules_are_checked(album: UploadRequest) -> None:
    class Strict(GenericTracker):
        rules = SiteRules(forbidden_characters="T")

    tracker = connect(Strict, tracker_config(URL), lambda event: None)
    assert len(tracker.problems(album.release)) == 3


# What the site says


@pytest.mark.parametrize(
    ("document", "torrent_id", "path"),
    [
        ({"success": True}, None, None),
        ({"success": True, "id": 7, "url": "/t/7"}, "7", "/t/7"),
        ({"success": True, "torrent_id": "7b", "link": "t/7"}, "7b", "/t/7"),
        (
            {"success": True, "data": {"id": 7, "url": "https://a.example/7?b=c"}},
            "7",
            "https://a.example/7?b=c",
        ),
        ({"success": True, "id": 0, "data": {"id": 9}}, "0", None),
        ({"success": True, "id": None, "data": {"torrent_id": 9}}, "9", None),
        ({"success": True, "id": True, "url": ["x"]}, None, None),
        ({"success": True, "url": "http://[::1"}, None, None),
        ({"success": True, "url": "javascript:alert(1)"}, None, None),
        ({"success": True, "url": "https://me:pass@site.example/7"}, None, None),
        ({"success": True, "url": "/t/7?authkey=short"}, None, None),
        ({"success": True, "url": "/t/0123456789abcdef0123456789abcdef"}, None, None),
        ({"success": True, "url": "/t/sandbox-key/7"}, None, None),
    ],
)
async def test_id_and_page_are_read_where_the_site_puts_them(
    album: UploadRequest, document: dict[str, Any], torrent_id: str | None, path: str | None
) -> None:
    result, url = await answered(album, document)
    assert result.torrent_id == torrent_id
    assert result.url == (path and (path if "://" in path else f"{url}{path}"))


@pytest.mark.parametrize(
    ("status", "document", "words"),
    [
        (422, {"success": False, "errors": {"name": ["taken"]}}, "name: taken"),
        (200, {"success": False, "message": "duplicate name"}, "duplicate name"),
        (200, {"success": False}, "does not say why"),
        (409, {"error": "exists"}, "exists"),
        (404, {"message": "no route"}, "no route"),
    ],
)
async def test_a_refusal_is_told_in_the_site_s_words(
    album: UploadRequest, status: int, document: object, words: str
) -> None:
    async with on_raw_site(answering(status, json.dumps(document).encode())) as (_, it):
        error = await outcome(it, album)
    assert isinstance(error, Rejected)
    assert words in error.message


@pytest.mark.parametrize(
    ("status", "hint"),
    [(401, "trackers.XY.api_key"), (403, "may your account upload"), (404, "trackers.XY.url"), (422, "")],
)
async def test_a_refusal_says_what_to_check(album: UploadRequest, status: int, hint: str) -> None:
    async with on_raw_site(answering(status)) as (_, it):
        error = await outcome(it, album)
    assert isinstance(error, Rejected)
    assert hint in error.hint


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault.REFUSE, Rejected),
        (Fault.SUCCESS_FALSE, Rejected),
        (Fault.BANNED, Rejected),
        (Fault.HTML, Unknown),
        (Fault.ERROR_AFTER, Unknown),
        (Fault.RESET_AFTER, Unknown),
    ],
)
async def test_a_sandbox_site_with_a_fault(
    album: UploadRequest, fault: Fault, expected: type[TrackerError]
) -> None:
    async with on_sandbox(SandboxSite(Flavor.GENERIC)) as (site, it):
        site.fault = fault
        assert type(await outcome(it, album)) is expected
    assert sum(request.method == "POST" for request in site.requests) == 1


async def test_a_name_that_is_taken_is_a_refusal(album: UploadRequest) -> None:
    async with on_sandbox(SandboxSite(Flavor.GENERIC)) as (site, it):
        await it.tracker.upload(album)
        error = await outcome(it, album)
    assert isinstance(error, Rejected)
    assert len(site.uploads) == 1


async def test_the_key_cannot_be_proved_but_the_site_can() -> None:
    async with on_raw_site(answering(200, b"<html>Welcome")) as (_, it):
        proof = await it.tracker.test_key()
    assert not proof.proved
    assert "only an upload can prove" in proof.text
    async with on_raw_site(answering(401)) as (_, it):
        with pytest.raises(Rejected):
            await it.tracker.test_key()


async def test_a_front_page_that_is_not_there_is_told_as_such() -> None:
    async with on_raw_site(answering(404)) as (_, it):
        proof = await it.tracker.test_key()
    assert not proof.proved
    assert "(status 404): check trackers.XY.url" in proof.text


async def test_the_site_s_own_words_of_a_success_are_kept(album: UploadRequest) -> None:
    result, _ = await answered(
        album, {"success": True, "message": "Queued:\n<b>fix</b> your cover within 24h"}
    )
    assert result.message == "Queued: fix your cover within 24h"


@pytest.mark.parametrize("key", ["id", "url", "download_url"])
async def test_what_is_too_long_for_an_id_or_address_is_none(album: UploadRequest, key: str) -> None:
    result, _ = await answered(album, {"success": True, key: f"/t/{'a' * 5000}"})
    assert result == UploadResult()


# Where the site's own torrent is fetched


@pytest.mark.parametrize(
    ("own", "link", "asked"),
    [
        ("https://site.example", "http://site.example/dl/7.key", "https://site.example/dl/7.key"),
        ("https://site.example:8443/b", "http://site.example/dl/7", "https://site.example:8443/dl/7"),
        ("https://site.example", "http://site.example:80/dl/7", "https://site.example/dl/7"),
        ("https://site.example", "https://cdn.example/dl/7", "https://cdn.example/dl/7"),
        ("http://127.0.0.1:9", "http://localhost:8/dl/7", "http://localhost:8/dl/7"),
        ("https://site.example", "dl/7", "https://site.example/dl/7"),
    ],
)
async def test_a_link_of_the_site_s_own_is_as_safe_as_its_address(own: str, link: str, asked: str) -> None:
    session = Listening()
    tracker = GenericTracker(GenericTracker.settled(tracker_config(own)), session)
    await tracker.fetch_torrent(Secret(link), None)
    (request,) = session.requests
    assert request.url == asked
    signed = "Authorization" in dict(request.headers)
    assert signed is asked.startswith(own.removesuffix("/b"))


@pytest.mark.parametrize("link", ["http://cdn.example/dl/7.key", "ftp://site.example/7", "http://[::1"])
async def test_a_link_that_others_could_read_is_not_followed(link: str) -> None:
    session = Listening()
    tracker = GenericTracker(GenericTracker.settled(tracker_config("https://site.example")), session)
    with pytest.raises(NotSent, match=r"not https://|odd address"):
        await tracker.fetch_torrent(Secret(link), None)
    assert session.requests == []


class Listening(DrySession):
    """Notes what is asked, and answers everything with an empty page."""

    offline = False

    def __init__(self) -> None:
        super().__init__(Redactor())
        self.requests: list[Request] = []

    async def get(self, request: Request, **_: object) -> Answer:
        self.requests.append(request)
        return Answer(200, {}, b"")


# Configuration and class


def test_what_the_user_writes_wins_and_a_table_of_ids_is_taken_whole() -> None:
    config = TrackerConfig(
        id="MH",
        url="https://mine.example",
        category_ids={"ALBUM": "50", "*": "9"},
        rate_limit=(Rate(1, 1.0),),
    )
    settled = MHTracker.settled(config)
    assert settled.name == "MusicHaven"
    assert settled.url == "https://mine.example"
    assert settled.category_ids == {"ALBUM": "50", "*": "9"}
    assert settled.format_ids == {"FLAC": "10", "MP3": "11"}
    assert settled.api_format is ApiFormat.JSON
    assert settled.rate_limit == (Rate(1, 1.0),)
    assert MHTracker.settled(settled) == settled


@pytest.mark.parametrize(
    ("config", "site"),
    [
        ({"url": "https://Site.Example/"}, "site.example:443"),
        ({"url": "https://site.example:8443/a/b/"}, "site.example:8443/a/b"),
        ({"url": "http://site.example"}, "site.example:80"),
        ({"url": "https://site.example", "site": "mine"}, "mine"),
        ({}, "xy:None"),
    ],
)
def test_a_site_is_named_by_its_address(config: dict[str, str], site: str) -> None:
    assert site_of(TrackerConfig(id="XY", **config)) == site  # type: ignore[arg-type] # texts only


@pytest.mark.parametrize(
    ("name", "file_name"),
    [
        ("Björk - Homogenic (1997)", "Bj.rk.-.Homogenic.1997.torrent"),
        ("進撃", "upload.torrent"),
        ("x" * 300, f"{'x' * 100}.torrent"),
        ('a"b\r\n/../c', "a.b.c.torrent"),
    ],
)
def test_the_torrent_s_file_name_needs_no_quoting(name: str, file_name: str) -> None:
    assert plain_file_name(name) == file_name
