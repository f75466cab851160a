"""Asks what describes a site of an unknown make: how it is logged in to, what is sent, how it answers."""

from __future__ import annotations

from collections.abc import Mapping

from trackers.auth import DEFAULT_NAMES
from trackers.described.description import LoginFormat
from trackers.described.fields import RELEASE_NAMES, names_used
from trackers.tracker_config import ApiFormat, AuthType

from ...config.described import upload_fields
from ...terminal import ask, confirm, tell
from .answer_questions import ask_for_answer, ask_for_rule, ask_for_source
from .draft import Draft, toml_value
from .prompts import Place, ask_for, choose, put

TOKEN_PLACES: Mapping[str, str] = {
    "regex": "the regular expression, with one group ( ) round it",
    "json": "at which path",
}
DESCRIPTION = frozenset({"fields", "login", "answer"})
"""Where an option gives any of these, the rest of the description is the options', too."""


def ask_for_site(draft: Draft) -> None:
    described = bool(DESCRIPTION & draft.table.keys())
    usual = described or confirm(
        "The generic family's defaults? The fields name, description, category_id and format_id; "
        'JSON with "success": true for an answer',
        default=True,
    )
    _ask_for_body(draft)
    _ask_for_signing(draft)
    if draft.table.get("api_auth_type") == AuthType.SESSION and "login" not in draft.table:
        _ask_for_login(draft)
    if not usual:
        _ask_for_upload_fields(draft)
        ask_for_answer(draft)
    draft.check()


def _ask_for_body(draft: Draft) -> None:
    settled = draft.settled
    if not {"custom_endpoint", "upload_url"} & draft.table.keys():
        endpoint = str(settled.custom_endpoint)
        ask_for(
            draft, ("custom_endpoint",), "Where uploads are posted to, below the address", implied=endpoint
        )
    if "api_format" not in draft.table:
        question = f"How the body is written ({', '.join(ApiFormat)})"
        ask_for(draft, ("api_format",), question, implied=str(settled.api_format))
    if draft.table.get("api_format") == ApiFormat.DOCUMENT and "document_field" not in draft.table:
        ask_for(draft, ("document_field",), "The form field that holds the JSON document", required=True)


def _ask_for_signing(draft: Draft) -> None:
    if "api_auth_type" not in draft.table:
        question = f"How the key is sent ({', '.join(AuthType)}: a login)"
        ask_for(draft, ("api_auth_type",), question, implied=AuthType.BEARER)
    way = draft.table.get("api_auth_type")
    if way in DEFAULT_NAMES and "api_auth_name" not in draft.table:
        name = DEFAULT_NAMES[AuthType(str(way))]
        ask_for(draft, ("api_auth_name",), f"The name of that {way}", implied=name)


def _ask_for_login(draft: Draft) -> None:
    tell("How the site is logged in to:")
    ask_for(draft, ("login", "endpoint"), "Where the login is sent, below the address", default="login")
    question = f"How it is written ({', '.join(LoginFormat)})"
    ask_for(draft, ("login", "format"), question, implied=LoginFormat.FORM)
    _ask_for_field(draft, "The field of the user name", "username")
    _ask_for_field(draft, "The field of the password", "password")
    _ask_for_csrf(draft)
    _ask_for_fields(draft, ("login", "fields"), "Another field of the login, as in remember=true")
    token = ask_for(draft, ("login", "token"), "The token's path in the answer (empty: cookies are all)")
    if token:
        header = "Authorization: Bearer {{ token }}"
        ask_for(draft, ("login", "header"), "The header that sends it", default=header)
    else:
        ask_for_rule(draft, ("login", "done"), "What shows that the login worked", default="location")
    ask_for_rule(draft, ("login", "refused"), "What shows a wrong password", none="it is not told apart")
    ask_for_source(draft, ("login", "message"), "Where the site's words on that stand", path="message")


def _ask_for_csrf(draft: Draft) -> None:
    kind = choose("Where a CSRF token stands in a page", TOKEN_PLACES, none="there is none")
    if kind:
        _ask_for_field(draft, "The field that sends it", "csrf", default="_token")
        _ask_for_page(draft, ("login", "csrf"), kind, str(draft.at(("login", "endpoint"))))


def _ask_for_page(draft: Draft, place: Place, kind: str, endpoint: str) -> None:
    """The page that holds a CSRF token, and where in it."""
    while True:
        page = ask("  in which page, below the address", default=endpoint)
        if put(draft, place, {"endpoint": page, kind: ask(f"  {TOKEN_PLACES[kind]}")}):
            return


def _ask_for_field(draft: Draft, question: str, name: str, *, default: str = "") -> None:
    """A field of the login, under the name that the site gives it."""
    while not put(draft, ("login", "fields", ask(question, default=default or name)), f"{{{{ {name} }}}}"):
        pass


def _ask_for_upload_fields(draft: Draft) -> None:
    ask_for(draft, ("torrent_field",), "The field of the torrent", implied="torrent")
    tell(f"A field's value may hold {{{{ }}}} round {', '.join(sorted(RELEASE_NAMES))}.")
    _ask_for_fields(draft, ("fields",), "A field of the upload, as in title={{ name }}")
    if "fields" in draft.table and "csrf" in names_used(upload_fields(draft.table["fields"])):
        kind = choose("Where the token of the upload's form stands", TOKEN_PLACES, default="regex")
        _ask_for_page(draft, ("csrf",), kind, str(draft.table.get("custom_endpoint", "")))


def _ask_for_fields(draft: Draft, place: Place, question: str) -> None:
    while answer := ask(f"{question} (empty: no more)"):
        name, equals, value = (part.strip() for part in answer.partition("="))
        if not (name and equals):
            tell("  write NAME=VALUE")
            continue
        put(draft, (*place, name), toml_value(value))
