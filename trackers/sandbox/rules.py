"""How a site of any make behaves, as frozen data: what it takes, and what it answers.

Every text that the site says is a template; what each may name stands beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from attrs import field, frozen

from ..described.description import LoginFormat
from ..tracker_config import ApiFormat, AuthType

EVERYWHERE = frozenset({"site"})
"""The site's own address."""
DONE_NAMES = EVERYWHERE | {"id", "url", "download_url", "name"}
DUPLICATE_NAMES = DONE_NAMES | {"message"}
REFUSED_NAMES = EVERYWHERE | {"message", "problems"}
UNAUTHORIZED_NAMES = EVERYWHERE | {"message"}
LOGGED_IN_NAMES = EVERYWHERE | {"token", "username"}
LOGIN_REFUSED_NAMES = EVERYWHERE | {"message"}
CSRF_NAMES = EVERYWHERE | {"csrf"}
CREDENTIAL_NAMES = frozenset({"username", "password"})
TOKEN_NAMES = frozenset({"token"})


@frozen
class AnswerTemplate:
    """An answer; the values of its headers and its body are templates.

    Without a `Content-Type` it is a page, as PHP makes of everything.
    """

    status: int = 200
    headers: Mapping[str, str] = field(factory=dict)
    body: str = ""


@frozen
class CsrfPage:
    """A page that shows a token, which the login must bring back together with the page's cookie."""

    endpoint: str
    body: str
    """Over CSRF_NAMES."""


@frozen(kw_only=True)
class LoginRules:
    """How one logs in, and how the site knows one afterwards: by a cookie, or by a header with a token."""

    endpoint: str
    fields: Mapping[str, str]
    """What each field must hold: templates over CREDENTIAL_NAMES and, with a `csrf` page, `csrf`."""
    format: LoginFormat = LoginFormat.FORM
    csrf: CsrfPage | None = None
    cookie: str | None = None
    header_name: str | None = None
    header_value: str | None = None
    """A template over TOKEN_NAMES."""
    lasts: int | None = None
    """The requests after which a login is forgotten; None is never."""
    done: AnswerTemplate = AnswerTemplate(204)
    """Over LOGGED_IN_NAMES."""
    refused: AnswerTemplate
    """Over LOGIN_REFUSED_NAMES."""


@frozen(kw_only=True)
class SandboxRules:
    """A site's make; its account and limits are SandboxSettings.

    Names of fields are paths in a JSON document: `release.title`.
    """

    name: str = "rules"
    custom_endpoint: str
    api_auth_type: AuthType = AuthType.BEARER
    api_auth_name: str | None = None
    api_format: ApiFormat = ApiFormat.FORM
    document_field: str | None = None
    """The form field that holds the JSON document, where `api_format` is `document`."""
    torrent_field: str = "torrent"
    name_field: str = "name"
    """What two uploads must not share."""
    required: tuple[str, ...] = ()
    known_ids: Mapping[str, Collection[str]] = field(factory=dict)
    """The values that the site knows, by field; a field that is not sent is not looked at."""
    page: str = "torrents/{id}"
    """Where an upload is shown."""
    download_endpoint: str = "download/{id}"
    login: LoginRules | None = None
    done: AnswerTemplate
    """Over DONE_NAMES."""
    duplicate: AnswerTemplate
    """Over DUPLICATE_NAMES; they are of the upload that is there."""
    refused: AnswerTemplate
    """Over REFUSED_NAMES."""
    unauthorized: AnswerTemplate
    """Over UNAUTHORIZED_NAMES."""
