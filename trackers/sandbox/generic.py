"""A site of no particular software: what the generic family of adapters expects by default."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence

from aiohttp import web
from anyio import to_thread
from attrs import evolve

from ..tracker_config import ApiFormat
from .answers import Refused, json_answer, page, torrent_answer
from .body import Body
from .credentials import expected, name_of, presented
from .face import guarded, throttle
from .faults import Fault
from .limiter import FixedWindow
from .state import SiteState, StoredFile, StoredUpload
from .torrents import NoFilesInTorrent, RegisteredTorrent, UnreadableTorrent, personal_copy, register

REQUIRED = ("name", "description", "category_id", "format_id")


class GenericFace:
    def __init__(self, state: SiteState) -> None:
        self._state = state
        self._settings = state.settings
        self._window = FixedWindow(*state.settings.rate_limit) if state.settings.rate_limit else None
        self._auth_name = name_of(state.settings.auth, state.settings.auth_name)

    @property
    def upload_path(self) -> str:
        return "/" + self._settings.upload_path.strip("/")

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.get("/api/me", guarded(self, self._me)),
            web.get("/download/{id:[0-9]{1,18}}", guarded(self, self._download)),
            web.get("/torrents/{id:[0-9]{1,18}}", self._page),
        ]

    def admit(self, request: web.Request, body: Body) -> Mapping[str, str]:
        auth = self._settings.auth
        if presented(request, body, auth, self._auth_name) != expected(self._settings, auth):
            raise Refused(_refusal("Invalid API key.", 401))
        headers = throttle(self, request, self._window)
        if self._state.fault is Fault.BANNED:
            raise Refused(_refusal("This account is banned.", 403, headers))
        return headers

    async def store(self, request: web.Request, body: Body) -> StoredUpload:
        body = self._with_torrent(body)
        fields = {name: value.strip() for name, value in body.fields.items() if value.strip()}
        registered = await self._register(body.files["torrent"])
        for problem in self._problems(fields):
            raise Refused(_refusal(problem))
        return self._state.add(
            StoredUpload(
                id=0,
                name=fields["name"],
                fields={name: value for name, value in fields.items() if name != self._auth_name},
                files=body.files,
                registered=registered,
                received_torrent=body.files["torrent"].data,
            )
        )

    def stored(self, upload: StoredUpload) -> web.Response:
        return json_answer({"success": True, "id": upload.id, "url": self._page_link(upload)})

    def rule_broken(self) -> web.Response:
        return _refusal("The release breaks a rule of the site.")

    def unsuccessful(self) -> web.Response:
        return _refusal("The upload was not accepted.", 200)

    def throttled(self, request: web.Request, headers: Mapping[str, str]) -> web.Response:
        return _refusal("Too many requests.", 429, headers)

    def server_error(self, request: web.Request) -> web.Response:
        return json_answer({"message": "Server Error"}, 500)

    def http_error(self, request: web.Request, error: web.HTTPException) -> web.Response:
        allow = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
        return _refusal(f"{error.reason}.", error.status, allow)

    def _with_torrent(self, body: Body) -> Body:
        """The body with its torrent among the files, whichever format it came in."""
        wanted = self._settings.body_format
        if wanted and body.format is not wanted:
            raise Refused(_refusal(f"The body must be {wanted}.", 415))
        if body.format is ApiFormat.JSON:
            body = _decoded(body)
        if "torrent" not in body.files:
            raise Refused(_refusal("The torrent is required."))
        return body

    async def _register(self, file: StoredFile) -> RegisteredTorrent:
        try:
            return await to_thread.run_sync(
                lambda: register(file.data, source=self._settings.source, random_infohash=False)
            )
        except (UnreadableTorrent, NoFilesInTorrent):
            raise Refused(_refusal("The torrent cannot be read.")) from None

    def _problems(self, fields: Mapping[str, str]) -> list[str]:
        problems = [f"The {name} is required." for name in REQUIRED if name not in fields]
        known = {"category_id": self._settings.category_ids, "format_id": self._settings.type_ids}
        problems += [
            f"The {name} {fields[name]} is unknown."
            for name, ids in known.items()
            if name in fields and fields[name] not in ids
        ]
        if self._state.has_name(fields.get("name", "")):
            problems.append("duplicate name")
        return problems

    async def _me(self, request: web.Request) -> web.Response:
        return json_answer({"success": True, "username": self._settings.username})

    async def _download(self, request: web.Request) -> web.Response:
        upload = self._find(request)
        if self._state.fault is Fault.BAD_TORRENT:
            return page("Download")
        copy = await to_thread.run_sync(
            lambda: personal_copy(
                upload.torrent,
                announce=self._state.announce_url,
                page=self._page_link(upload),
                other_pieces=self._state.fault is Fault.OTHER_PIECES,
            )
        )
        return torrent_answer(copy, upload.name)

    async def _page(self, request: web.Request) -> web.Response:
        upload = self._find(request)
        return page(upload.name, text=upload.fields["description"])

    def _find(self, request: web.Request) -> StoredUpload:
        upload = self._state.find(int(request.match_info["id"]))
        if upload is None:
            raise Refused(_refusal("There is no such torrent.", 404))
        return upload

    def _page_link(self, upload: StoredUpload) -> str:
        return f"{self._state.url}/torrents/{upload.id}"


def _refusal(message: str, status: int = 422, headers: Mapping[str, str] | None = None) -> web.Response:
    return json_answer({"success": False, "message": message}, status, headers=headers)


def _decoded(body: Body) -> Body:
    fields = dict(body.fields)
    try:
        data = base64.b64decode(fields.pop("torrent", ""), validate=True)
    except ValueError:
        raise Refused(_refusal("The torrent is no base64.")) from None
    if not data:
        return body
    return evolve(
        body, fields=fields, files={"torrent": StoredFile("upload.torrent", "application/x-bittorrent", data)}
    )
