"""A site of any make: what its rules describe, with the sandbox's uploads, log and faults behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from aiohttp import web
from anyio import to_thread
from attrs import evolve

from ..tracker_config import AuthType
from .answers import Refused, page, torrent_answer
from .body import Body, read_body
from .credentials import expected, name_of, presented
from .endpoints import Endpoint, address
from .face import throttle
from .faults import Fault
from .forms import NoForm, read_form
from .limiter import FixedWindow
from .logins import Logins
from .rules import AnswerTemplate, SandboxRules
from .spoken import spoken
from .state import SiteState, StoredUpload
from .torrents import NoFilesInTorrent, RegisteredTorrent, UnreadableTorrent, personal_copy, register


class RuledFace:
    def __init__(self, state: SiteState, rules: SandboxRules) -> None:
        self._state = state
        self._settings = state.settings
        self._rules = rules
        self._logins = Logins(rules.login, state) if rules.login is not None else None
        self._window = FixedWindow(*state.settings.rate_limit) if state.settings.rate_limit else None
        self._auth_name = name_of(rules.api_auth_type, rules.api_auth_name)
        self._page, self._download = Endpoint.parse(rules.page), Endpoint.parse(rules.download_endpoint)

    @property
    def upload_path(self) -> str:
        return Endpoint.parse(self._rules.custom_endpoint).path

    def routes(self) -> Sequence[web.RouteDef]:
        login = self._rules.login
        posts = [web.post(Endpoint.parse(login.endpoint).path, self._log_in)] if login else []
        return [*posts, web.get("/{path:.*}", self._get)]

    def admit(self, request: web.Request, body: Body) -> Mapping[str, str]:
        if not self._knows(request, body):
            raise self._refused(self._rules.unauthorized, message="You are not logged in.")
        headers = throttle(self, request, self._window)
        if self._state.fault is Fault.BANNED:
            raise self._refused(self._rules.unauthorized, message="This account is banned.")
        return headers

    async def store(self, request: web.Request, body: Body) -> StoredUpload:
        try:
            form = read_form(body, self._rules)
        except NoForm as error:
            raise self._invalid(str(error)) from None
        registered = await self._register(form.torrent)
        if problems := list(self._problems(form.fields)):
            raise self._invalid(*problems)
        name = form.fields.get(self._rules.name_field, registered.name)
        there = self._state.named(name) or self._state.hashed(registered.infohash)
        if there is not None:
            raise self._refused(
                self._rules.duplicate, **self._values(there), message=f"{there.name} is here already."
            )
        return self._state.add(
            StoredUpload(
                id=0,
                name=name,
                fields={name: value for name, value in form.fields.items() if name != self._auth_name},
                files=form.files,
                registered=registered,
                received_torrent=form.torrent,
            )
        )

    def stored(self, upload: StoredUpload) -> web.Response:
        return spoken(self._rules.done, **self._values(upload))

    def rule_broken(self) -> web.Response:
        return self._invalid("The release breaks a rule of the site.").response

    def unsuccessful(self) -> web.Response:
        template = evolve(self._rules.refused, status=200)
        return self._refused(template, **_told("The upload was not accepted.")).response

    def throttled(self, request: web.Request, headers: Mapping[str, str]) -> web.Response:
        return page("Too Many Requests", 429, headers=headers)

    def server_error(self, request: web.Request) -> web.Response:
        return page("Server Error", 500)

    def http_error(self, request: web.Request, error: web.HTTPException) -> web.Response:
        allow = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
        return page(error.reason, error.status, headers=allow)

    def _knows(self, request: web.Request, body: Body) -> bool:
        auth = self._rules.api_auth_type
        if auth is AuthType.SESSION:
            return self._logins is not None and self._logins.holds(request)
        return presented(request, body, auth, self._auth_name) == expected(self._settings, auth)

    async def _register(self, torrent: bytes) -> RegisteredTorrent:
        try:
            return await to_thread.run_sync(
                lambda: register(torrent, source=self._settings.source, random_infohash=False)
            )
        except (UnreadableTorrent, NoFilesInTorrent):
            raise self._invalid("The torrent cannot be read.") from None

    def _problems(self, fields: Mapping[str, str]) -> Iterator[str]:
        for name in self._rules.required:
            if name not in fields:
                yield f"The {name} is required."
        for name, known in self._rules.known_ids.items():
            if name in fields and fields[name] not in known:
                yield f"The {name} {fields[name]} is unknown."

    async def _log_in(self, request: web.Request) -> web.Response:
        if self._logins is None:
            raise Refused(page("Not Found", 404))
        return self._logins.log_in(request, await read_body(request))

    async def _get(self, request: web.Request) -> web.Response:
        """All that can be looked at; an upload's page is for everybody, unless one logs in here."""
        if self._logins is not None and (login := self._logins.page(request)) is not None:
            return login
        endpoint, torrent_id = self._asked_for(request)
        if endpoint is not self._page or self._logins is not None:
            self.admit(request, Body())
        if endpoint is self._page:
            upload = self._find(torrent_id)
            return page(
                upload.name, text="\n".join(f"{name}: {text}" for name, text in upload.fields.items())
            )
        if endpoint is self._download:
            return await self._torrent(self._find(torrent_id))
        return self._other_page(request)

    def _asked_for(self, request: web.Request) -> tuple[Endpoint | None, int]:
        """The endpoint, the one that says more where both fit, and the upload's id."""
        for endpoint in sorted((self._page, self._download), key=lambda one: -len(one.query)):
            torrent_id = endpoint.match(request)
            if torrent_id is not None:
                return endpoint, torrent_id
        return None, 0

    def _other_page(self, request: web.Request) -> web.Response:
        if request.path == "/":
            return page(self._rules.name, text=f"Welcome, {self._settings.username}.")
        if request.path == self.upload_path:
            return self._upload_form()
        return page("Not Found", 404)

    async def _torrent(self, upload: StoredUpload) -> web.Response:
        if self._state.fault is Fault.BAD_TORRENT:
            return page("Download")
        copy = await to_thread.run_sync(
            lambda: personal_copy(
                upload.torrent,
                announce=self._state.announce_url,
                page=address(self._state.url, self._rules.page, upload.id),
                other_pieces=self._state.fault is Fault.OTHER_PIECES,
            )
        )
        return torrent_answer(copy, upload.name)

    def _upload_form(self) -> web.Response:
        """For a browser, or for one who wants to know the fields."""
        file = f'<input type="file" name="{escape(self._rules.torrent_field)}">'
        texts = [f'<input name="{escape(name)}">' for name in self._rules.required]
        inputs = "".join([file, *texts, "<button>Upload</button>"])
        markup = f'<form method="post" enctype="multipart/form-data">{inputs}</form>'
        return web.Response(text=markup, content_type="text/html")

    def _find(self, torrent_id: int) -> StoredUpload:
        upload = self._state.find(torrent_id)
        if upload is None:
            raise Refused(page("Not Found", 404))
        return upload

    def _values(self, upload: StoredUpload) -> dict[str, object]:
        """What a template can say of an upload."""
        return {
            "id": upload.id,
            "name": upload.name,
            "url": address(self._state.url, self._rules.page, upload.id),
            "download_url": address(self._state.url, self._rules.download_endpoint, upload.id),
            "site": self._state.url,
        }

    def _invalid(self, *problems: str) -> Refused:
        return self._refused(self._rules.refused, **_told(*problems))

    def _refused(self, template: AnswerTemplate, **values: object) -> Refused:
        return Refused(spoken(template, **{"site": self._state.url, **values}))


def _told(*problems: str) -> dict[str, object]:
    return {"message": " ".join(problems), "problems": list(problems)}
