"""The sandbox's Gazelle sites answer as the family's own code does, also to what our adapters never send."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import aiohttp
import pytest
import torf
from attrs import frozen

from tests.support.torrents import infohash, make_torrent, read_torrent
from trackers.sandbox import Fault, Flavor, SandboxSettings, SandboxSite
from trackers.sandbox.gazelle_limiter import ActionCounter

FIELDS: Mapping[str, str] = {
    "type": "0",
    "title": "First Light",
    "year": "2001",
    "releasetype": "1",
    "remaster": "1",
    "remaster_year": "2011",
    "remaster_title": "Deluxe",
    "format": "FLAC",
    "bitrate": "Lossless",
    "media": "WEB",
    "tags": "Post-Rock,R&B",
    "album_desc": "An album of songs.",
}
ARTISTS = (("artists[]", "The Testers"), ("importance[]", "1"))
BOTH = pytest.mark.parametrize("flavor", [Flavor.OPS, Flavor.RED])


@frozen
class Client:
    site: SandboxSite
    session: aiohttp.ClientSession

    @property
    def key(self) -> Mapping[str, str]:
        return {"Authorization": self.site.settings.api_key}

    async def get(self, page: str, *, key: str | None = None, **query: str) -> Any:
        """The reply of an action."""
        headers = self.key if key is None else {"Authorization": key}
        async with self.session.get(f"{self.site.url}/{page}", params=query, headers=headers) as answer:
            return json.loads(await answer.text())

    async def post(
        self,
        changes: Mapping[str, str | None] = {},
        *,
        artists: Sequence[tuple[str, str]] = ARTISTS,
        torrent: bytes | None = None,
        name: str = "x.torrent",
    ) -> tuple[int, Any]:
        """An upload; a change to None leaves a field out. The status, and the reply or its text."""
        form = aiohttp.FormData(quote_fields=False)
        for field, text in (*artists, *{**FIELDS, **changes}.items()):
            if text is not None:
                form.add_field(field, text)
        data = make_torrent(source=self.site.settings.source) if torrent is None else torrent
        form.add_field("file_input", data, filename=name)
        address = f"{self.site.url}/ajax.php?action=upload"
        async with self.session.post(address, data=form, headers=self.key) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text else text


@asynccontextmanager
async def client_of(flavor: Flavor, **settings: Any) -> AsyncIterator[Client]:
    values = {"source": flavor.upper(), "search_lag": 0.0, "rate_limit": None, **settings}
    async with (
        SandboxSite(flavor, SandboxSettings(**values)) as site,
        aiohttp.ClientSession() as session,
    ):
        yield Client(site, session)


async def test_a_success_is_spelt_as_each_site_does() -> None:
    async with client_of(Flavor.OPS) as client:
        status, reply = await client.post()
    stored = {"groupId": 1, "torrentId": 1001, "private": True, "source": True, "warnings": []}
    assert (status, reply["status"], reply["response"]) == (200, "success", stored)
    async with client_of(Flavor.RED) as client:
        status, reply = await client.post()
    stored = {"private": True, "source": True, "requestid": None, "torrentid": 1001, "groupid": 1}
    assert (status, reply["response"]) == (200, stored)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"title": None}, "title is not specified"),
        ({"title": "é" * 101}, "Title must be less than 200 characters."),
        ({"type": "9"}, "Please select a valid category."),
        ({"tags": "x"}, "You must enter at least one tag. Maximum length is 200 characters."),
        ({"releasetype": "19"}, "Please select a valid release type."),
        ({"album_desc": "short"}, "The album description has a minimum length of 10 characters."),
        ({"image": "https://p.example/view/1"}, "The image URL you entered was invalid."),
        ({"format": "OGG"}, "Please select a valid format."),
        ({"bitrate": "lossless"}, "You must choose a bitrate."),
        ({"bitrate": "Other"}, "You must enter the other bitrate (max length: 9 characters)."),
        ({"media": "Blu-Ray"}, "Please select a valid media."),
        ({"remaster_year": None}, "remaster_year is not specified"),
        ({"remaster_title": "x" * 81}, "Remaster title must be between 1 and 80 characters."),
        ({"groupid": "one"}, "Group ID was not numeric"),
    ],
)
async def test_the_first_thing_wrong_is_told(changes: Mapping[str, str | None], text: str) -> None:
    async with client_of(Flavor.OPS) as client:
        status, reply = await client.post(changes)
        assert (status, reply["status"], reply["error"], reply["response"]) == (200, "failure", text, [])
    async with client_of(Flavor.RED) as client:
        other = {"releasetype": "8"} if "releasetype" in changes else changes
        other = {"media": "BD"} if "media" in changes else other
        status, reply = await client.post(other)
    assert (status, "response" in reply) == (400, False)
    assert client.site.uploads == []


@pytest.mark.parametrize(
    ("artists", "text"),
    [
        ((), "Please enter at least one main artist"),
        ((("artists[]", "A Guest"), ("importance[]", "2")), "Please enter at least one main artist"),
        ((("artists[]", "A"),), "There is an error with how artists are specified."),
    ],
)
async def test_artists_come_with_their_roles(artists: Sequence[tuple[str, str]], text: str) -> None:
    async with client_of(Flavor.OPS) as client:
        _, reply = await client.post(artists=artists)
    assert reply["error"] == text


@pytest.mark.parametrize(
    ("changes", "artists"),
    [
        ({"groupid": "77", "title": None}, ARTISTS),
        ({}, (("artists", "A"), ("importance", "1"))),
        ({}, (("artists[]", "A"), ("importance[]", "9"))),
    ],
)
async def test_what_breaks_the_site_is_an_empty_500(
    changes: Mapping[str, str | None], artists: Sequence[tuple[str, str]]
) -> None:
    async with client_of(Flavor.OPS) as client:
        assert await client.post(changes, artists=artists) == (500, "")
    assert client.site.uploads == []


async def test_a_flag_is_set_by_being_there_and_without_remaster_the_edition_is_lost() -> None:
    async with client_of(Flavor.OPS) as client:
        await client.post({"scene": "0", "remaster": None})
        reply = await client.get("ajax.php", action="torrent", id="1001")
    torrent = reply["response"]["torrent"]
    assert (torrent["scene"], torrent["remasterYear"], torrent["remasterTitle"]) == (True, None, "")


async def test_entities_are_decoded_unless_one_says_no() -> None:
    async with client_of(Flavor.OPS) as client:
        await client.post({"title": "R&amp;B"})
    assert client.site.uploads[0].name == "R&B"
    async with client_of(Flavor.OPS) as client:
        await client.post({"title": "R&amp;B", "workaround_broken_html_entities": "0"})
    assert client.site.uploads[0].name == "R&amp;B"


@pytest.mark.parametrize(
    ("torrent", "name", "text"),
    [
        (b"x", "x.zip", "You seem to have put something other than a torrent file"),
        (b"", "x.torrent", "No torrent file uploaded, or file is empty."),
        (b"no bencode", "x.torrent", "The torrent file 'x.torrent' is corrupted"),
        (make_torrent("Is it? Yes"), "x.torrent", "contains the forbidden character '?'"),
        (make_torrent(files=[("a.wav", 9)]), "x.torrent", "one or more invalid files (a.wav)"),
        (make_torrent(files=[("noext", 9)]), "x.torrent", "invalid files (noext)"),
        (make_torrent(files=[("at H33T.flac", 9)]), "x.torrent", "forbidden files (at H33T.flac)"),
        (make_torrent(files=[("x" * 250 + ".flac", 9)]), "x.torrent", "too long a name: <ul><li>"),
    ],
)
async def test_a_torrent_that_is_refused(torrent: bytes, name: str, text: str) -> None:
    async with client_of(Flavor.OPS) as client:
        _, reply = await client.post(torrent=torrent, name=name)
    assert text in reply["error"]
    assert client.site.uploads == []


@BOTH
async def test_a_torrent_is_rewritten_and_told_of(flavor: Flavor) -> None:
    mine = torf.Torrent.read_stream(make_torrent(source="ELSEWHERE"))
    info = cast("dict[str, Any]", mine.metainfo["info"])
    info |= {"private": 0, "x_cross_seed": "1", "mine": "kept"}
    async with client_of(flavor) as client:
        _, reply = await client.post(torrent=mine.dump(validate=False))
        address = f"{client.site.url}/ajax.php?action=download&id=1001"
        async with client.session.get(address, headers=client.key) as answer:
            data = await answer.read()
            assert answer.content_type == "application/x-bittorrent"
        _, again = await client.post()
    assert (reply["response"]["private"], reply["response"]["source"]) == (False, False)
    theirs = read_torrent(data)["info"]
    assert (theirs["private"], theirs["source"], theirs["mine"]) == (True, flavor.upper(), "kept")
    assert "x_cross_seed" not in theirs
    assert set(read_torrent(data)) == {"announce", "comment", "info"}
    # Without the key that is kept it would be the same torrent.
    assert again["status"] == "success"


@BOTH
async def test_the_same_torrent_without_the_source_is_the_same(flavor: Flavor) -> None:
    async with client_of(flavor) as client:
        await client.post()
        status, reply = await client.post(torrent=make_torrent(source=None))
    assert status == (200 if flavor is Flavor.OPS else 400)
    assert "exact same torrent file already exists" in reply["error"]
    assert "torrents.php?id=1&amp;torrentid=1001#torrent1001" in reply["error"]


@BOTH
async def test_the_look_up_by_hash_takes_either_case_and_the_search_lags(flavor: Flavor) -> None:
    async with client_of(flavor, search_lag=180.0) as client:
        own = infohash(make_torrent(source=client.site.settings.source))
        missing = await client.get("ajax.php", action="torrent", hash=own)
        await client.post()
        found = [await client.get("ajax.php", action="torrent", hash=text) for text in (own, own.upper())]
        listed = await client.get("ajax.php", action="browse", groupname="First Light")
    assert missing["error"] == ("bad parameters" if flavor is Flavor.OPS else "bad hash parameter")
    assert [reply["response"]["torrent"]["id"] for reply in found] == [1001, 1001]
    assert found[0]["response"]["torrent"]["fileList"] == (
        "01 - One.flac{{{40000}}}|||CD2/02 - Two.flac{{{30000}}}"
    )
    assert listed["response"] == {"results": [], "youMightLike": []}


async def test_a_search_gives_ids_and_names_as_each_site_does() -> None:
    found = {}
    for flavor in (Flavor.OPS, Flavor.RED):
        async with client_of(flavor) as client:
            await client.post({"title": "This & That"})
            reply = await client.get("ajax.php", action="browse", artistname="testers", groupname="that this")
        (group,) = reply["response"]["results"]
        found[flavor] = (group["groupId"], group["groupName"], group["releaseType"])
    assert found[Flavor.OPS] == ("1", "This & That", "Album")
    assert found[Flavor.RED] == (1, "This &amp; That", "Album")


async def test_a_release_of_the_same_name_joins_its_group_whose_tags_win() -> None:
    async with client_of(Flavor.OPS) as client:
        await client.post()
        _, joined = await client.post({"tags": "other"}, torrent=make_torrent("Other"))
        _, apart = await client.post({"year": "2002"}, torrent=make_torrent("Third"))
        group = await client.get("ajax.php", action="torrentgroup", id="1")
    assert (joined["response"]["groupId"], apart["response"]["groupId"]) == (1, 2)
    assert group["response"]["group"]["tags"] == ["post.rock", "rb"]
    assert len(group["response"]["torrents"]) == 2


# Keys and limits


async def test_a_token_has_its_spelling() -> None:
    async with client_of(Flavor.OPS) as client:
        key = client.site.settings.api_key
        for shown in (f"token {key}", key):
            assert (await client.get("ajax.php", key=shown, action="index"))["status"] == "success"
        for shown in (f"Token {key}", f"token  {key}", "", "wrong"):
            assert (await client.get("ajax.php", key=shown, action="index"))["error"] == "invalid token"


@BOTH
async def test_pages_know_no_token_and_send_one_to_the_login(flavor: Flavor) -> None:
    async with client_of(flavor) as client:
        address = f"{client.site.url}/torrents.php?action=download&id=1"
        async with client.session.get(address, headers=client.key, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (302, "login.php")
        async with client.session.get(f"{client.site.url}/ajax.php?action=index") as answer:
            assert (answer.status, "password" in await answer.text()) == (200, True), "when it is followed"


async def test_too_many_wrong_logins_close_the_door() -> None:
    async with client_of(Flavor.RED) as client:
        wrong = {"username": "sandbox", "password": "wrong"}
        right = {"username": "sandbox", "password": client.site.settings.password}
        seen = []
        for given in [*[wrong] * 6, right]:
            address = f"{client.site.url}/login.php"
            async with client.session.post(address, data=given, allow_redirects=False) as answer:
                seen.append((answer.status, answer.headers.get("Location")))
    assert seen == [(200, None)] * 6 + [(302, "login.php")]


def test_the_counter_lets_two_more_than_the_rate_pass_and_then_refuses_all() -> None:
    now = [0.0]
    counter = ActionCounter(lambda: now[0])
    assert [counter.refuses("torrentgroup") for _ in range(19)] == [False] * 17 + [True] * 2
    assert counter.refuses("browse")
    assert not counter.refuses("upload")
    now[0] = 60.0
    assert [counter.refuses("browse") for _ in range(8)] == [False] * 7 + [True]


async def test_a_limited_call_says_so_as_each_site_does() -> None:
    async with client_of(Flavor.OPS, rate_limit=(30, 60.0)) as client:
        replies = [await client.get("ajax.php", action="browse") for _ in range(8)]
    assert [reply["status"] for reply in replies] == ["success"] * 7 + ["failure"]
    assert replies[-1]["error"] == "Rate limit exceeded"
    async with client_of(Flavor.RED, rate_limit=(30, 60.0)) as client:
        address = f"{client.site.url}/ajax.php?action=index"
        for number in range(11):
            async with client.session.get(address, headers=client.key) as answer:
                assert answer.status == (200 if number < 10 else 429)
    assert 1 <= int(answer.headers["Retry-After"]) <= 10


# Faults


@BOTH
async def test_a_banned_account_gets_nothing(flavor: Flavor) -> None:
    async with client_of(flavor) as client:
        client.site.fault = Fault.BANNED
        status, reply = await client.post()
    assert (status, reply["error"]) == (
        200 if flavor is Flavor.OPS else 401,
        "your ip address has been banned",
    )


@BOTH
async def test_a_download_can_be_made_wrong(flavor: Flavor) -> None:
    async with client_of(flavor) as client:
        await client.post()
        address = f"{client.site.url}/ajax.php?action=download&id=1001"
        client.site.fault = Fault.BAD_TORRENT
        async with client.session.get(address, headers=client.key) as answer:
            assert answer.content_type == "text/html"
        client.site.fault = Fault.OTHER_PIECES
        async with client.session.get(address, headers=client.key) as answer:
            data = await answer.read()
    assert infohash(data) != infohash(make_torrent(source=client.site.settings.source))
