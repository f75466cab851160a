"""Three sites that nobody here has seen, each of a make of its own: independent servers."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Literal
from urllib.parse import unquote

from aiohttp import BodyPartReader, web
from attrs import define, field

from tests.support.torrents import infohash

USERNAME, PASSWORD = "tester", "swordfish-4711"
PASSKEY = "0123456789abcdef0123456789abcdef"


@define
class Stored:
    """An upload as it reached the site."""

    fields: Mapping[str, Any]
    torrent: bytes
    filename: str = ""


@define
class InventedSite:
    """What all three have: an address, what is stored, and what came in."""

    url: str = ""
    uploads: list[Stored] = field(factory=list)
    creations: int = 0
    """Requests that reached what stores uploads."""
    posts: int = 0
    """Requests to the upload's address, those without a login included."""
    logins: int = 0
    refuses: str | None = None
    """Words with which the next uploads are refused."""
    forget_logins: bool = False
    """The next upload finds its login expired, once."""
    breaks_off: Literal["", "stored", "not stored"] = ""
    """The next upload is read whole, and gets no answer, whether it was stored or not."""
    searches: int = 0
    headers: list[Mapping[str, str]] = field(factory=list)

    @property
    def announce_url(self) -> str:
        return f"{self.url}/announce/{PASSKEY}"

    def has(self, name: str) -> bool:
        return any(name in json.dumps(stored.fields) for stored in self.uploads)

    def store(self, stored: Stored) -> int:
        self.uploads.append(stored)
        return len(self.uploads)

    def broken_off(self, request: web.Request, wanted: Literal["stored", "not stored"]) -> bool:
        """Whether the connection is broken here, once."""
        if self.breaks_off != wanted:
            return False
        self.breaks_off = ""
        assert request.transport is not None
        request.transport.abort()
        return True

    def application(self) -> web.Application:
        app = web.Application(client_max_size=1 << 24)
        app.add_routes(self.routes())
        return app

    def routes(self) -> list[web.RouteDef]:
        return []


@asynccontextmanager
async def served(site: InventedSite) -> AsyncIterator[InventedSite]:
    """The site on a port of its own, at an address that is an IP address."""
    runner = web.AppRunner(site.application(), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        site.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield site
    finally:
        await runner.cleanup()


async def parts_of(request: web.Request) -> dict[str, tuple[bytes, str | None]]:
    """The parts of a multipart form, and the names of those that are files."""
    found: dict[str, tuple[bytes, str | None]] = {}
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        found[part.name or ""] = (bytes(await part.read()), part.filename)
    return found


@define
class CrateSite(InventedSite):
    """HTTP basic; a form with one field `payload` that holds a JSON document; answers JSON as text/html."""

    holds_back: bool = False
    """It says `ok` of the next uploads, and stores none of them."""

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/v2/crates", self.create)]

    async def create(self, request: web.Request) -> web.Response:
        self.posts += 1
        self.headers.append(dict(request.headers))
        sent = request.headers.get("Authorization", "").removeprefix("Basic ")
        if base64.b64decode(sent).decode() != f"{USERNAME}:{PASSWORD}":
            return self.say(401, {"state": "denied", "why": ["unknown user"]})
        self.creations += 1
        parts = await parts_of(request)
        document = json.loads(parts["payload"][0])
        if self.refuses:
            return self.say(200, {"state": "bad", "why": {"display_name": [self.refuses], "genre": ["odd"]}})
        if self.has(document["display_name"]):
            return self.say(200, {"state": "bad", "why": ["this crate is here already"]})
        if self.holds_back:
            return self.say(200, {"state": "ok", "crate": {"no": None}})
        torrent, filename = parts["crate"]
        number = self.store(Stored(document, torrent, filename or ""))
        return self.say(200, {"state": "ok", "crate": {"no": number, "page": f"/crates/{number}"}})

    def say(self, status: int, document: object) -> web.Response:
        return web.Response(status=status, text=json.dumps(document), content_type="text/html")


@define
class VaultSite(InventedSite):
    """A login that answers with a token; a JSON body, the torrent in base64; success is a status."""

    valid: set[str] = field(factory=set)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/api/session", self.log_in),
            web.get("/api/entries", self.search),
            web.post("/api/entries", self.create),
        ]

    async def log_in(self, request: web.Request) -> web.Response:
        self.logins += 1
        sent = await request.json()
        if sent != {"user": USERNAME, "secret": PASSWORD, "remember": True}:
            return web.json_response({"error": {"text": "no such user, or a wrong secret"}}, status=422)
        token = f"vault-token-{self.logins:08d}"
        self.valid.add(token)
        return web.json_response({"data": {"session": {"token": token}}})

    async def create(self, request: web.Request) -> web.Response:
        self.posts += 1
        self.headers.append(dict(request.headers))
        document = await request.json()
        if self.forget_logins:
            self.valid.clear()
            self.forget_logins = False
        if request.headers.get("X-Vault", "").removeprefix("session ") not in self.valid:
            return web.json_response({"code": "E_SESSION"}, status=403)
        self.creations += 1
        if self.refuses:
            return web.json_response({"code": "E_INVALID", "errors": [self.refuses]}, status=400)
        if self.has(document["title"]):
            return web.json_response({"code": "E_TWICE", "errors": ["held since 2001"]}, status=409)
        file = document["file"]
        if self.broken_off(request, "not stored"):
            return web.Response()
        number = self.store(Stored(document, base64.b64decode(file["content"]), file["name"]))
        if self.broken_off(request, "stored"):
            return web.Response()
        return web.json_response({"entry": number, "href": self.page_of(number)}, status=201)

    async def search(self, request: web.Request) -> web.Response:
        """By infohash or title."""
        self.searches += 1
        if request.headers.get("X-Vault", "").removeprefix("session ") not in self.valid:
            return web.json_response({"code": "E_SESSION"}, status=403)
        wanted = (request.query.get("hash"), request.query.get("title"))
        listed = [self.entry(number, stored) for number, stored in enumerate(self.uploads, 1)]
        found = [
            entry for entry in listed if entry["hash"].lower() == wanted[0] or entry["title"] == wanted[1]
        ]
        return web.json_response({"entries": found})

    def entry(self, number: int, stored: Stored) -> dict[str, Any]:
        return {
            "entry": number,
            "href": self.page_of(number),
            "title": stored.fields["title"],
            "hash": infohash(stored.torrent).upper(),
        }

    def page_of(self, number: int) -> str:
        return f"{self.url}/entry/{number}"


