"""The logins of a site that is described by rules: who comes in, and for how long."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from aiohttp import web

from ..described.description import LoginFormat
from ..tracker_config import ApiFormat
from .answers import Refused
from .body import Body, flattened
from .endpoints import Endpoint
from .rules import LoginRules
from .spoken import one_line, said, spoken
from .state import SiteState

WRONG = "Wrong username or password."
STALE = "The page has expired."


class Logins:
    """Opens a login for the account's owner, and knows it again."""

    def __init__(self, rules: LoginRules, state: SiteState) -> None:
        self._rules = rules
        self._state = state
        self._csrf: dict[str, str] = {}
        """The token of each page that was shown, by the page's cookie."""

    def page(self, request: web.Request) -> web.Response | None:
        """The page with the token, if it is asked for."""
        csrf = self._rules.csrf
        if csrf is None or Endpoint.parse(csrf.endpoint).match(request) is None:
            return None
        token, visitor = secrets.token_hex(16), secrets.token_hex(16)
        self._csrf[visitor] = token
        response = web.Response(
            text=said(csrf.body, site=self._state.url, csrf=token), content_type="text/html"
        )
        self._set_cookie(response, visitor)
        return response

    def log_in(self, request: web.Request, body: Body) -> web.Response:
        """Opens a login. Raises Refused for what the site does not take."""
        given = self._given(body)
        names = {"username": self._state.settings.username, "password": self._state.settings.password}
        if self._rules.csrf is not None:
            # One token is good for one try.
            token = self._csrf.pop(request.cookies.get(self._rules.cookie or "", ""), None)
            if token is None:
                raise self._refused(STALE)
            names["csrf"] = token
        if any(given.get(name) != said(wanted, **names) for name, wanted in self._rules.fields.items()):
            raise self._refused(WRONG)
        token = secrets.token_hex(16)
        self._state.logins[token] = 0
        response = spoken(self._rules.done, site=self._state.url, token=token, username=names["username"])
        self._set_cookie(response, token)
        return response

    def holds(self, request: web.Request) -> bool:
        """Whether the request shows a login that is not over; counts the request."""
        shown = self._shown(request)
        if shown is None:
            return False
        used = self._state.logins[shown]
        if self._rules.lasts is not None and used >= self._rules.lasts:
            del self._state.logins[shown]
            return False
        self._state.logins[shown] = used + 1
        return True

    def _shown(self, request: web.Request) -> str | None:
        if self._rules.cookie is not None:
            cookie = request.cookies.get(self._rules.cookie, "")
            return cookie if cookie in self._state.logins else None
        header = request.headers.get(self._rules.header_name or "", "")
        value = self._rules.header_value or ""
        return next(
            (token for token in self._state.logins if one_line(said(value, token=token)) == header), None
        )

    def _given(self, body: Body) -> Mapping[str, str]:
        if (body.format is ApiFormat.JSON) != (self._rules.format is LoginFormat.JSON):
            raise self._refused(f"The body must be {self._rules.format}.")
        return flattened(body.document) if body.format is ApiFormat.JSON else body.fields

    def _refused(self, message: str) -> Refused:
        return Refused(spoken(self._rules.refused, site=self._state.url, message=message))

    def _set_cookie(self, response: web.Response, value: str) -> None:
        if self._rules.cookie is not None:
            response.set_cookie(self._rules.cookie, value, httponly=True, samesite="Lax")
