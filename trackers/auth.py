"""How a request is signed with the user's key: one function for each way."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

from pipeline.secret import Secret

from .request import Request
from .tracker_config import AuthType, TrackerConfig

DEFAULT_NAMES: Mapping[AuthType, str] = {
    AuthType.PARAM: "api_token",
    AuthType.HEADER: "X-Api-Key",
    AuthType.FIELD: "api_token",
}
"""Where no `api_auth_name` is configured."""


def sign(request: Request, config: TrackerConfig) -> Request:
    """The request with the tracker's credentials on it, in the way that `api_auth_type` names.

    `session` adds nothing: its cookies were set by the login.
    """
    return _SIGNERS[config.api_auth_type or AuthType.BEARER](request, config)


def missing_credentials(config: TrackerConfig) -> tuple[str, ...]:
    """The configuration keys that this way of signing needs and does not have."""
    match config.api_auth_type:
        case AuthType.BASIC:
            return () if config.password or config.api_key else ("username and password",)
        case AuthType.SESSION:
            given = {"username": config.username, "password": config.password}
            return tuple(key for key, value in given.items() if not value)
        case _:
            return () if config.api_key else ("api_key",)


def _key(config: TrackerConfig) -> Secret:
    return config.api_key or Secret("")


def _bearer(request: Request, config: TrackerConfig) -> Request:
    return request.with_header("Authorization", _key(config).map(lambda key: f"Bearer {key}"))


def _token(request: Request, config: TrackerConfig) -> Request:
    return request.with_header("Authorization", _key(config).map(lambda key: f"token {key}"))


def _param(request: Request, config: TrackerConfig) -> Request:
    return request.with_param(_name(config, AuthType.PARAM), _key(config))


def _header(request: Request, config: TrackerConfig) -> Request:
    return request.with_header(_name(config, AuthType.HEADER), _key(config))


def _field(request: Request, config: TrackerConfig) -> Request:
    name = _name(config, AuthType.FIELD)
    # A GET has no body; sites that read the key from a form field take it from the query there.
    return (
        request.with_param(name, _key(config))
        if request.method == "GET"
        else request.with_field(name, _key(config))
    )


def _basic(request: Request, config: TrackerConfig) -> Request:
    password = config.password or _key(config)
    username = config.username or ""

    credentials = password.map(lambda text: f"Basic {basic_credentials(username, text)}")
    return request.with_header("Authorization", credentials)


def basic_credentials(username: str, password: str) -> str:
    """What stands after `Basic` in a header."""
    return base64.b64encode(f"{username}:{password}".encode()).decode()


def _session(request: Request, config: TrackerConfig) -> Request:
    return request


def _name(config: TrackerConfig, auth_type: AuthType) -> str:
    return config.api_auth_name or DEFAULT_NAMES[auth_type]


_SIGNERS: Mapping[AuthType, Callable[[Request, TrackerConfig], Request]] = {
    AuthType.BEARER: _bearer,
    AuthType.TOKEN: _token,
    AuthType.PARAM: _param,
    AuthType.HEADER: _header,
    AuthType.FIELD: _field,
    AuthType.BASIC: _basic,
    AuthType.SESSION: _session,
}
