"""The sandbox's UNIT3D site behaves as the real one where a client depends on it."""

from __future__ import annotations

import base64
import hashlib
import io
import logging
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import aiohttp
import anyio
import pytest
from anyio.lowlevel import checkpoint
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UsageError
from tests.support.torrents import infohash, make_single_file_torrent, make_torrent, read_torrent
from trackers.sandbox import Fault, Flavor, SandboxSettings, SandboxSite, listening
from trackers.sandbox.limiter import FixedWindow
from trackers.sandbox.torrents import NoFilesInTorrent, UnreadableTorrent, is_bad_name, register

UPLOAD = "/api/torrents/upload"
MIB = 1024 * 1024
FILTER = "/api/torrents/filter"
KEY = {"Authorization": "Bearer sandbox-key", "Accept": "application/json"}
FIELDS = {
    "name": "Björk - Homogenic 1997",
    "description": "[b]Jóga[/b]",
    "category_id": "8",
    "type_id": "16",
    "anonymous": "0",
}


class Client:
    """Talks to a site as an uploader does, without following redirects."""

    def __init__(self, site: SandboxSite, session: aiohttp.ClientSession) -> None:
        self.site = site
        self.session = session

    def get(
        self, path: str, *, headers: Mapping[str, str] = KEY, params: Mapping[str, str] | None = None
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        url = path if path.startswith("http") else self.site.url + path
        return self.session.get(url, headers=headers, params=params, allow_redirects=False)

    def upload(
        self,
        torrent: bytes | None = None,
        *,
        filename: str = "album.torrent",
        headers: Mapping[str, str] = KEY,
        extra: tuple[tuple[str, str], ...] = (),
        without: tuple[str, ...] = (),
        query: str = "",
        **fields: str,
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        form = aiohttp.FormData()
        for name, value in (FIELDS | fields).items():
            if name not in without:
                form.add_field(name, value)
        for name, value in extra:
            form.add_field(name, value)
        if "torrent" not in without:
            form.add_field("torrent", make_torrent() if torrent is None else torrent, filename=filename)
        return self.session.post(
            f"{self.site.url}{UPLOAD}{query}", data=form, headers=headers, allow_redirects=False
        )

    async def answer(self, **kwargs: Any) -> tuple[int, Any]:
        """Status and JSON of an upload."""
        async with self.upload(**kwargs) as response:
            return response.status, await response.json()

    async def found(self, **params: str) -> list[str]:
        """The names that the filter gives."""
        async with self.get(FILTER, params=params) as response:
            assert response.status == 200
            return [item["attributes"]["name"] for item in (await response.json())["data"]]


@asynccontextmanager
async def running(*, rate_limit: tuple[int, float] | None = None, **settings: Any) -> AsyncIterator[Client]:
    async with (
        SandboxSite(Flavor.UNIT3D, SandboxSettings(rate_limit=rate_limit, **settings)) as site,
        aiohttp.ClientSession() as session,
    ):
        yield Client(site, session)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with running() as client:
        yield client


# The upload


async def test_an_upload_answers_with_its_download_link(client: Client) -> None:
    async with client.upload() as response:
        text = await response.text()
        document = await response.json()
    upload = client.site.uploads[0]
    assert response.status == 200
    assert document == {
        "success": True,
        "data": f"{client.site.url}/torrent/download/{upload.id}.{client.site.settings.rsskey}",
        "message": "Torrent uploaded successfully.",
    }
    assert r"http:\/\/127.0.0.1" in text
    assert upload.fields == FIELDS
    assert upload.files["torrent"].filename == "album.torrent"
    assert upload.received_torrent == make_torrent()


async def test_fields_are_trimmed_and_the_last_of_several_wins(client: Client) -> None:
    name = "\u200b Homogenic \n"
    status, _ = await client.answer(
        name=name,
        season_number=" ",
        keywords="icelandic",
        extra=(("keywords", "electronic"), ("unheard_of", "x")),
    )
    assert status == 200
    fields = client.site.uploads[0].fields
    assert fields["name"] == "Homogenic"
    assert fields["keywords"] == "electronic"
    assert "season_number" not in fields


@pytest.mark.parametrize(
    ("kwargs", "data"),
    [
        ({"without": ("torrent",)}, "You Must Provide A Torrent File For Upload!"),
        ({"filename": "album.TORRENT"}, "You Must Provide A Valid Torrent File For Upload!"),
        (
            {"torrent": make_torrent(files=[("What?.flac", 1000)])},
            "Invalid Filenames In Torrent Files!",
        ),
        ({"torrent": make_single_file_torrent("~One.flac")}, "Invalid Filenames In Torrent Files!"),
        ({"without": ("name",)}, {"name": ["The name field is required."]}),
        ({"description": "  "}, {"description": ["The description field is required."]}),
        ({"without": ("anonymous",)}, {"anon": ["The anon field is required."]}),
        ({"type_id": "99"}, {"type_id": ["The selected type id is invalid."]}),
        ({"season_number": "0"}, {"season_number": ["The season number field is prohibited."]}),
        ({"name": "x" * 256}, {"name": ["The name must not be greater than 255 characters."]}),
        (
            {"without": ("description", "type_id")},
            {
                "description": ["The description field is required."],
                "type_id": ["The type id field is required."],
            },
        ),
    ],
)
async def test_a_broken_rule_is_a_404_that_names_it(client: Client, kwargs: Any, data: object) -> None:
    headers = KEY | {"Accept": "text/html"}
    status, document = await client.answer(headers=headers, **kwargs)
    assert status == 404
    assert document == {"success": False, "message": "Validation Error.", "data": data}
    assert client.site.uploads == []


@pytest.mark.parametrize(("category", "named"), [("99", "99"), ("", "0"), ("99x", "99")])
async def test_an_unknown_category_is_a_404_of_another_shape(
    client: Client, category: str, named: str
) -> None:
    # The fields after it are not looked at.
    status, document = await client.answer(category_id=category, name="")
    assert status == 404
    assert document == {"message": f"No query results for model [App\\Models\\Category] {named}"}


async def test_a_category_counts_by_its_leading_number(client: Client) -> None:
    assert (await client.answer(category_id="8x"))[0] == 200
    assert client.site.uploads[0].fields["category_id"] == "8"


@pytest.mark.parametrize("name", ["BJÖRK - Homogenic 1997", "bjork - homogenic 1997 "])
async def test_a_name_is_taken_whatever_its_case_and_accents(client: Client, name: str) -> None:
    await client.answer()
    status, document = await client.answer(name=name)
    assert (status, document["data"]) == (404, {"name": ["The name has already been taken."]})
    assert (await client.answer(name="Björk - Post 1995"))[0] == 200


@pytest.mark.parametrize(
    "kwargs",
    [
        {"torrent": b"<html>no torrent</html>"},
        {"torrent": b"d8:announce1:xe"},
        {"torrent": b""},
        {"anonymous": "true"},
        {"personal_release": "yes"},
        {"description": "é" * 33_000},
        {"torrent": make_torrent("x" * 256)},
    ],
)
async def test_what_the_validator_lets_pass_and_the_server_cannot_take_is_a_500(
    client: Client, kwargs: Any
) -> None:
    status, document = await client.answer(**kwargs)
    assert (status, document) == (500, {"message": "Server Error"})
    assert client.site.uploads == []


@pytest.mark.parametrize(
    "kwargs",
    [
        {"extra": (("keywords[]", "a"),)},
        {"keywords": "k" * 256},
        {"torrent": make_torrent(files=[("/".join(["d" * 100] * 3), 1000)])},
    ],
)
async def test_a_500_may_leave_the_torrent_behind(client: Client, kwargs: Any) -> None:
    assert (await client.answer(**kwargs))[0] == 500
    assert client.site.uploads[0].pending
    status, document = await client.answer()
    assert (status, list(document["data"])) == (404, ["name"])


async def test_a_torrent_of_version_2_alone_is_refused(client: Client) -> None:
    torrent = b"d4:infod9:file treede4:name1:x12:piece lengthi16384e6:pieces0:ee"
    status, document = await client.answer(torrent=torrent)
    assert (status, document["data"]) == (404, "You Must Provide A Valid Torrent File For Upload!")


async def test_a_file_part_needs_a_plain_filename(client: Client) -> None:
    boundary = "frontier"
    part = "Content-Disposition: form-data; name=\"torrent\"; filename*=utf-8''a.torrent\r\n\r\n"
    body = f"--{boundary}\r\n{part}x\r\n--{boundary}--\r\n"
    headers = KEY | {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    async with client.session.post(client.site.url + UPLOAD, data=body, headers=headers) as response:
        document = await response.json()
    assert (response.status, document["data"]) == (404, "You Must Provide A Torrent File For Upload!")


@pytest.mark.parametrize(
    "name", ["a:b", "...", "Vol. ", "etc.", "aux.flac", "COM1", "____padding_file", ".pad", "é" * 128, "a\nb"]
)
def test_bad_file_names(name: str) -> None:
    assert is_bad_name(name, tilde_forbidden=False)


@pytest.mark.parametrize("name", ["1 - One.flac", "auxiliary.flac", ".hidden", "COM10.flac", "~a", "é" * 127])
def test_good_file_names(name: str) -> None:
    assert not is_bad_name(name, tilde_forbidden=False)


# Versions


async def test_before_9_0_2_ids_of_films_are_asked_for(client: Client) -> None:
    async with running(version="9.0.1") as old:
        status, document = await old.answer(imdb="tt0111161", tvdb="0")
        assert status == 404
        assert document["data"] == {
            "imdb": ["The imdb must be a number."],
            "tmdb": ["The tmdb field is required."],
            "mal": ["The mal field is required."],
            "igdb": ["The igdb field is required."],
        }
        ids = dict.fromkeys(("imdb", "tvdb", "tmdb", "mal", "igdb"), "0")
        assert (await old.answer(**ids))[0] == 200


async def test_before_9_1_6_the_infohash_can_be_foreseen_and_is_unique_and_shown() -> None:
    torrent = make_torrent(source="SANDBOX")
    async with running(version="9.1.5") as client:
        assert (await client.answer(torrent=torrent))[0] == 200
        upload = client.site.uploads[0]
        assert infohash(upload.torrent) == infohash(torrent)
        status, document = await client.answer(torrent=torrent, name="Another")
        assert status == 404
        assert document["data"] == {"info_hash": ["The info hash has already been taken."]}
        async with client.get(FILTER) as response:
            filtered = (await response.json())["data"][0]["attributes"]["info_hash"]
        async with client.get(f"/api/torrents/{upload.id}") as response:
            shown = (await response.json())["attributes"]["info_hash"]
        assert shown == infohash(torrent)
        assert bytes.fromhex(filtered).decode() == shown


async def test_from_9_1_6_the_infohash_is_random_and_hidden(client: Client) -> None:
    torrent = make_torrent(source="SANDBOX")
    await client.answer(torrent=torrent)
    await client.answer(torrent=torrent, name="Another")
    hashes = {infohash(upload.torrent) for upload in client.site.uploads} | {infohash(torrent)}
    assert len(hashes) == 3
    async with client.get(FILTER) as response:
        assert "info_hash" not in await response.text()
    async with client.get(f"/api/torrents/{client.site.uploads[0].id}") as response:
        assert "info_hash" not in await response.text()


async def test_before_9_2_0_a_name_may_begin_with_a_tilde() -> None:
    async with running(version="9.1.9") as client:
        assert (await client.answer(torrent=make_single_file_torrent("~One.flac")))[0] == 200


# The registered torrent


async def test_the_torrent_is_rewritten_and_its_pieces_stay(client: Client) -> None:
    sent = read_torrent(make_torrent())
    await client.answer()
    served = read_torrent(client.site.uploads[0].torrent)
    assert set(served) == {"comment", "created by", "info"}
    assert served["created by"] == "mua-async tests. Edited by UNIT3D"
    entropy = served["info"].pop("entropy")
    assert len(bytes.fromhex(entropy)) == 64
    assert served["info"] == sent["info"] | {"source": "SANDBOX"}


async def test_the_download_is_made_for_its_user(client: Client) -> None:
    _, document = await client.answer()
    async with client.get(document["data"], headers={}) as response:
        data = await response.read()
    assert response.headers["Content-Type"] == "application/x-bittorrent"
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert "[SANDBOX]Bjork - Homogenic 1997.torrent" in response.headers["Content-Disposition"]
    metainfo = read_torrent(data)
    assert metainfo["announce"] == client.site.announce_url
    assert f"{client.site.url}/torrents/{client.site.uploads[0].id}" in metainfo["comment"]
    assert infohash(data) == infohash(client.site.uploads[0].torrent)


async def test_a_wrong_rsskey_is_a_bad_key(client: Client) -> None:
    await client.answer()
    path = f"/torrent/download/{client.site.uploads[0].id}.0000"
    async with client.get(path) as response:
        assert response.status == 401
    async with client.get(path, headers={}) as response:
        assert (response.status, response.headers["Location"]) == (302, client.site.url + "/login")
    async with running(version="9.1.1") as old, old.get(path) as response:
        assert response.status == 404


# Keys


@pytest.mark.parametrize(
    "kwargs",
    [
        {"query": "?api_token=sandbox-key", "headers": {}},
        {"api_token": "sandbox-key", "headers": {}},
        {"headers": {"Authorization": "Bearer sandbox-key"}},
        {"headers": {"Authorization": "Basic " + base64.b64encode(b"any:sandbox-key").decode()}},
        {"query": "?api_token=sandbox-key", "headers": {"Authorization": "Bearer stale"}},
        {"query": "?api_token=", "headers": KEY},
    ],
)
async def test_four_places_may_hold_the_key(client: Client, kwargs: Any) -> None:
    assert (await client.answer(**kwargs))[0] == 200
    assert "api_token" not in client.site.uploads[0].fields


@pytest.mark.parametrize(
    "kwargs",
    [
        {"headers": {"Accept": "application/json"}},
        {"headers": {"Accept": "application/json", "Authorization": "Bearer wrong"}},
        {"headers": {"Accept": "application/json", "Authorization": "Basic é"}},
        {"headers": KEY, "query": "?api_token=stale"},
        {"headers": KEY, "api_token": "stale"},
    ],
)
async def test_a_bad_key_is_a_401_for_those_who_ask_for_json(client: Client, kwargs: Any) -> None:
    status, document = await client.answer(**kwargs)
    assert (status, document) == (401, {"message": "Unauthenticated."})
    assert client.site.uploads == []


@pytest.mark.parametrize("accept", ["*/*", "text/html, application/json", "application/json;q=0.5, a/b"])
async def test_a_bad_key_sends_all_others_to_the_login_page(client: Client, accept: str) -> None:
    async with client.upload(headers={"Accept": accept}) as response:
        assert (response.status, response.headers["Location"]) == (302, client.site.url + "/login")
    async with client.session.get(client.site.url + "/api/user", headers={"Accept": accept}) as response:
        assert (response.status, response.content_type) == (200, "text/html")
        assert response.url.path == "/login"


async def test_the_owner_of_a_key_can_be_asked_for(client: Client) -> None:
    async with client.get("/api/user") as response:
        assert (await response.json())["username"] == "sandbox"


async def test_a_banned_user_gets_a_200(client: Client) -> None:
    client.site.fault = Fault.BANNED
    assert await client.answer() == (200, {"message": "This Account is Banned!"})
    async with client.get(FILTER) as response:
        assert (response.status, await response.json()) == (200, {"message": "This Account is Banned!"})


# The limit


async def test_api_calls_share_a_limit_that_downloads_do_not(client: Client) -> None:
    async with running(rate_limit=(2, 60.0)) as client:
        async with client.get("/api/user", headers={"Accept": "application/json"}) as response:
            assert "X-RateLimit-Limit" not in response.headers
        async with client.upload() as response:
            link = (await response.json())["data"]
            assert response.headers["X-RateLimit-Limit"] == "2"
            assert response.headers["X-RateLimit-Remaining"] == "1"
        async with client.upload(type_id="99") as response:
            assert (response.status, response.headers["X-RateLimit-Remaining"]) == (404, "0")
        async with client.get(FILTER) as response:
            assert (response.status, await response.json()) == (429, {"message": "Too Many Attempts."})
            assert 0 < int(response.headers["Retry-After"]) <= 60
            assert abs(int(response.headers["X-RateLimit-Reset"]) - time.time()) < 62
        async with client.get(link, headers={}) as response:
            assert (response.status, response.headers["X-RateLimit-Remaining"]) == (200, "1")


def test_a_window_opens_with_the_first_hit_and_is_not_prolonged() -> None:
    now = 100.0
    window = FixedWindow(1, 60.0, clock=lambda: now)
    assert window.hit().retry_after is None
    now = 159.5
    assert window.hit().retry_after == 1
    now = 160.0
    assert window.hit().retry_after is None
    now = 161.0
    assert window.hit().retry_after == 59


# Search


async def test_the_filter_describes_what_it_finds(client: Client) -> None:
    await client.answer(anonymous="1")
    async with client.get(FILTER) as response:
        document = await response.json()
    upload = client.site.uploads[0]
    item = document["data"][0]
    assert (item["type"], item["id"]) == ("torrent", str(upload.id))
    attributes = item["attributes"]
    assert attributes["uploader"] == "Anonymous"
    assert (attributes["category_id"], attributes["type_id"]) == (8, 16)
    assert (attributes["size"], attributes["num_file"]) == (70_000, 2)
    assert [(file["name"], file["size"]) for file in attributes["files"]] == [
        ("01 - One.flac", 40_000),
        ("CD2/02 - Two.flac", 30_000),
    ]
    assert attributes["details_link"] == f"{client.site.url}/torrents/{upload.id}"
    async with client.get(attributes["details_link"]) as response:
        assert response.status == 200


async def test_the_filter_finds_by_words_files_and_ids(client: Client) -> None:
    await client.answer()
    await client.answer(
        name="Sigur Rós - Takk", torrent=make_torrent(files=[("a.mp3", 1)]), category_id="5", type_id="9"
    )
    bjork, sigur = FIELDS["name"], "Sigur Rós - Takk"
    assert await client.found() == [sigur, bjork]
    assert await client.found(name="homogenic BJORK") == [bjork]
    assert await client.found(name="ros tak") == [sigur]
    assert await client.found(name="tak ros") == []
    assert await client.found(name="bjork post") == []
    assert await client.found(file_name="cd2/02 - two.FLAC") == [bjork]
    assert await client.found(file_name="02 - Two.flac") == []
    assert await client.found(**{"categories[]": "8"}) == [bjork]
    assert await client.found(**{"categories[]": "8", "types[]": "9"}) == []
    assert await client.found(info_hash="whatever") == [sigur, bjork]


async def test_a_list_without_brackets_is_a_500(client: Client) -> None:
    async with client.get(FILTER, params={"categories": "8"}) as response:
        assert response.status == 500


async def test_an_unknown_order_is_a_422(client: Client) -> None:
    async with client.get(FILTER, params={"sortField": "hash"}) as response:
        assert (response.status, list((await response.json())["errors"])) == (422, ["sortField"])


async def test_results_come_in_pages_whose_links_repeat_the_key(client: Client) -> None:
    for number in range(3):
        await client.answer(name=f"Album {number}")
    async with client.get(FILTER, params={"perPage": "2", "api_token": "sandbox-key"}) as response:
        first = await response.json()
    assert first["meta"] == {"current_page": 1, "per_page": 2, "from": 1, "to": 2}
    assert "api_token=sandbox-key" in first["links"]["next"]
    async with client.get(first["links"]["next"]) as response:
        second = await response.json()
    assert [item["attributes"]["name"] for item in second["data"]] == ["Album 0"]
    assert second["links"]["next"] is None
    async with client.get(FILTER, params={"page": "9"}) as response:
        assert (await response.json())["data"] == []


async def test_a_search_blinds_the_same_search_for_minutes(client: Client) -> None:
    assert await client.found(name="homogenic", perPage="50") == []
    await client.answer()
    assert await client.found(perPage="50", name="homogenic") == []
    assert await client.found(perPage="50", name="homogenic", api_token="sandbox-key") == []
    assert await client.found(perPage="50", name="homogenic", _="1") == [FIELDS["name"]]


async def test_one_torrent_is_shown_without_a_wrapper(client: Client) -> None:
    await client.answer()
    torrent_id = client.site.uploads[0].id
    async with client.get(f"/api/torrents/{torrent_id}") as response:
        document = await response.json()
    assert set(document) == {"type", "id", "attributes"}
    assert document["attributes"]["folder"] == "Artist - Album (2020)"
    async with client.get("/api/torrents") as response:
        assert [item["id"] for item in (await response.json())["data"]] == [str(torrent_id)]


@pytest.mark.parametrize("opted_in", [False, True])
async def test_what_waits_in_moderation_is_invisible_and_takes_its_name(opted_in: bool) -> None:
    async with running(trusted=opted_in) as client:
        status, document = await client.answer(**({"mod_queue_opt_in": "1"} if opted_in else {}))
        assert (status, document["success"]) == (200, True)
        torrent_id = client.site.uploads[0].id
        assert await client.found() == []
        async with client.get(f"/api/torrents/{torrent_id}") as response:
            message = f"No query results for model [App\\Models\\Torrent] {torrent_id}"
            assert (response.status, await response.json()) == (404, {"message": message})
        async with client.get(document["data"]) as response:
            assert response.status == 200
        assert list((await client.answer())[1]["data"]) == ["name"]


# Routes


async def test_unknown_paths_and_methods(client: Client) -> None:
    async with client.get("/api/torrents/none") as response:
        message = "The route api/torrents/none could not be found."
        assert (response.status, await response.json()) == (404, {"message": message})
    async with client.get("/api/torrents/none", headers={}) as response:
        assert (response.status, response.content_type) == (404, "text/html")
    async with client.get(UPLOAD) as response:
        assert (response.status, response.headers["Allow"]) == (405, "POST")


# Faults


@pytest.mark.parametrize(("fault", "stored"), [(Fault.RESET_BEFORE, 0), (Fault.RESET_AFTER, 1)])
async def test_a_reset_breaks_the_connection(client: Client, fault: Fault, stored: int) -> None:
    client.site.fault = fault
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.answer()
    assert len(client.site.uploads) == stored
    assert await client.found() == [FIELDS["name"]] * stored


async def test_an_answer_ends_in_its_middle(client: Client) -> None:
    client.site.fault = Fault.TRUNCATED
    async with client.upload() as response:
        assert response.status == 200
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()
    assert await client.found() == [FIELDS["name"]]


async def test_planned_faults_strike_one_upload_each(client: Client) -> None:
    client.site.plan_faults([Fault.THROTTLE_ONCE, None, Fault.REFUSE])
    client.site.fault = Fault.ERROR_AFTER
    assert [(await client.answer(name=f"Album {number}"))[0] for number in range(4)] == [429, 200, 404, 500]


async def test_answers_that_are_none(client: Client) -> None:
    client.site.fault = Fault.HTML
    async with client.upload() as response:
        assert (response.status, response.content_type) == (200, "text/html")
    client.site.fault = Fault.SUCCESS_FALSE
    status, document = await client.answer()
    assert (status, document["success"]) == (200, False)
    client.site.fault = Fault.REFUSE
    assert (await client.answer())[0] == 404
    assert client.site.uploads == []
    client.site.fault = Fault.ERROR_AFTER
    assert (await client.answer())[0] == 500
    assert len(client.site.uploads) == 1


async def test_one_upload_is_throttled(client: Client) -> None:
    client.site.fault = Fault.THROTTLE_ONCE
    assert await client.found() == []
    async with client.upload() as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "1")
    assert (await client.answer())[0] == 200


async def test_faults_of_the_download(client: Client) -> None:
    _, document = await client.answer()
    client.site.fault = Fault.BAD_TORRENT
    async with client.get(document["data"]) as response:
        assert (response.status, response.content_type) == (200, "text/html")
    client.site.fault = Fault.OTHER_PIECES
    async with client.get(document["data"]) as response:
        other = read_torrent(await response.read())["info"]
    ours = read_torrent(client.site.uploads[0].torrent)["info"]
    assert other.pop("pieces") != ours.pop("pieces")
    assert other == ours


@pytest.mark.parametrize("fault", [Fault.HANG, Fault.STALL])
async def test_a_site_that_never_answers_closes_at_once(
    fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "SHUTDOWN_TIMEOUT", 60.0)
    broken: list[Exception] = []

    async def upload(client: Client) -> None:
        try:
            await client.answer()
        except aiohttp.ClientConnectionError as error:
            broken.append(error)

    async with anyio.create_task_group() as tasks, aiohttp.ClientSession() as session:
        async with SandboxSite(Flavor.UNIT3D) as site:
            site.fault = fault
            tasks.start_soon(upload, Client(site, session))
            while not site.requests:
                await checkpoint()
            closing = time.monotonic()
        assert time.monotonic() - closing < 5
        with anyio.fail_after(5):
            while not broken:
                await checkpoint()
    assert site.uploads == []


async def test_a_stalled_body_is_not_taken_in(client: Client) -> None:
    client.site.fault = Fault.STALL
    size = 32 * MIB
    host, port = "127.0.0.1", int(client.site.url.rpartition(":")[2])
    sent = 0
    async with await anyio.connect_tcp(host, port) as stream:
        await stream.send(f"POST {UPLOAD} HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n".encode())
        with anyio.move_on_after(0.3):
            while sent < size:
                await stream.send(bytes(65_536))
                sent += 65_536
    assert 0 < sent < size / 2


async def test_latency_comes_before_the_storing_which_a_lost_client_does_not_stop() -> None:
    async with running(latency=0.3) as client:
        started = time.monotonic()
        with anyio.move_on_after(0.1) as patience:
            await client.answer()
        assert patience.cancelled_caught
        assert client.site.uploads == []
        with anyio.fail_after(5):
            while not client.site.uploads:
                await checkpoint()
        assert time.monotonic() - started >= 0.3


async def test_a_client_that_leaves_amid_its_body_stores_and_logs_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    head = f"POST {UPLOAD} HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n"
    async with running() as client:
        port = int(client.site.url.rpartition(":")[2])
        async with await anyio.connect_tcp("127.0.0.1", port) as stream:
            await stream.send(f"{head}Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n".encode())
            while not client.site.requests:
                await checkpoint()
        assert (await client.answer())[0] == 200
    assert len(client.site.uploads) == 1
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


# The site itself


async def test_requests_are_seen_with_what_they_carry() -> None:
    async with running(set_cookie=True) as client:
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            for _ in range(2):
                await session.get(client.site.url + "/api/user?api_token=k", headers={"X-Mine": "1"})
        seen = [request for request in client.site.requests if request.path == "/api/user"]
        assert (seen[0].method, seen[0].query, seen[0].cookies) == ("GET", {"api_token": "k"}, {})
        assert seen[1].headers["X-Mine"] == "1"
        assert seen[1].cookies
        assert seen[0].at <= seen[1].at


async def test_a_port_that_is_taken_is_named(client: Client) -> None:
    port = int(client.site.url.rpartition(":")[2])
    with pytest.raises(UsageError, match=str(port)):
        async with SandboxSite(Flavor.UNIT3D, port=port):
            pass


async def test_a_body_of_many_mebibytes_is_taken(client: Client) -> None:
    form = aiohttp.FormData(FIELDS)
    form.add_field("torrent", make_torrent(), filename="a.torrent")
    form.add_field("image", io.BytesIO(bytes(20 * MIB)), filename="a.png")
    async with client.session.post(client.site.url + UPLOAD, data=form, headers=KEY) as response:
        assert response.status == 200
    assert len(client.site.uploads[0].files["image"].data) == 20 * MIB


async def test_too_long_a_body_is_a_413(client: Client) -> None:
    body = io.BytesIO(bytes(65 * MIB))
    headers = KEY | {"Content-Type": "application/json"}
    async with client.session.post(client.site.url + UPLOAD, data=body, headers=headers) as response:
        assert response.status == 413
        assert await response.json() == {"message": "The POST data is too large."}


@given(st.binary(max_size=200) | st.binary(max_size=40).map(lambda tail: make_torrent()[:-20] + tail))
def test_no_file_makes_the_site_stumble(data: bytes) -> None:
    try:
        registered = register(data, source="X", random_infohash=False)
    except (UnreadableTorrent, NoFilesInTorrent):
        return
    assert len(registered.infohash) == hashlib.sha1().digest_size * 2


@pytest.mark.parametrize(
    "data",
    [
        b"d4:infod6:pieces0:e13:creation datei99999999999999999999ee",
        b"d99999999999999999999:x",
        b"99999999999999:x",
        b"d1:a" + b"l" * 5000 + b"e" * 5000 + b"e",
        b"d4:infoi1ee",
        b"i1e",
    ],
)
def test_hostile_files_are_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadableTorrent):
        register(data, source="X", random_infohash=False)
