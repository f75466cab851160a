"""A site without an API, as a browser's user sees it: a login form with a token, cookies, pages."""

from __future__ import annotations

from ..tracker_config import AuthType
from .rules import AnswerTemplate, CsrfPage, LoginRules, SandboxRules
from .settings import SandboxSettings

LOGIN_PAGE = """\
<!DOCTYPE html><html><head><title>Login</title></head><body>
<form method="post" action="/login"><input type="hidden" name="_token" value="{{ csrf }}">
<input name="username"><input type="password" name="password"><button>Login</button></form></body></html>
"""
ERROR_PAGE = """\
<!DOCTYPE html><html><head><title>Upload</title></head><body>
<div class="error">{{ message | e }}</div></body></html>
"""
DUPLICATE_PAGE = """\
<!DOCTYPE html><html><head><title>Upload</title></head><body>
<div class="duplicate">{{ message | e }} <a href="{{ url }}">{{ name | e }}</a></div></body></html>
"""


def session_rules(settings: SandboxSettings) -> SandboxRules:
    """The site's make, with the ids that the settings know."""
    login = LoginRules(
        endpoint="login",
        fields={"_token": "{{ csrf }}", "username": "{{ username }}", "password": "{{ password }}"},
        csrf=CsrfPage("login", LOGIN_PAGE),
        cookie="session",
        lasts=settings.login_lasts,
        done=AnswerTemplate(302, {"Location": "{{ site }}/"}),
        refused=AnswerTemplate(200, body=ERROR_PAGE),
    )
    return SandboxRules(
        name="Session",
        custom_endpoint="upload",
        api_auth_type=AuthType.SESSION,
        required=("name", "description", "category_id", "format_id"),
        known_ids={"category_id": settings.category_ids, "format_id": settings.type_ids},
        login=login,
        done=AnswerTemplate(302, {"Location": "{{ url }}"}),
        duplicate=AnswerTemplate(200, body=DUPLICATE_PAGE),
        refused=AnswerTemplate(200, body=ERROR_PAGE),
        unauthorized=AnswerTemplate(302, {"Location": "{{ site }}/login"}),
    )
