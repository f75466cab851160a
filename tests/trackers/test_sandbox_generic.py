"""The sandbox's site of no particular software takes what the generic family sends by default."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from tests.support.torrents import infohash, make_torrent, read_torrent
from trackers.sandbox import Fault, Flavor, SandboxSettings, SandboxSite
from trackers.tracker_config import ApiFormat, AuthType

KEY = {"Authorization": "Bearer sandbox-key"}
FIELDS = {"name": "Homogenic", "description": "Jóga", "category_id": "5", "format_id": "10"}


class Client:
    """Talks to a site as an uploader does."""

    def __init__(self, site: SandboxSite, session: aiohttp.ClientSession) -> None:
        self.site = site
        self.session = session

    async def send(
        self,
        fields: Mapping[str, Any] = FIELDS,
        *,
        as_json: bool = False,
        torrent: bytes | None = None,
        headers: Mapping[str, str] = KEY,
        path: str = "/api/upload",
    ) -> tuple[int, Any]:
        """Status and JSON of an upload."""
        data = make_torrent() if torrent is None else torrent
        if as_json:
            document = {**fields, "torrent": base64.b64encode(data).decode()}
            body: Any = json.dumps(document)
            headers = {**headers, "Content-Type": "application/json"}
        else:
            body = aiohttp.FormData(dict(fields))
            body.add_field("torrent", data, filename="a.torrent")
        async with self.session.post(self.site.url + path, data=body, headers=headers) as response:
            return response.status, await response.json()

    async def get(self, path: str, headers: Mapping[str, str] = KEY) -> tuple[int, bytes]:
        async with self.session.get(self.site.url + path, headers=headers) as response:
            return response.status, await response.read()


@asynccontextmanager
async def running(**settings: Any) -> AsyncIterator[Client]:
    async with (
        SandboxSite(Flavor.GENERIC, SandboxSettings(**settings)) as site,
        aiohttp.ClientSession() as session,
    ):
        yield Client(site, session)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with running() as client:
        yield client


@pytest.mark.parametrize("as_json", [False, True])
async def test_an_upload_answers_with_its_id_and_page(client: Client, as_json: bool) -> None:
    status, document = await client.send(as_json=as_json)
    upload = client.site.uploads[0]
    page = f"{client.site.url}/torrents/{upload.id}"
    assert (status, document) == (200, {"success": True, "id": upload.id, "url": page})
    assert upload.fields == FIELDS
    assert upload.received_torrent == make_torrent()
    status, markup = await client.get(f"/torrents/{upload.id}", headers={})
    assert (status, b"Homogenic" in markup) == (200, True)


async def test_json_values_need_not_be_text(client: Client) -> None:
    fields = FIELDS | {"category_id": 5, "anonymous": False, "year": None}
    assert (await client.send(fields, as_json=True))[0] == 200
    assert client.site.uploads[0].fields == FIELDS | {"anonymous": "0"}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": " "}, "The name is required."),
        ({"description": ""}, "The description is required."),
        ({"category_id": "1"}, "The category_id 1 is unknown."),
        ({"format_id": "FLAC"}, "The format_id FLAC is unknown."),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
async def test_a_refusal_says_why(
    client: Client, fields: Mapping[str, str], message: str, as_json: bool
) -> None:
    answer = await client.send({**FIELDS, **fields}, as_json=as_json)
    assert answer == (422, {"success": False, "message": message})
    assert client.site.uploads == []


@pytest.mark.parametrize("as_json", [False, True])
async def test_the_torrent_must_be_one(client: Client, as_json: bool) -> None:
    status, document = await client.send(torrent=b"no torrent", as_json=as_json)
    assert (status, document["message"]) == (422, "The torrent cannot be read.")


async def test_a_torrent_must_be_there_in_base64(client: Client) -> None:
    for torrent, message in (
        ("", "The torrent is required."),
        ("%%%", "The torrent is no base64."),
        ("é", "The torrent is no base64."),
    ):
        async with client.session.post(
            client.site.url + "/api/upload", json=FIELDS | {"torrent": torrent}, headers=KEY
        ) as response:
            assert (response.status, (await response.json())["message"]) == (422, message)


async def test_a_body_that_makes_no_sense_is_refused(client: Client) -> None:
    headers = KEY | {"Content-Type": "application/json"}
    for body in (b"{", b"[]", b"\xff", b"[" * 100_000):
        async with client.session.post(
            client.site.url + "/api/upload", data=body, headers=headers
        ) as response:
            assert (response.status, (await response.json())["success"]) == (422, False)


async def test_a_name_is_taken_once(client: Client) -> None:
    await client.send()
    assert await client.send(FIELDS | {"name": "HOMOGENIC"}) == (
        422,
        {"success": False, "message": "duplicate name"},
    )


@pytest.mark.parametrize(
    ("auth", "name", "headers", "query", "fields"),
    [
        (AuthType.BEARER, None, KEY, "", {}),
        (AuthType.TOKEN, None, {"Authorization": "token sandbox-key"}, "", {}),
        (AuthType.PARAM, None, {}, "?api_token=sandbox-key", {}),
        (AuthType.PARAM, "key", {}, "?key=sandbox-key", {}),
        (AuthType.HEADER, None, {"X-Api-Key": "sandbox-key"}, "", {}),
        (AuthType.FIELD, "secret", {}, "", {"secret": "sandbox-key"}),
        (
            AuthType.BASIC,
            None,
            {"Authorization": "Basic " + base64.b64encode(b"sandbox:sandbox-password").decode()},
            "",
            {},
        ),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
async def test_the_key_is_taken_in_one_way_only(
    auth: AuthType,
    name: str | None,
    headers: Mapping[str, str],
    query: str,
    fields: Mapping[str, str],
    as_json: bool,
) -> None:
    path = "/api/upload" + query
    async with running(auth=auth, auth_name=name) as client:
        sent = await client.send({**FIELDS, **fields}, path=path, headers=headers, as_json=as_json)
        assert sent[0] == 200
        assert client.site.uploads[0].fields == FIELDS
    other = AuthType.TOKEN if auth is AuthType.BEARER else AuthType.BEARER
    async with running(auth=other) as client:
        status, document = await client.send(
            {**FIELDS, **fields}, path=path, headers=headers, as_json=as_json
        )
        assert (status, document) == (401, {"success": False, "message": "Invalid API key."})
        assert client.site.uploads == []


async def test_a_session_is_no_way_to_send_a_key() -> None:
    with pytest.raises(ValueError, match="auth"):
        SandboxSettings(auth=AuthType.SESSION)


async def test_a_key_can_be_tested(client: Client) -> None:
    assert (await client.get("/api/me"))[0] == 200
    assert (await client.get("/api/me", headers={}))[0] == 401
    async with running(auth=AuthType.FIELD, auth_name="key") as other:
        assert (await other.get("/api/me?key=sandbox-key", headers={}))[0] == 200


async def test_one_format_of_bodies_may_be_asked_for() -> None:
    async with running(body_format=ApiFormat.JSON) as client:
        assert (await client.send())[0] == 415
        assert (await client.send(as_json=True))[0] == 200


async def test_uploads_may_go_elsewhere() -> None:
    async with running(upload_path="special/upload") as client:
        assert (await client.send(path="/special/upload"))[0] == 200
        assert await client.send() == (404, {"success": False, "message": "Not Found."})


async def test_the_registered_torrent_is_given_to_its_users(client: Client) -> None:
    sent = make_torrent(source="OTHER")
    await client.send(torrent=sent)
    path = f"/download/{client.site.uploads[0].id}"
    status, data = await client.get(path)
    metainfo = read_torrent(data)
    assert status == 200
    assert metainfo["announce"] == client.site.announce_url
    assert metainfo["info"] == read_torrent(sent)["info"] | {"source": "SANDBOX", "private": True}
    assert infohash(data) == infohash(client.site.uploads[0].torrent)
    assert (await client.get(path, headers={}))[0] == 401
    assert (await client.get("/download/1"))[0] == 404


async def test_requests_are_limited() -> None:
    async with running(rate_limit=(1, 60.0)) as client:
        assert (await client.get("/api/me"))[0] == 200
        async with client.session.get(client.site.url + "/api/me", headers=KEY) as response:
            assert response.status == 429
            assert int(response.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("fault", "status", "stored"),
    [
        (Fault.REFUSE, 422, 0),
        (Fault.SUCCESS_FALSE, 200, 0),
        (Fault.BANNED, 403, 0),
        (Fault.THROTTLE_ONCE, 429, 0),
        (Fault.ERROR_AFTER, 500, 1),
    ],
)
async def test_faults_that_answer(client: Client, fault: Fault, status: int, stored: int) -> None:
    client.site.fault = fault
    answer = await client.send()
    assert answer[0] == status
    assert answer[1].get("success", False) is False
    assert len(client.site.uploads) == stored


async def test_faults_of_the_download(client: Client) -> None:
    await client.send()
    path = f"/download/{client.site.uploads[0].id}"
    client.site.fault = Fault.BAD_TORRENT
    assert (await client.get(path))[1].startswith(b"<!DOCTYPE html>")
    client.site.fault = Fault.OTHER_PIECES
    other = read_torrent((await client.get(path))[1])["info"]["pieces"]
    assert other != read_torrent(client.site.uploads[0].torrent)["info"]["pieces"]
