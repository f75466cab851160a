"""A Gazelle site: its keys and logins, its upload by API and by form, its look-ups, its downloads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiohttp import web
from anyio import to_thread

from .answers import Refused, json_answer, page, torrent_answer
from .body import Body, read_body
from .face import throttle
from .faults import Fault
from .gazelle_catalogue import Catalogue, Table
from .gazelle_fields import BadField, Upload, read_fields
from .gazelle_kinds import GazelleKind
from .gazelle_limiter import ActionCounter
from .gazelle_pages import Pages, to_login
from .gazelle_torrents import (
    BadTorrent,
    Broken,
    Received,
    file_problems,
    folder_problem,
    register,
)
from .limiter import FixedWindow
from .state import SiteState, StoredFile, StoredUpload
from .torrents import personal_copy

RED_LIMIT = (10, 10.0)
"""Requests of any kind in so many seconds."""
NEEDING_A_TOKEN = {
    True: "This page requires an api token",
    False: "This page is limited to API key usage only.",
}
LIMITED = "Rate limit exceeded"
HALF_STORED = "Internal error saving torrent file. Please report this in the bugs forum."
BANNED = "your ip address has been banned"


class GazelleFace:
    upload_path = "/{page:ajax|upload}.php"

    def __init__(self, state: SiteState, kind: GazelleKind) -> None:
        self._state = state
        self._settings = state.settings
        self._kind = kind
        self._catalogue = Catalogue(kind, state)
        self._pages = Pages(kind, state)
        is_limited = state.settings.rate_limit is not None
        self._counter = ActionCounter() if is_limited and kind.always_200 else None
        self._window = FixedWindow(*RED_LIMIT) if is_limited and not kind.always_200 else None
        self._received: dict[int, tuple[Received, bool]] = {}
        """What was right of each torrent, and whether it came by the form."""

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.get("/ajax.php", self._ajax),
            web.get("/torrents.php", self._torrents_page),
            web.get("/upload.php", self._form),
            web.get("/index.php", self._front),
            web.get("/", self._front),
            web.get("/login.php", self._login_page),
            web.post("/login.php", self._log_in),
        ]

    # Uploads

    def admit(self, request: web.Request, body: Body) -> Mapping[str, str]:
        if _is_form(request):
            self._let_in_by_cookie(request)
        else:
            self._let_in(request, needs_token="auth" not in body.fields)
            if "upload" not in (request.query.get("action"), body.fields.get("action")):
                raise Refused(self._failure("unknown action"))
        return self._throttle(request, "upload")

    async def store(self, request: web.Request, body: Body) -> StoredUpload:
        by_form = _is_form(request)
        if by_form and not body.fields.get("submit"):
            raise Refused(self._pages.upload_form())
        if by_form and body.fields.get("auth") != self._pages.authkey:
            raise Refused(self._pages.wrong_auth())
        try:
            return await self._store(body, by_form=by_form)
        except Broken:
            raise Refused(self.server_error(request)) from None
        except (BadField, BadTorrent) as error:
            if by_form and self._kind.form_of_ancestor:
                raise Refused(self._pages.upload_form(str(error))) from None
            raise Refused(self._failure(str(error))) from None

    async def _store(self, body: Body, *, by_form: bool) -> StoredUpload:
        terms = read_fields(body.fields, self._kind, [*self._catalogue.groups], by_form=by_form)
        file = _torrent_file(body)
        received = await to_thread.run_sync(register, file.data, file.filename, self._settings.source)
        self._check(received)
        _check_logs(body, terms, received)
        group = self._catalogue.group_for(terms)
        upload = self._state.add(
            StoredUpload(
                id=0,
                name=group.title,
                fields={
                    **{name: text for name, text in body.fields.items() if name != "auth"},
                    "group": str(group.id),
                },
                files=body.files,
                registered=received.registered,
                received_torrent=file.data,
            )
        )
        self._catalogue.add(upload, group, terms)
        self._received[upload.id] = received, by_form
        return upload

    def _check(self, received: Received) -> None:
        registered = received.registered
        if problem := folder_problem(registered):
            raise BadTorrent(problem)
        if there := self._state.hashed(registered.infohash):
            group = self._catalogue.listed[there.id].group.id
            link = f"torrents.php?id={group}&amp;torrentid={there.id}#torrent{there.id}"
            raise BadTorrent(
                f'The exact same torrent file already exists on the site! <a href="{link}">View</a>'
            )
        for problem in file_problems(registered, self._kind):
            raise BadTorrent(problem)

    def stored(self, upload: StoredUpload) -> web.Response:
        received, by_form = self._received[upload.id]
        if self._state.fault is Fault.HALF_STORED:
            return self._half_stored(by_form=by_form)
        group = self._catalogue.listed[upload.id].group.id
        was_right = received.was_private and received.had_source
        if by_form:
            return self._pages.stored(group, was_changed=not was_right)
        flags = {"private": received.was_private, "source": received.had_source}
        if not self._kind.camel_case:
            return self._success({**flags, "requestid": None, "torrentid": upload.id, "groupid": group})
        link = f'<a href="torrents.php?id={group}&amp;torrentid={upload.id}">here</a>'
        warnings = [] if was_right else [f"You must download the corrected torrent from {link}"]
        return self._success({"groupId": group, "torrentId": upload.id, **flags, "warnings": warnings})

    def _half_stored(self, *, by_form: bool) -> web.Response:
        is_page = by_form and self._kind.form_of_ancestor
        return self._pages.upload_form(HALF_STORED) if is_page else self._failure(HALF_STORED)

    def rule_broken(self) -> web.Response:
        return self._failure("Please select a valid media.")

    def unsuccessful(self) -> web.Response:
        return self._failure("Your upload was not accepted.", 200)

    def throttled(self, request: web.Request, headers: Mapping[str, str]) -> web.Response:
        if self._kind.always_200:
            return self._failure(LIMITED)
        response = self._failure(LIMITED, 429)
        response.headers.update({name: text for name, text in headers.items() if name == "Retry-After"})
        return response

    def server_error(self, request: web.Request) -> web.Response:
        """PHP's, with nothing in it."""
        return web.Response(status=500, content_type="application/json")

    def http_error(self, request: web.Request, error: web.HTTPException) -> web.Response:
        return page(f"Error {error.status}", error.status)

    # The API

    async def _ajax(self, request: web.Request) -> web.Response:
        action = request.query.get("action", "")
        self._let_in(request, needs_token=action == "download")
        self._throttle(request, action)
        match action:
            case "index":
                return self._success(self._index())
            case "torrent":
                return self._torrent(request)
            case "torrentgroup":
                return self._torrent_group(request)
            case "browse":
                return self._success(self._catalogue.browse(request.query))
            case "download":
                return await self._download(request)
            case _:
                return self._failure("unknown action")

    def _index(self) -> Table:
        stats = {"uploaded": 0, "downloaded": 0, "ratio": -1, "requiredratio": 0, "class": "User"}
        return {
            "username": self._settings.username,
            "id": 2,
            "authkey": self._pages.authkey,
            "passkey": self._settings.passkey,
            "userstats": stats,
        }

    def _torrent(self, request: web.Request) -> web.Response:
        torrent_id, infohash = request.query.get("id"), request.query.get("hash")
        if torrent_id and infohash:
            return self._failure("bad parameters")
        upload = (
            self._state.hashed(infohash.lower())
            if infohash
            else self._state.find(int(torrent_id))
            if torrent_id and torrent_id.isdigit()
            else None
        )
        if upload is None:
            return self._failure(self._kind.not_found if infohash else self._no_such_id)
        return self._success(self._catalogue.torrent_reply(self._catalogue.listed[upload.id]))

    @property
    def _no_such_id(self) -> str:
        return "bad parameters" if self._kind.always_200 else "bad id parameter"

    def _torrent_group(self, request: web.Request) -> web.Response:
        group_id = request.query.get("id", "")
        group = self._catalogue.groups.get(int(group_id)) if group_id.isdigit() else None
        if group is None:
            return self._failure(self._no_such_id)
        return self._success(self._catalogue.group_reply(group))

    async def _download(self, request: web.Request) -> web.Response:
        torrent_id = request.query.get("id", "")
        upload = self._state.find(int(torrent_id)) if torrent_id.isdigit() else None
        if upload is None:
            return self._failure("could not find torrent", 404)
        if self._state.fault is Fault.BAD_TORRENT:
            return page("Download")
        listed = self._catalogue.listed[upload.id]
        link = f"{self._state.url}/torrents.php?id={listed.group.id}&torrentid={upload.id}"
        copy = await to_thread.run_sync(
            lambda: personal_copy(
                upload.torrent,
                announce=self._state.announce_url,
                page=link,
                other_pieces=self._state.fault is Fault.OTHER_PIECES,
            )
        )
        terms = listed.terms
        facts = f"({terms.media}-{terms.format}-{terms.encoding})-{upload.id}"
        return torrent_answer(copy, f"{listed.group.year}.{upload.name}.{facts}")

    # Pages

    async def _torrents_page(self, request: web.Request) -> web.Response:
        self._let_in_by_cookie(request)
        query = request.query
        if query.get("action") == "download":
            return await self._download(request)
        found = self._state.hashed(query["searchstr"].lower()) if "searchstr" in query else None
        if found is not None:
            group = self._catalogue.listed[found.id].group.id
            return web.Response(
                status=302, headers={"Location": f"torrents.php?id={group}&torrentid={found.id}"}
            )
        torrent_id = query.get("torrentid", "")
        upload = self._state.find(int(torrent_id)) if torrent_id.isdigit() else None
        return self._pages.torrent(upload) if upload else page("Error 404")

    async def _form(self, request: web.Request) -> web.Response:
        self._let_in_by_cookie(request)
        return self._pages.upload_form()

    async def _front(self, request: web.Request) -> web.Response:
        self._let_in_by_cookie(request)
        return page(self._kind.name, text=f"Welcome, {self._settings.username}.")

    async def _login_page(self, request: web.Request) -> web.Response:
        return self._pages.login_page()

    async def _log_in(self, request: web.Request) -> web.Response:
        return self._pages.log_in(await read_body(request))

    # Who comes in

    def _let_in(self, request: web.Request, *, needs_token: bool) -> None:
        """A header is looked at before any cookie. Raises Refused."""
        shown = request.headers.get("Authorization")
        if shown is None:
            self._let_in_by_cookie(request)
            if needs_token:
                raise Refused(self._failure(NEEDING_A_TOKEN[self._kind.always_200]))
        elif shown.removeprefix(self._kind.token_prefix) != self._settings.api_key:
            raise Refused(self._failure("invalid token", 401))
        elif self._state.fault is Fault.BANNED:
            raise Refused(self._failure(BANNED, 401))

    def _let_in_by_cookie(self, request: web.Request) -> None:
        """Pages know no token."""
        if not self._pages.knows(request) or self._state.fault is Fault.BANNED:
            raise Refused(to_login())

    def _throttle(self, request: web.Request, action: str) -> Mapping[str, str]:
        if self._counter is not None and self._counter.refuses(action):
            raise Refused(self.throttled(request, {}))
        throttle(self, request, self._window)
        return {}

    def _success(self, response: Table) -> web.Response:
        return json_answer({"status": "success", "response": response, "info": self._info})

    def _failure(self, error: str, status: int = 400) -> web.Response:
        """The one of OPS has an empty list where a success has an object."""
        document: Table = {"status": "failure", "error": error}
        if self._kind.always_200:
            return json_answer({**document, "response": [], "info": self._info})
        return json_answer(document, status)

    @property
    def _info(self) -> Table:
        return {"source": self._kind.name, "version": 1}


def _is_form(request: web.Request) -> bool:
    return request.path == "/upload.php"


def _torrent_file(body: Body) -> StoredFile:
    """Raises BadTorrent."""
    file = body.files.get("file_input")
    name = file.filename if file else ""
    if file is None or not name.lower().endswith(".torrent"):
        raise BadTorrent(
            f"You seem to have put something other than a torrent file into the upload field. ({name})."
        )
    if not file.data:
        raise BadTorrent("No torrent file uploaded, or file is empty.")
    return file


def _check_logs(body: Body, terms: Upload, received: Received) -> None:
    """Logs that are no list break the site, where they count at all. Raises Broken."""
    counts = (terms.media, terms.encoding) == ("CD", "Lossless")
    has_log = any(file.path.lower().endswith(".log") for file in received.registered.files)
    if counts and has_log and "logfiles" in body.files:
        raise Broken
