"""What a kind of site has to know how to do; the server does the rest."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypeAlias

from aiohttp import web

from .answers import Refused, answered
from .body import Body
from .limiter import FixedWindow
from .state import StoredUpload

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.Response]]


class Face(Protocol):
    """One site software, as its clients see it."""

    @property
    def upload_path(self) -> str: ...

    def routes(self) -> Sequence[web.RouteDef]:
        """All but the upload's."""
        ...

    def admit(self, request: web.Request, body: Body) -> Mapping[str, str]:
        """Lets the owner of a key in, within the limit; the headers are for the answer. Raises Refused."""
        ...

    async def store(self, request: web.Request, body: Body) -> StoredUpload:
        """Stores an upload. Raises Refused."""
        ...

    def stored(self, upload: StoredUpload) -> web.Response: ...

    def rule_broken(self) -> web.Response: ...

    def unsuccessful(self) -> web.Response:
        """Status 200, yet nothing was stored."""
        ...

    def throttled(self, request: web.Request, headers: Mapping[str, str]) -> web.Response: ...

    def server_error(self, request: web.Request) -> web.Response: ...

    def http_error(self, request: web.Request, error: web.HTTPException) -> web.Response:
        """What no handler stands for: an unknown path, a method that is not taken, too long a body."""
        ...


def guarded(face: Face, handler: Handler) -> Handler:
    """The handler for those that the site admits only."""

    async def handle(request: web.Request) -> web.Response:
        headers = face.admit(request, Body())
        return await answered(handler(request), headers)

    return handle


def throttle(face: Face, request: web.Request, window: FixedWindow | None) -> Mapping[str, str]:
    """Counts the request; the headers are for its answer. Raises Refused beyond the limit."""
    if window is None:
        return {}
    hit = window.hit()
    if hit.retry_after is not None:
        raise Refused(face.throttled(request, hit.headers))
    return hit.headers