LOGIN_PAGE = """<html><title>Log in</title><form method="post">
<input type="hidden" name="token" value="{}">
<input name="nick"><input name="pw" type="password"></form></html>"""
FORM_PAGE = """<html><title>Upload</title><form method="post" enctype="multipart/form-data">
<input type="hidden" name="form_key" value="{}"><input type="file" name="torrent_file"></form></html>"""
ERROR_PAGE = """<html><title>Upload</title><ul class="errors">
<li class="error">{} &amp; more</li><li class="error">the cover is missing</li></ul></html>"""


@define
class AtticSite(InventedSite):
    """A login form with a CSRF token, and secure cookies; answers to uploads are pages and redirects.

    The upload's form has a token of its own, which is good for one upload.
    """

    sessions: set[str] = field(factory=set)
    tokens: set[str] = field(factory=set)
    form_keys: set[str] = field(factory=set)
    forms: int = 0
    """Requests for the upload's form."""
    form_page: str = FORM_PAGE
    forget_at_form: bool = False
    """The next request for the form finds its login expired, once."""

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/login.php", self.login_page),
            web.post("/login.php", self.log_in),
            web.get("/upload.php", self.upload_page),
            web.post("/upload.php", self.create),
        ]

    async def upload_page(self, request: web.Request) -> web.Response:
        self.forms += 1
        if self.forget_at_form:
            self.sessions.clear()
            self.forget_at_form = False
        if request.cookies.get("attic") not in self.sessions:
            return web.Response(status=302, headers={"Location": "/login.php?next=upload"})
        if "application/json" in request.headers.get("Accept", ""):
            return web.Response(status=406)
        key = f"form+key/{self.forms:06d}=="
        self.form_keys.add(key)
        return self.page(self.form_page.format(key.replace("+", "&#43;")))

    async def login_page(self, request: web.Request) -> web.Response:
        token = f"csrf+token/{len(self.tokens):06d}=="
        self.tokens.add(token)
        answer = self.page(LOGIN_PAGE.format(token.replace("+", "&#43;")))
        answer.set_cookie("visit", token, secure=True)
        return answer

    async def log_in(self, request: web.Request) -> web.Response:
        self.logins += 1
        assert request.content_type == "application/x-www-form-urlencoded"
        sent = await request.post()
        token = sent["token"]
        if token not in self.tokens or request.cookies.get("visit") != token:
            return web.Response(status=419, text="page expired")
        if (sent["nick"], sent["pw"]) != (USERNAME, PASSWORD):
            return self.page("<html><p class='warning'>Wrong nick or password.</p></html>")
        session = f"attic-session-{self.logins:08d}"
        self.sessions.add(session)
        answer = web.Response(status=302, headers={"Location": "/home.php"})
        answer.set_cookie("attic", session, secure=True, httponly=True)
        return answer

    async def create(self, request: web.Request) -> web.Response:
        self.posts += 1
        self.headers.append(dict(request.headers))
        parts = await parts_of(request)
        if self.forget_logins:
            self.sessions.clear()
            self.forget_logins = False
        if request.cookies.get("attic") not in self.sessions:
            return web.Response(status=302, headers={"Location": "/login.php?next=upload"})
        fields = {name: data.decode() for name, (data, filename) in parts.items() if filename is None}
        if fields.get("form_key") not in self.form_keys:
            return web.Response(status=419, text="page expired")
        self.form_keys.remove(fields["form_key"])
        self.creations += 1
        if self.refuses:
            return self.page(ERROR_PAGE.format(self.refuses))
        if self.has(fields["release_name"]):
            return self.page(ERROR_PAGE.format('This is a dupe of <a href="/t.php?id=1">one</a>'))
        torrent, filename = parts["torrent_file"]
        assert filename == unquote(filename or "")
        number = self.store(Stored(fields, torrent, filename or ""))
        return web.Response(status=303, headers={"Location": f"/t.php?id={number}&new=1"})

    def page(self, text: str) -> web.Response:
        return web.Response(text=text, content_type="text/html")
