"""How a request to a sandbox site carries its key, and what it must be."""

from __future__ import annotations

import base64

from aiohttp import web

from ..auth import DEFAULT_NAMES
from ..tracker_config import AuthType
from .body import Body
from .settings import SandboxSettings


def name_of(auth: AuthType, name: str | None) -> str:
    """The parameter, header or field that carries the key."""
    return name or DEFAULT_NAMES.get(auth, "")


def presented(request: web.Request, body: Body, auth: AuthType, name: str) -> str:
    """What the request shows; nothing where it shows nothing."""
    match auth:
        case AuthType.PARAM:
            return request.query.get(name, "")
        case AuthType.FIELD:
            # A GET has no body.
            source = request.query if request.method == "GET" else body.fields
            return source.get(name, "")
        case AuthType.HEADER:
            return request.headers.get(name, "")
        case _:
            return request.headers.get("Authorization", "")


def expected(settings: SandboxSettings, auth: AuthType) -> str:
    match auth:
        case AuthType.BEARER:
            return f"Bearer {settings.api_key}"
        case AuthType.TOKEN:
            return f"token {settings.api_key}"
        case AuthType.BASIC:
            pair = f"{settings.username}:{settings.password}"
            return "Basic " + base64.b64encode(pair.encode()).decode()
        case _:
            return settings.api_key
