"""A UNIT3D site of each version that matters: what it is sent, how it is read, what is found on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from attrs import evolve
from yarl import URL

from pipeline.errors import KeyRefused, NameTaken, NotSent, Rejected, TrackerError, Unknown
from pipeline.model.album import ReleaseType
from pipeline.model.upload import UploadRequest, UploadResult
from pipeline.torrent import read_torrent
from tests.support.audio import make_track
from tests.support.raw_site import Exchange, Script, answering
from tests.support.requests import (
    Connection,
    album_request,
    connected,
    on_raw_site,
    on_sandbox,
    request_for,
    sandbox_config,
    tracker_config,
    with_album,
)
from trackers.connect import connect
from trackers.generic_tracker import KeyProof
from trackers.sandbox import Fault, Flavor, SandboxSettings, SandboxSite
from trackers.unit3d_tracker import LONGEST_KEYWORDS, Unit3dTracker, joined_keywords

VERSIONS = ["8.3.4", "9.0.1", "9.1.5", "9.2.0"]
URL_OF_NOBODY = "http://127.0.0.1:9"


def unit3d(**settings: Any) -> SandboxSite:
    return SandboxSite(Flavor.UNIT3D, SandboxSettings(**settings))


async def outcome(it: Connection, album: UploadRequest) -> UploadResult | TrackerError:
    try:
        return await it.tracker.upload(album)
    except TrackerError as error:
        return error


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> UploadRequest:
    """The same release as `album` in other files, as another uploader has it."""
    return album_request(tmp_path_factory.mktemp("other") / "first_light", tracks=2, seed=77)


@pytest.fixture(scope="session")
def two_discs(tmp_path_factory: pytest.TempPathFactory) -> UploadRequest:
    return album_request(tmp_path_factory.mktemp("discs") / "Double", title="Double", tracks=2, discs=2)


@pytest.fixture(scope="session")
def single_file(tmp_path_factory: pytest.TempPathFactory) -> UploadRequest:
    tags = {"artist": "The Testers", "albumartist": "The Testers", "album": "Alone", "title": "Alone"}
    path = tmp_path_factory.mktemp("single") / "The Testers - Alone.flac"
    return request_for(make_track(path, tags=tags, seconds=0.2))


@pytest.fixture(params=["album", "two_discs", "single_file"])
def wanted(request: pytest.FixtureRequest) -> UploadRequest:
    """An album of each shape."""
    made: UploadRequest = request.getfixturevalue(request.param)
    return made


# What is sent


@pytest.mark.parametrize("version", VERSIONS)
async def test_every_version_takes_the_form_and_gives_its_own_torrent(
    album: UploadRequest, version: str
) -> None:
    async with on_sandbox(unit3d(version=version, source="SITE"), Unit3dTracker) as (site, it):
        result = await it.tracker.upload(album)
        data = await it.tracker.fetch_torrent(it.cell(album), result.download_url, result.torrent_id)
    (upload,) = site.uploads
    assert (result.torrent_id, result.url) == ("1001", f"{site.url}/torrents/1001")
    assert upload.fields == {
        "name": album.name,
        "description": album.description,
        "category_id": "5",
        "type_id": "10",
        "anonymous": "0",
        **dict.fromkeys(("imdb", "tvdb", "tmdb", "mal", "igdb", "stream", "sd"), "0"),
    }
    assert set(upload.files) == {"torrent"}
    assert data is not None
    theirs, ours = read_torrent(data), read_torrent(album.torrent.data)
    assert theirs.pieces == ours.pieces
    assert theirs.source == "SITE"
    assert theirs.infohash != ours.infohash


async def test_what_is_known_beyond_the_smallest_form_is_sent(album: UploadRequest) -> None:
    request = evolve(with_album(album, genres=("Post-Rock", "Ambient")), anonymous=True)
    config = {"resolution_ids": {"OTHER": "10"}}
    async with on_sandbox(unit3d(), Unit3dTracker, **config) as (site, it):
        await it.tracker.upload(request)
    fields = site.uploads[0].fields
    assert (fields["anonymous"], fields["keywords"]) == ("1", "Post-Rock, Ambient")
    assert fields["resolution_id"] == "10"


@pytest.mark.parametrize(
    ("genres", "keywords"),
    [
        ((), ""),
        (("Rock", "Pop"), "Rock, Pop"),
        (("x" * 256, "Pop"), "Pop"),
        (("a" * 200, "b" * 100, "c" * 53), f"{'a' * 200}, {'c' * 53}"),
    ],
)
def test_keywords_are_whole_and_within_the_limit(genres: tuple[str, ...], keywords: str) -> None:
    assert joined_keywords(genres) == keywords
    assert len(keywords) <= LONGEST_KEYWORDS


async def test_a_title_of_two_hundred_characters_arrives_whole(album: UploadRequest) -> None:
    long = with_album(album, title=("Ágætis byrjun - 進撃 " * 20)[:200].strip(), release_type=ReleaseType.EP)
    async with on_sandbox(unit3d(), Unit3dTracker) as (site, it):
        await it.tracker.upload(long)
        found = await it.tracker.find_existing(long)
    assert site.uploads[0].fields["name"] == long.name
    assert found is not None
    assert found.same_content


def test_names_that_the_site_would_refuse_are_problems_before_anything_is_sent(album: UploadRequest) -> None:
    files = album.release.album.files
    first = files.files[0]
    tracker = connect(Unit3dTracker, tracker_config(URL_OF_NOBODY), lambda event: None)
    for name in ("what?.flac", "a\x07b.flac", "Vol. .", "aux.flac", "~draft.flac"):
        renamed = evolve(files, files=(evolve(first, parts=(name,)), *files.files[1:]))
        release = evolve(album.release, album=evolve(album.release.album, files=renamed))
        assert len(tracker.problems(release)) == 1, name
    assert tracker.problems(album.release) == []


def test_a_resolution_id_is_asked_for_only_where_the_table_has_any(album: UploadRequest) -> None:
    config = tracker_config(URL_OF_NOBODY, resolution_ids={"1080p": "1"})
    tracker = connect(Unit3dTracker, config, lambda event: None)
    assert tracker.problems(album.release) == ['trackers.XY.resolution_ids has no OTHER: add OTHER = "..."']


# What the site says


@pytest.mark.parametrize(
    ("link", "torrent_id"),
    [
        ("https://site.example/torrent/download/1234.0123456789abcdef", "1234"),
        ("//127.0.0.1/torrent/download/1234.0123456789abcdef", "1234"),
        ("https://4k.site.example/torrents/download/7.abc", "7"),
        ("http://127.0.0.1:8080/base/torrent/download/7", "7"),
        ("/torrent/download/7.abc", "7"),
    ],
)
async def test_the_id_is_read_out_of_the_download_link(
    album: UploadRequest, link: str, torrent_id: str
) -> None:
    answer = answering(200, json.dumps({"success": True, "data": link, "message": "ok"}).encode())
    async with on_raw_site(answer, Unit3dTracker) as (site, it):
        result = await it.tracker.upload(album)
    assert result.torrent_id == torrent_id
    assert result.url == f"{site.url}/torrents/{torrent_id}"
    assert result.download_url is not None
    assert result.download_url.reveal() == link


@pytest.mark.parametrize(
    ("said", "kept"),
    [("Torrent uploaded successfully.", ""), ("Queued: fix your cover", "Queued: fix your cover")],
)
async def test_only_what_is_not_said_of_every_success_is_kept(
    album: UploadRequest, said: str, kept: str
) -> None:
    document = {"success": True, "data": "/torrent/download/7.abc", "message": said}
    async with on_raw_site(answering(200, json.dumps(document).encode()), Unit3dTracker) as (_, it):
        assert (await it.tracker.upload(album)).message == kept


NO_CATEGORY = {"message": "No query results for model [App\\Models\\Category] 99"}
TAKEN = {"name": ["The name has already been taken."], "info_hash": ["The info hash has already been taken."]}


@pytest.mark.parametrize(
    ("status", "document", "expected", "words"),
    [
        (200, {"success": True, "data": "404", "message": "No Torrents Found"}, Unknown, "404"),
        (200, {"success": True, "data": {"id": 7}}, Unknown, "id: 7"),
        (200, {"success": True, "data": f"/torrent/download/7.{'k' * 5000}"}, Unknown, "kkk"),
        (200, {"success": True}, Unknown, ""),
        (200, {"success": "true", "data": "/torrent/download/7.abc"}, Unknown, ""),
        (200, {"message": "Something else"}, Unknown, "Something else"),
        (200, {"message": "This Account is Banned!"}, KeyRefused, "Banned"),
        (200, {"success": False, "message": "No."}, Rejected, "No."),
        (200, {"success": False}, Rejected, "does not say why"),
        (
            404,
            {"success": False, "message": "Validation Error.", "data": TAKEN},
            NameTaken,
            "already been taken",
        ),
        (
            404,
            {"success": False, "data": "Invalid Filenames In Torrent Files!"},
            Rejected,
            "Invalid Filenames",
        ),
        (404, NO_CATEGORY, Rejected, "no such category"),
        (404, {"message": "The route api/x could not be found."}, Rejected, "could not be found"),
        (403, {"message": "Error: Your Upload Rights Are Disabled"}, Rejected, "Rights Are Disabled"),
        (413, {"message": "The POST data is too large."}, Rejected, "too large"),
        (401, {"message": "Unauthenticated."}, KeyRefused, "does not accept the key"),
        (500, {"message": "Server Error"}, Unknown, "status 500"),
        (500, {"success": False, "message": "Validation Error."}, Unknown, "status 500"),
        (503, {"message": "Service Unavailable"}, Unknown, "status 503"),
    ],
)
async def test_each_answer_has_its_outcome(
    album: UploadRequest, status: int, document: object, expected: type[TrackerError], words: str
) -> None:
    async with on_raw_site(answering(status, json.dumps(document).encode()), Unit3dTracker) as (site, it):
        error = await outcome(it, album)
    assert type(error) is expected
    assert words in error.message
    assert site.posts == 1


@pytest.mark.parametrize(
    "body", [b"", b"<html><title>502</title>", b"[]", b'{"success": true, "data"', b"\xff"]
)
async def test_no_other_answer_is_a_success(album: UploadRequest, body: bytes) -> None:
    for status in (200, 201, 302, 404, 500, 502, 520):
        async with on_raw_site(answering(status, body), Unit3dTracker) as (_, it):
            assert type(await outcome(it, album)) is (Rejected if status == 404 else Unknown)


@pytest.mark.parametrize(
    ("config", "hint"),
    [
        ({"category_ids": {"*": "99"}}, "trackers.XY.category_ids"),
        ({"format_ids": {"*": "99"}}, "trackers.XY.format_ids"),
    ],
)
async def test_a_wrong_id_is_named(album: UploadRequest, config: dict[str, Any], hint: str) -> None:
    async with on_sandbox(unit3d(), Unit3dTracker, **config) as (site, it):
        error = await outcome(it, album)
    assert isinstance(error, Rejected)
    assert hint in error.hint
    assert site.uploads == []


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault.REFUSE, NameTaken),
        (Fault.SUCCESS_FALSE, Rejected),
        (Fault.BANNED, KeyRefused),
        (Fault.HTML, Unknown),
        (Fault.ERROR_AFTER, Unknown),
        (Fault.RESET_AFTER, Unknown),
        (Fault.RESET_BEFORE, Unknown),
    ],
)
async def test_a_sandbox_site_with_a_fault(
    album: UploadRequest, fault: Fault, expected: type[TrackerError]
) -> None:
    async with on_sandbox(unit3d(), Unit3dTracker) as (site, it):
        site.fault = fault
        assert type(await outcome(it, album)) is expected
    assert len(site.requests) == 1


async def test_a_name_that_is_taken_is_a_refusal(album: UploadRequest) -> None:
    async with on_sandbox(unit3d(), Unit3dTracker) as (site, it):
        await it.tracker.upload(album)
        error = await outcome(it, album)
    assert isinstance(error, Rejected)
    assert "already been taken" in error.message
    assert len(site.uploads) == 1


# What is on the site already


async def test_an_empty_site_has_nothing(album: UploadRequest) -> None:
    async with on_sandbox(unit3d(), Unit3dTracker) as (_, it):
        assert await it.tracker.find_existing(album) is None


@pytest.mark.parametrize("version", VERSIONS)
async def test_our_own_upload_is_the_same_content_at_once(wanted: UploadRequest, version: str) -> None:
    """At once: the site caches a search for five minutes, and one came before the upload."""
    async with on_sandbox(unit3d(version=version), Unit3dTracker) as (site, it):
        assert await it.tracker.find_existing(wanted) is None
        result = await it.tracker.upload(wanted)
        found = await it.tracker.find_existing(wanted)
        assert found is not None
        data = await it.tracker.fetch_torrent(it.cell(wanted), found.download_url, found.torrent_id)
    assert found.same_content
    assert (found.torrent_id, found.url, found.name) == (result.torrent_id, result.url, wanted.name)
    assert found.download_url == result.download_url
    assert data is not None
    assert len(site.uploads) == 1


async def test_the_same_files_are_found_under_any_name_folder_and_type(album: UploadRequest) -> None:
    renamed = evolve(album, name="Something Else Entirely")
    async with SandboxSite(Flavor.UNIT3D) as site:
        async with connected(sandbox_config(site, format_ids={"*": "16"}), Unit3dTracker) as it:
            await it.tracker.upload(renamed)
        async with connected(sandbox_config(site), Unit3dTracker) as it:
            found = await it.tracker.find_existing(album)
    assert found is not None
    assert found.same_content


async def test_another_upload_of_the_release_is_a_duplicate(
    album: UploadRequest, other: UploadRequest
) -> None:
    async with on_sandbox(unit3d(), Unit3dTracker) as (site, it):
        await it.tracker.upload(evolve(other, name="the.testers.FIRST.LIGHT-2001-FLAC-GRP"))
        found = await it.tracker.find_existing(album)
    assert found is not None
    assert not found.same_content
    assert found.url == f"{site.url}/torrents/1001"


async def test_another_upload_in_another_format_is_none(album: UploadRequest, other: UploadRequest) -> None:
    async with SandboxSite(Flavor.UNIT3D) as site:
        async with connected(sandbox_config(site, format_ids={"*": "9"}), Unit3dTracker) as it:
            await it.tracker.upload(other)
        async with connected(sandbox_config(site), Unit3dTracker) as it:
            assert await it.tracker.find_existing(album) is None


@pytest.mark.parametrize(
    "name",
    [
        "The Testers - First Light (1999) [FLAC]",
        "The Testers - First Light (2001) {2016, Remastered} [FLAC]",
        "The Testers - First Light (Deluxe Edition) (2001) [FLAC]",
        "The Testers - First Lights (2001) [FLAC]",
        "First Light Orchestra - The Test (2001) [FLAC]",
    ],
)
async def test_another_year_edition_or_release_is_none(
    album: UploadRequest, other: UploadRequest, name: str
) -> None:
    async with on_sandbox(unit3d(), Unit3dTracker) as (_, it):
        await it.tracker.upload(evolve(other, name=name))
        assert await it.tracker.find_existing(album) is None


async def test_an_upload_in_moderation_is_invisible(album: UploadRequest) -> None:
    async with on_sandbox(unit3d(trusted=False), Unit3dTracker) as (site, it):
        result = await it.tracker.upload(album)
        assert await it.tracker.find_existing(album) is None
        assert await it.tracker.fetch_torrent(it.cell(album), result.download_url, result.torrent_id)
    assert site.uploads[0].pending


# Searches that go wrong


def entry(number: int, name: str = "Somebody Else - Other", **attributes: object) -> dict[str, object]:
    return {"type": "torrent", "id": str(number), "attributes": {"name": name, "files": [], **attributes}}


def page(entries: list[dict[str, object]], following: str | None = None) -> bytes:
    return json.dumps({"data": entries, "links": {"next": following}, "meta": {}}).encode()


def ours(album: UploadRequest) -> dict[str, object]:
    listed = [
        {"name": "/".join(file.parts), "size": str(file.size)} for file in album.release.album.files.files
    ]
    return entry(4711, files=list(reversed(listed)))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><title>Just a moment...</title></html>",
        b"[]",
        b"{}",
        b'{"data": null}',
        b'{"data": {"0": {}}}',
        b'{"data": ["x"]}',
        b'{"data": [{"id": 7, "name": "flat"}]}',
        b'{"data": [{"id": null, "attributes": {}}]}',
        b'{"success": true, "data": "404"}',
        b'{"data": []',
    ],
)
async def test_an_odd_answer_is_not_taken_for_an_empty_site(album: UploadRequest, body: bytes) -> None:
    async with on_raw_site(answering(200, body), Unit3dTracker) as (site, it):
        with pytest.raises(NotSent) as caught:
            await it.tracker.find_existing(album)
    assert "could not be asked" in caught.value.message
    assert len(site.heads) == 1


@pytest.mark.parametrize(
    ("status", "requests"), [(301, 1), (403, 1), (404, 1), (422, 1), (429, 3), (500, 3), (503, 3), (521, 3)]
)
async def test_a_failed_search_is_an_error(album: UploadRequest, status: int, requests: int) -> None:
    empty = answering(status, page([]), {"Retry-After": "0"})
    async with on_raw_site(empty, Unit3dTracker) as (site, it):
        with pytest.raises(NotSent):
            await it.tracker.find_existing(album)
    assert len(site.heads) == requests


async def test_a_banned_account_is_told_from_an_empty_site(album: UploadRequest) -> None:
    async with on_sandbox(unit3d(), Unit3dTracker) as (site, it):
        site.fault = Fault.BANNED
        with pytest.raises(Rejected, match="Banned"):
            await it.tracker.find_existing(album)
        with pytest.raises(Rejected, match="Banned"):
            await it.tracker.test_key()


def paged(pages: list[bytes]) -> Script:
    """Answers each search with the pages in turn, their links leading from one to the next."""

    async def script(exchange: Exchange) -> None:
        head = await exchange.request()
        number = int(URL(head.target).query.get("page", "1"))
        await exchange.answer(200, pages[min(number, len(pages)) - 1])

    return script


async def test_all_pages_are_looked_at(album: UploadRequest) -> None:
    """The site gives fewer on a page than it is asked for, as forks do."""
    others = [entry(number) for number in range(3)]
    pages = [page(others, "http://elsewhere/f?page=2"), page(others, "http://elsewhere/f?page=3&x=%C3%B6")]
    async with on_raw_site(paged([*pages, page([ours(album)])]), Unit3dTracker) as (site, it):
        found = await it.tracker.find_existing(album)
    assert found is not None
    assert (found.same_content, found.torrent_id, found.download_url) == (True, "4711", None)
    assert dict(URL(site.heads[2].target).query) == {"page": "3", "x": "ö"}
    assert all(head.headers["authorization"] == "Bearer sandbox-key" for head in site.heads)


async def test_a_next_page_after_the_last_one_ends_the_search(album: UploadRequest) -> None:
    """UNIT3D 8.3.0 always names one."""
    pages = [page([entry(1)], "/f?page=2"), page([], "/f?page=3")]
    async with on_raw_site(paged(pages), Unit3dTracker) as (site, it):
        assert await it.tracker.find_existing(album) is None
    assert len(site.heads) == 4


async def test_a_search_that_does_not_end_is_an_error(album: UploadRequest) -> None:
    async with on_raw_site(paged([page([entry(1)], "/f?page=1")]), Unit3dTracker) as (_, it):
        with pytest.raises(NotSent, match="too much") as caught:
            await it.tracker.find_existing(album)
    assert caught.value.hint == "--allow-duplicate sends it without this check"


async def test_a_search_by_name_is_for_music_alone(album: UploadRequest) -> None:
    ids = {"ALBUM": "5", "SINGLE": "6", "EP": "6"}
    async with on_raw_site(answering(200, page([])), Unit3dTracker, category_ids=ids) as (site, it):
        await it.tracker.find_existing(album)
    assert URL(site.heads[1].target).query.getall("categories[]") == ["5", "6"]


@pytest.mark.parametrize(
    "files",
    [
        None,
        "text",
        [],
        [{"name": "01 - Track 1.flac"}],
        [{"name": "01 - Track 1.flac", "size": "many"}],
        [{"name": "01 - Track 1.flac", "size": "²"}],
        ["x", None],
    ],
)
async def test_a_list_of_files_that_cannot_be_read_proves_nothing(
    album: UploadRequest, files: object
) -> None:
    async with on_raw_site(paged([page([entry(1, files=files)])]), Unit3dTracker) as (_, it):
        assert await it.tracker.find_existing(album) is None


@pytest.mark.parametrize("change", ["size", "name", "missing", "more", "unreadable"])
async def test_one_difference_makes_other_files(album: UploadRequest, change: str) -> None:
    theirs = ours(album)
    attributes: Any = theirs["attributes"]
    files: list[dict[str, str]] = attributes["files"]
    changes: Mapping[str, list[dict[str, str]]] = {
        "size": [{**files[0], "size": "1"}, *files[1:]],
        "name": [{**files[0], "name": "02 - track 2.flac"}, *files[1:]],
        "missing": files[1:],
        "more": [*files, {"name": "cover.jpg", "size": "5"}],
        "unreadable": [*files, {"name": "cover.jpg"}],
    }
    attributes["files"] = changes[change]
    async with on_raw_site(paged([page([theirs])]), Unit3dTracker) as (_, it):
        assert await it.tracker.find_existing(album) is None


# The key


async def test_an_older_site_is_asked_in_another_way_for_its_key() -> None:
    async def without_user(exchange: Exchange) -> None:
        head = await exchange.request()
        if head.target == "/api/user":
            await exchange.answer(404, b'{"message": "The route api/user could not be found."}')
        else:
            await exchange.answer(200, page([]))

    async with on_raw_site(without_user, Unit3dTracker) as (site, it):
        assert await it.tracker.test_key() == KeyProof(True, "the key is accepted")
    assert [head.target for head in site.heads] == ["/api/user", "/api/torrents?perPage=1"]


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>", b'{"username": null}'])
async def test_an_odd_answer_proves_no_key(body: bytes) -> None:
    async with on_raw_site(answering(200, body), Unit3dTracker) as (_, it):
        with pytest.raises(NotSent):
            await it.tracker.test_key()
