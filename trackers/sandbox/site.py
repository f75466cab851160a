"""The server: its life, the log of requests, the faults of uploads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

import anyio
from aiohttp import web
from aiohttp.typedefs import Handler

from .answers import Refused, answered, page
from .body import Body, read_body
from .face import Face
from .faults import Fault, cut_off, reset
from .gazelle import GazelleFace
from .gazelle_kinds import OPS, RED
from .generic import GenericFace
from .limiter import Hit
from .listening import LocalServer
from .ruled import RuledFace
from .rules import SandboxRules
from .session import session_rules
from .settings import Flavor, SandboxSettings
from .state import SeenRequest, SiteState, StoredUpload
from .unit3d import Unit3dFace

LARGEST_BODY = 64 * 1024 * 1024
FACES: dict[Flavor, Callable[[SiteState], Face]] = {
    Flavor.UNIT3D: Unit3dFace,
    Flavor.GENERIC: GenericFace,
    Flavor.OPS: lambda state: GazelleFace(state, OPS),
    Flavor.RED: lambda state: GazelleFace(state, RED),
    Flavor.SESSION: lambda state: RuledFace(state, session_rules(state.settings)),
}


class SandboxSite:
    """A tracker site on 127.0.0.1 that lives as long as its context and forgets everything at the end.

    `flavor` is a software that it plays, or the rules of a site of another make.
    `port` 0 is any free one. Entering raises UsageError where the port cannot be had.
    """

    def __init__(
        self,
        flavor: Flavor | SandboxRules,
        settings: SandboxSettings = SandboxSettings(),  # noqa: B008 - frozen
        *,
        port: int = 0,
    ) -> None:
        self.settings = settings
        self._server = LocalServer(port)
        self._state = SiteState(settings)
        self._face: Face = (
            RuledFace(self._state, flavor) if isinstance(flavor, SandboxRules) else FACES[flavor](self._state)
        )

    @property
    def url(self) -> str:
        """Known after entering."""
        return self._state.url

    @property
    def announce_url(self) -> str:
        return self._state.announce_url

    @property
    def uploads(self) -> list[StoredUpload]:
        return self._state.uploads

    @property
    def requests(self) -> list[SeenRequest]:
        return self._state.requests

    def forget_logins(self) -> None:
        """Ends every login, as time does."""
        self._state.logins.clear()

    @property
    def fault(self) -> Fault | None:
        return self._state.fault

    @fault.setter
    def fault(self, fault: Fault | None) -> None:
        self._state.fault = fault

    def plan_faults(self, faults: Iterable[Fault | None]) -> None:
        """Each strikes one of the next uploads, in their order and in place of `fault`; None strikes none."""
        self._state.coming_faults = deque(faults)

    async def __aenter__(self) -> Self:
        self._state.url = await self._server.open(self._application())
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._server.close()

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[self._observe], client_max_size=LARGEST_BODY)
        application.add_routes([web.post(self._face.upload_path, self._upload), *self._face.routes()])
        return application

    @web.middleware
    async def _observe(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Notes the request, and gives every way of not handling it the site's own answer."""
        self.requests.append(
            SeenRequest(
                request.method,
                request.path,
                dict(request.query),
                dict(request.headers),
                dict(request.cookies),
            )
        )
        try:
            response = await handler(request)
        except Refused as refused:
            response = refused.response
        except web.HTTPException as error:
            response = self._face.http_error(request, error)
        except ConnectionError:
            # The client left; nobody gets this answer.
            response = web.Response()
        if self.settings.set_cookie:
            response.set_cookie("sandbox_session", "sandbox-session-cookie", httponly=True)
        return response

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        fault = self._state.take_fault()
        if fault is Fault.RESET_BEFORE:
            return reset(request)
        if fault is Fault.STALL:
            return await self._stall(request)
        body = await read_body(request)
        if fault is Fault.HANG:
            return await self._hang(request)
        headers = self._face.admit(request, body)
        with anyio.move_on_after(self.settings.latency):
            return await self._hang(request)
        response = await answered(self._create(request, body, fault), headers)
        return await cut_off(request, response) if fault is Fault.TRUNCATED else response

    async def _create(self, request: web.Request, body: Body, fault: Fault | None) -> web.Response:
        match fault:
            case Fault.REFUSE:
                return self._face.rule_broken()
            case Fault.HTML:
                return page("Just a moment...")
            case Fault.SUCCESS_FALSE:
                return self._face.unsuccessful()
            case Fault.THROTTLE_ONCE:
                return self._face.throttled(request, Hit(1, 0, retry_after=1).headers)
        upload = await self._face.store(request, body)
        if fault is Fault.RESET_AFTER:
            return reset(request)
        if fault is Fault.ERROR_AFTER:
            return self._face.server_error(request)
        return self._face.stored(upload)

    async def _stall(self, request: web.Request) -> web.Response:
        if request.transport is not None:
            request.transport.pause_reading()
        return await self._hang(request)

    async def _hang(self, request: web.Request) -> web.Response:
        await self._server.closing.wait()
        return reset(request)
