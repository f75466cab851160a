"""The sandbox imitates a site of any make, as a plain client sees it."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from attrs import evolve

from tests.support.torrents import infohash, make_torrent
from trackers.described.description import LoginFormat
from trackers.sandbox import Fault, SandboxRules, SandboxSettings, SandboxSite
from trackers.sandbox.rules import AnswerTemplate, LoginRules
from trackers.tracker_config import ApiFormat, AuthType

JSON = {"Content-Type": "application/json"}
RULES = SandboxRules(
    custom_endpoint="takeupload.php?do=upload",
    api_auth_type=AuthType.BASIC,
    api_format=ApiFormat.DOCUMENT,
    document_field="payload",
    torrent_field="file",
    name_field="release.title",
    required=("release.title", "release.year"),
    known_ids={"release.kind": {"7"}, "tags.1": {"pop"}},
    page="details.php?id={id}",
    download_endpoint="details.php?act=get&id={id}",
    done=AnswerTemplate(201, JSON, '{"ok": 1, "torrent": {"id": {{ id }}, "at": {{ url | tojson }}}}'),
    duplicate=AnswerTemplate(409, JSON, '{"ok": 0, "there": {{ id }}, "why": {{ message | tojson }}}'),
    refused=AnswerTemplate(400, JSON, '{"ok": 0, "errors": {{ problems | tojson }}}'),
    unauthorized=AnswerTemplate(403, {"X-Why": "{{ message }}"}, "<p>{{ message }} {{ site }}</p>"),
)
DOCUMENT = {"release": {"title": "Homogenic", "year": 1997, "kind": 7}, "tags": ["art", "pop"], "anon": False}
OWNER = {"Authorization": "Basic " + base64.b64encode(b"sandbox:sandbox-password").decode()}
NOBODY: Mapping[str, str] = {}


class Client:
    def __init__(self, site: SandboxSite, session: aiohttp.ClientSession) -> None:
        self.site = site
        self.session = session

    async def send(
        self,
        document: object = DOCUMENT,
        *,
        torrent: bytes | None = None,
        headers: Mapping[str, str] = OWNER,
        file_field: str = "file",
    ) -> tuple[int, Any]:
        """A form with the document in one field; status and JSON of the answer."""
        form = aiohttp.FormData({"payload": document if isinstance(document, str) else json.dumps(document)})
        data = make_torrent() if torrent is None else torrent
        form.add_field(file_field, data, filename="a.torrent")
        return await self.post("/takeupload.php?do=upload", form, headers)

    async def post(self, path: str, data: Any, headers: Mapping[str, str] = OWNER) -> tuple[int, Any]:
        async with self.session.post(self.site.url + path, data=data, headers=headers) as response:
            text = await response.text()
            return response.status, json.loads(text) if text.startswith("{") else text


@asynccontextmanager
async def running(rules: SandboxRules = RULES, **settings: Any) -> AsyncIterator[Client]:
    async with (
        SandboxSite(rules, SandboxSettings(**{"rate_limit": None, **settings})) as site,
        aiohttp.ClientSession() as session,
    ):
        yield Client(site, session)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with running() as client:
        yield client


async def test_an_upload_is_stored_and_told_in_the_site_s_own_words(client: Client) -> None:
    status, answer = await client.send()
    (upload,) = client.site.uploads
    page = f"{client.site.url}/details.php?id={upload.id}"
    assert (status, answer) == (201, {"ok": 1, "torrent": {"id": upload.id, "at": page}})
    assert upload.name == "Homogenic"
    assert upload.fields == {
        "release.title": "Homogenic",
        "release.year": "1997",
        "release.kind": "7",
        "tags.0": "art",
        "tags.1": "pop",
        "anon": "0",
    }
    assert upload.received_torrent == make_torrent()
    async with client.session.get(page) as response:
        assert "<h1>Homogenic</h1>" in await response.text()


async def test_a_download_is_told_from_a_page_by_its_query(client: Client) -> None:
    await client.send()
    (upload,) = client.site.uploads
    address = f"{client.site.url}/details.php?act=get&id={upload.id}"
    async with client.session.get(address, headers=OWNER) as response:
        assert infohash(await response.read()) == upload.registered.infohash
    async with client.session.get(address) as response:
        assert response.status == 403
    async with client.session.get(f"{client.site.url}/details.php?id=7") as response:
        assert response.status == 404


@pytest.mark.parametrize("headers", [NOBODY, {"Authorization": "Basic Z3Vlc3M6Z3Vlc3M="}])
async def test_strangers_are_turned_away(client: Client, headers: Mapping[str, str]) -> None:
    address = f"{client.site.url}/takeupload.php"
    async with client.session.post(address, data={}, headers=headers) as response:
        assert (response.status, response.headers["X-Why"]) == (403, "You are not logged in.")
        assert response.headers["Content-Type"].startswith("text/html")
        assert client.site.url in await response.text()


@pytest.mark.parametrize(
    ("document", "errors"),
    [
        ({}, ["The release.title is required.", "The release.year is required."]),
        (
            {**DOCUMENT, "release": {"title": '"', "year": " "}},
            ["The release.year is required."],
        ),
        (
            {"release": {"title": "x", "year": 1, "kind": 99}, "tags": ["a", "b"]},
            ["The release.kind 99 is unknown.", "The tags.1 b is unknown."],
        ),
        ("no json", ["The field payload is no JSON object."]),
        ("[1]", ["The field payload is no JSON object."]),
        ("[" * 100_000, ["The field payload is no JSON object."]),
        (
            '{"a":' * 900 + "1" + "}" * 900,
            ["The release.title is required.", "The release.year is required."],
        ),
    ],
)
async def test_what_is_wrong_is_told(client: Client, document: object, errors: list[str]) -> None:
    status, answer = await client.send(document)
    assert (status, answer["ok"]) == (400, 0)
    assert answer["errors"] == errors
    assert client.site.uploads == []


async def test_what_is_no_torrent_is_refused(client: Client) -> None:
    assert (await client.send(torrent=b"d4:infoe"))[1]["errors"] == ["The torrent cannot be read."]
    assert (await client.send(file_field="torrent"))[1]["errors"] == ["The file file is required."]
    assert (await client.post("/takeupload.php", b"{}"))[1]["errors"] == ["The body must be form."]


@pytest.mark.parametrize("title", ["HOMOGENIC", "Another title"])
async def test_a_duplicate_is_told_apart(client: Client, title: str) -> None:
    await client.send()
    status, answer = await client.send({"release": {"title": title, "year": 1997}})
    (upload,) = client.site.uploads
    assert (status, answer) == (
        409,
        {"ok": 0, "there": upload.id, "why": "Homogenic is here already."},
    )


async def test_a_name_cannot_break_out_of_a_header() -> None:
    rules = evolve(RULES, done=AnswerTemplate(200, {"X-Name": "{{ name }}"}))
    document = {**DOCUMENT, "release": {"title": "a\r\nSet-Cookie: b=c", "year": 1}}
    async with running(rules) as client:
        assert await client.send(document) == (200, "")
        assert client.site.uploads[0].name == "a\r\nSet-Cookie: b=c"
        assert len(client.session.cookie_jar) == 0


async def test_a_template_that_fails_is_the_server_s_error() -> None:
    async with running(evolve(RULES, done=AnswerTemplate(200, body="{{ id / 0 }}"))) as client:
        status, text = await client.send()
        assert (status, "division by zero" in text) == (500, True)


KEYS: Mapping[AuthType, tuple[Mapping[str, str], Mapping[str, str]]] = {
    AuthType.BEARER: ({"Authorization": "Bearer sandbox-key"}, {}),
    AuthType.TOKEN: ({"Authorization": "token sandbox-key"}, {}),
    AuthType.HEADER: ({"X-Key": "sandbox-key"}, {}),
    AuthType.PARAM: ({}, {"X-Key": "sandbox-key"}),
}


@pytest.mark.parametrize("auth", KEYS)
async def test_a_json_body_holds_its_torrent_in_base64(auth: AuthType) -> None:
    headers, query = KEYS[auth]
    rules = evolve(RULES, api_auth_type=auth, api_auth_name="X-Key", api_format=ApiFormat.JSON)
    torrent = base64.b64encode(make_torrent()).decode()
    async with running(rules) as client:

        async def send(body: object, headers: Mapping[str, str]) -> tuple[int, Any]:
            address = client.site.url + "/takeupload.php"
            async with client.session.post(address, json=body, headers=headers, params=query) as response:
                return response.status, await response.json()

        assert (await send({**DOCUMENT, "file": "%"}, headers))[1]["errors"] == ["The torrent is no base64."]
        assert (await send({**DOCUMENT, "file": torrent}, headers))[0] == 201
        (upload,) = client.site.uploads
        assert upload.received_torrent == make_torrent()
        assert "file" not in upload.fields


async def test_a_key_in_a_field_is_not_stored() -> None:
    rules = evolve(RULES, api_auth_type=AuthType.FIELD, api_auth_name="key", api_format=ApiFormat.FORM)
    async with running(evolve(rules, required=(), name_field="title")) as client:
        form = aiohttp.FormData({"key": "sandbox-key", "title": "Homogenic"})
        form.add_field("file", make_torrent(), filename="a.torrent")
        assert (await client.post("/takeupload.php", form, NOBODY))[0] == 201
        assert client.site.uploads[0].fields == {"title": "Homogenic"}


TOKEN_LOGIN = LoginRules(
    endpoint="api/login",
    fields={"user.name": "{{ username }}", "user.secret": "{{ password }}"},
    format=LoginFormat.JSON,
    header_name="Authorization",
    header_value="JWT {{ token }}",
    lasts=2,
    done=AnswerTemplate(200, JSON, '{"data": {"jwt": {{ token | tojson }}}}'),
    refused=AnswerTemplate(403, JSON, '{"why": {{ message | tojson }}}'),
)


async def test_a_login_answers_with_a_token_that_is_sent_afterwards() -> None:
    rules = evolve(RULES, api_auth_type=AuthType.SESSION, login=TOKEN_LOGIN)
    async with running(rules) as client:

        async def log_in(secret: str) -> tuple[int, Any]:
            body = {"user": {"name": "sandbox", "secret": secret}}
            async with client.session.post(f"{client.site.url}/api/login", json=body) as response:
                return response.status, await response.json()

        assert await log_in("guess") == (403, {"why": "Wrong username or password."})
        status, answer = await log_in("sandbox-password")
        assert status == 200
        client.session.headers["Authorization"] = f"JWT {answer['data']['jwt']}"
        assert (await client.send(headers=NOBODY))[0] == 201
        assert (await client.send(headers=NOBODY))[0] == 409
        assert (await client.send(headers=NOBODY))[0] == 403
        assert await client.post("/api/login", {"user": "sandbox"}, NOBODY) == (
            403,
            {"why": "The body must be json."},
        )


async def test_faults_strike_it_as_any_site(client: Client) -> None:
    client.site.fault = Fault.REFUSE
    assert (await client.send())[1] == {"ok": 0, "errors": ["The release breaks a rule of the site."]}
    client.site.fault = Fault.SUCCESS_FALSE
    assert await client.send() == (200, {"ok": 0, "errors": ["The upload was not accepted."]})
    client.site.fault = Fault.BANNED
    assert (await client.send())[0] == 403
    client.site.fault = Fault.ERROR_AFTER
    assert (await client.send())[0] == 500
    assert len(client.site.uploads) == 1
    assert [request.path for request in client.site.requests] == ["/takeupload.php"] * 4
