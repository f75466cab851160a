"""The pages of a Gazelle site: its login, its upload form, and what they say."""

from __future__ import annotations

import secrets
from html import escape
from urllib.parse import quote, unquote_plus

from aiohttp import web
from attrs import define, field

from .answers import page
from .body import Body
from .gazelle_kinds import GazelleKind
from .state import SiteState, StoredUpload

COOKIE = "session"
WRONG = {
    True: '<span class="warning">Your username or password was incorrect.<br /></span>',
    False: "Your login credentials were not recognized.",
}
"""By whether the site is like the ancestor of all."""
MOST_WRONG = 6
"""After so many wrong logins no more is looked at."""


def to_login() -> web.Response:
    """For whom the site does not know; a browser that follows sees a page with status 200."""
    response = web.Response(status=302, headers={"Location": "login.php"})
    response.headers["Set-Cookie"] = f"{COOKIE}=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT; path=/"
    return response


@define
class Pages:
    kind: GazelleKind
    state: SiteState
    authkey: str = field(factory=lambda: secrets.token_hex(16))
    _wrong: int = field(default=0, init=False)

    def log_in(self, body: Body) -> web.Response:
        settings = self.state.settings
        if self._wrong >= MOST_WRONG:
            return web.Response(status=302, headers={"Location": "login.php"})
        given = body.fields.get("username"), body.fields.get("password")
        if given != (settings.username, settings.password):
            self._wrong += 1
            return self.login_page(WRONG[self.kind.form_of_ancestor])
        # Its signs are written as %2B and the like, and must come back so.
        token = f"{secrets.token_hex(16)}+/{secrets.token_hex(4)}="
        self.state.logins[token] = 0
        response = web.Response(status=302, headers={"Location": "index.php"})
        response.headers["Set-Cookie"] = f"{COOKIE}={quote(token, safe='')}; path=/; HttpOnly; SameSite=Lax"
        return response

    def login_page(self, warning: str = "") -> web.Response:
        inputs = '<input name="username"><input type="password" name="password">'
        form = f'<form method="post" action="login.php">{warning}{inputs}<button>Log in</button></form>'
        return _html("Login", form)

    def knows(self, request: web.Request) -> bool:
        """Whether the request shows a login that is not over; counts it. PHP decodes a cookie's signs."""
        token = unquote_plus(request.cookies.get(COOKIE, ""))
        used = self.state.logins.get(token)
        lasts = self.state.settings.login_lasts
        if used is None or (lasts is not None and used >= lasts):
            self.state.logins.pop(token, None)
            return False
        self.state.logins[token] = used + 1
        return True

    def upload_form(self, problem: str = "") -> web.Response:
        told = f'<p style="color: red; text-align: center;">{problem}</p>' if problem else ""
        announce = escape(self.state.announce_url)
        form = (
            f'{told}<script>var authkey = "{self.authkey}";</script><input value="{announce}" readonly>'
            '<form method="post" enctype="multipart/form-data">'
            f'<input type="hidden" name="auth" value="{self.authkey}">'
            '<input type="file" name="file_input"><button name="submit">Upload</button></form>'
        )
        return _html("Upload", form)

    def wrong_auth(self) -> web.Response:
        return page("Error", text="Invalid authorization key. Go back, refresh, and try again.")

    def stored(self, group_id: int, *, was_changed: bool) -> web.Response:
        """Only the group is named."""
        place = f"torrents.php?id={group_id}"
        if not was_changed:
            return web.Response(status=302, headers={"Location": place})
        said = (
            "Your torrent has been uploaded; however, you must download your torrent from "
            f'<a href="{place}">here</a> because the site has its own flags.'
        )
        return _html("Warning", f"<p>{said}</p>")

    def torrent(self, upload: StoredUpload) -> web.Response:
        return page(upload.name, text="\n".join(f"{name}: {text}" for name, text in upload.fields.items()))


def _html(title: str, markup: str) -> web.Response:
    text = f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{markup}</body></html>"
    return web.Response(text=text, content_type="text/html")
