"""A UNIT3D site: its keys, its upload, its downloads."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence

from aiohttp import web
from anyio import to_thread

from . import unit3d_answers
from .answers import Refused, answered, json_answer, page, torrent_answer
from .body import Body
from .face import guarded, throttle
from .faults import Fault
from .limiter import FixedWindow
from .state import SiteState, StoredFile, StoredUpload
from .torrents import (
    NoFilesInTorrent,
    RegisteredTorrent,
    UnreadableTorrent,
    is_bad_name,
    is_utf8,
    personal_copy,
    register,
)
from .unit3d_answers import error_answer, not_found, unauthenticated, validation_error
from .unit3d_fields import breaks_after_saving, breaks_saving, cleaned, leading_number, problems
from .unit3d_search import Search

NO_FILE = "You Must Provide A Torrent File For Upload!"
INVALID_FILE = "You Must Provide A Valid Torrent File For Upload!"
INVALID_NAMES = "Invalid Filenames In Torrent Files!"
LARGEST_TORRENT = 10_000_000
"""Bytes; the server's `upload_max_filesize`."""
TRUE_WORDS = frozenset({"1", "true", "on", "yes"})


class Unit3dFace:
    upload_path = "/api/torrents/upload"

    def __init__(self, state: SiteState) -> None:
        self._state = state
        self._settings = state.settings
        self._search = Search(state)
        limit = state.settings.rate_limit
        self._api_window = FixedWindow(*limit) if limit else None
        self._rss_window = FixedWindow(*limit) if limit else None

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.get("/api/torrents/filter", guarded(self, self._search.filter)),
            web.get("/api/torrents/{id:[0-9]{1,18}}", guarded(self, self._search.show)),
            web.get("/api/torrents", guarded(self, self._search.index)),
            web.get("/api/user", guarded(self, self._user)),
            web.get("/torrent/download/{id:[0-9]{1,18}}.{rsskey}", self._download),
            web.get("/torrents/{id:[0-9]{1,18}}", self._page),
            web.get("/login", self._login),
        ]

    def admit(self, request: web.Request, body: Body) -> Mapping[str, str]:
        if _key(request, body) != self._settings.api_key:
            raise Refused(unauthenticated(request, self._state.url))
        headers = throttle(self, request, self._api_window)
        if self._state.fault is Fault.BANNED:
            raise Refused(json_answer({"message": "This Account is Banned!"}, headers=headers))
        return headers

    async def store(self, request: web.Request, body: Body) -> StoredUpload:
        fields = cleaned(body.fields)
        file = self._torrent_file(body)
        registered = await self._register(request, file)
        category = leading_number(fields.get("category_id", ""))
        if category not in self._settings.category_ids:
            raise Refused(not_found(request, "Category", category))
        fields["category_id"] = category
        if errors := problems(fields, registered, self._state):
            raise Refused(validation_error(errors))
        if breaks_saving(fields, body.files) or not _fits_column(registered.name):
            raise Refused(self.server_error(request))
        broken = breaks_after_saving(fields) or not all(_fits_column(item.path) for item in registered.files)
        upload = self._state.add(
            StoredUpload(
                id=0,
                name=fields["name"],
                fields={name: value for name, value in fields.items() if name != "api_token"},
                files=body.files,
                registered=registered,
                received_torrent=file.data,
                pending=broken or self._waits_in_moderation(fields),
            )
        )
        if broken:
            raise Refused(self.server_error(request))
        return upload

    def stored(self, upload: StoredUpload) -> web.Response:
        link = self._search.download_link(upload)
        return json_answer({"success": True, "data": link, "message": "Torrent uploaded successfully."})

    def rule_broken(self) -> web.Response:
        return validation_error({"name": ["The name has already been taken."]})

    def unsuccessful(self) -> web.Response:
        return json_answer({"success": False, "message": "The upload was not accepted."})

    def throttled(self, request: web.Request, headers: Mapping[str, str]) -> web.Response:
        return error_answer(
            request, 429, "Too Many Attempts.", title="429 Too Many Requests", headers=headers
        )

    def server_error(self, request: web.Request) -> web.Response:
        return unit3d_answers.server_error(request)

    def http_error(self, request: web.Request, error: web.HTTPException) -> web.Response:
        return unit3d_answers.http_error(request, error)

    def _torrent_file(self, body: Body) -> StoredFile:
        file = body.files.get("torrent")
        if file is None:
            raise Refused(validation_error(NO_FILE))
        if len(file.data) > LARGEST_TORRENT or file.filename.rpartition(".")[2] != "torrent":
            raise Refused(validation_error(INVALID_FILE))
        return file

    async def _register(self, request: web.Request, file: StoredFile) -> RegisteredTorrent:
        hidden = self._settings.since(9, 1, 6)
        try:
            registered = await to_thread.run_sync(
                lambda: register(file.data, source=self._settings.source, random_infohash=hidden)
            )
        except UnreadableTorrent:
            raise Refused(self.server_error(request)) from None
        except NoFilesInTorrent:
            raise Refused(validation_error(INVALID_FILE)) from None
        tilde_forbidden = self._settings.since(9, 2, 0)
        names = (name for item in registered.files for name in item.parts)
        if any(is_bad_name(name, tilde_forbidden=tilde_forbidden) for name in names):
            raise Refused(validation_error(INVALID_NAMES))
        return registered

    def _waits_in_moderation(self, fields: Mapping[str, str]) -> bool:
        asked_for = fields.get("mod_queue_opt_in", "").lower() in TRUE_WORDS
        return not self._settings.trusted or (asked_for and self._settings.since(9, 0, 8))

    async def _user(self, request: web.Request) -> web.Response:
        return json_answer(
            {
                "username": self._settings.username,
                "group": "Uploader" if self._settings.trusted else "User",
                "uploaded": "50 GiB",
                "downloaded": "1 GiB",
                "ratio": "50.00",
                "buffer": "49 GiB",
                "seeding": len(self._state.uploads),
                "leeching": 0,
                "seedbonus": "0.00",
                "hit_and_runs": 0,
            }
        )

    async def _download(self, request: web.Request) -> web.Response:
        if request.match_info["rsskey"] != self._settings.rsskey:
            if self._settings.since(9, 1, 2):
                return unauthenticated(request, self._state.url)
            return error_answer(request, 404, "Not Found")
        headers = throttle(self, request, self._rss_window)
        return await answered(self._personal_torrent(request), headers)

    async def _personal_torrent(self, request: web.Request) -> web.Response:
        torrent_id = int(request.match_info["id"])
        upload = self._state.find(torrent_id)
        if upload is None:
            return not_found(request, "Torrent", torrent_id)
        if self._state.fault is Fault.BAD_TORRENT:
            return page("Download")
        copy = await to_thread.run_sync(
            lambda: personal_copy(
                upload.torrent,
                announce=self._state.announce_url,
                page=self._search.details_link(upload),
                other_pieces=self._state.fault is Fault.OTHER_PIECES,
            )
        )
        return torrent_answer(copy, f"[{self._settings.source}]{upload.name}")

    async def _page(self, request: web.Request) -> web.Response:
        upload = self._state.find(int(request.match_info["id"]))
        if upload is None:
            return page("Not Found", 404)
        return page(upload.name, text=upload.fields["description"])

    async def _login(self, request: web.Request) -> web.Response:
        return page("Login")


def _key(request: web.Request, body: Body) -> str:
    """The first key that is not empty, of the four places in which one may be."""
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    return (
        request.query.get("api_token", "").strip()
        or body.fields.get("api_token", "").strip()
        or (credentials if scheme == "Bearer" else "")
        or (_basic_password(credentials) if scheme == "Basic" else "")
    )


def _basic_password(credentials: str) -> str:
    try:
        return base64.b64decode(credentials).decode().partition(":")[2]
    except ValueError:
        return ""


def _fits_column(text: str) -> bool:
    return len(text) <= 255 and is_utf8(text)
