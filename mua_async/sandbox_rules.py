"""The file that says how `mua-async sandbox --rules` is to behave: read whole, checked at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from pipeline.errors import UsageError
from pipeline.templating import TEMPLATE_FAULTS, compile_template, fault_in, names_in
from trackers.described.description import LoginFormat
from trackers.sandbox import SandboxRules, SandboxSettings
from trackers.sandbox import rules as parts
from trackers.sandbox.endpoints import Endpoint
from trackers.tracker_config import ApiFormat, AuthType

from .config import urls, values
from .config.file import parse_document, read_text

Parser = Callable[[object], object]
Found = Mapping[str, Any]
"""The values that their parsers took."""
Check = Callable[[Found, Collection[str]], Iterable[tuple[str, str]]]
"""What does not go together, told from the values and from all keys that are written: places and messages."""

NAMED_AUTH = (AuthType.PARAM, AuthType.HEADER, AuthType.FIELD)


@frozen
class SiteFile:
    """A site to imitate, and its account."""

    rules: SandboxRules
    settings: SandboxSettings


def read_site(path: Path) -> SiteFile:
    """Reads and checks a file; a UsageError holds all that is wrong with it."""
    document = parse_document(path, read_text(path))
    try:
        found = dict(
            _table({**_MAKE, **_ACCOUNT, "answer": _answers}, ("custom_endpoint", "answer"), _whole)(document)
        )
    except ValueError as error:
        raise UsageError(
            f"{path} describes no site",
            problems=tuple(f"{place.removeprefix('.')}: {told}" for place, told in values.problems_of(error)),
        ) from None
    settings = SandboxSettings(**{key: found.pop(key) for key in _ACCOUNT if key in found})
    return SiteFile(SandboxRules(**found.pop("answer"), **found), settings)


def _table(
    parsers: Mapping[str, Parser], required: tuple[str, ...] = (), check: Check = lambda found, written: ()
) -> Callable[[object], Found]:
    """A parser for a table of these keys, which tells all that is wrong in it at once."""

    def parse(value: object) -> Found:
        entries = values.table(value)
        problems = values.unknown_keys(entries, parsers)
        problems += [(values.member(key), "is missing") for key in required if key not in entries]
        found: dict[str, Any] = {}
        for key in parsers.keys() & entries.keys():
            try:
                found[key] = parsers[key](entries[key])
            except ValueError as error:
                problems += [(values.member(key) + below, told) for below, told in values.problems_of(error)]
        problems += check(found, entries)
        if problems:
            raise values.ValueProblems(sorted(problems))
        return found

    return parse


def _template(names: frozenset[str]) -> Callable[[object], str]:
    def parse(value: object) -> str:
        source = values.lines(value)
        try:
            compile_template(source, names)
        except TEMPLATE_FAULTS as error:
            raise ValueError(f"is no template: {fault_in(error)}") from None
        return source

    return parse


def _each(parse: Parser) -> Callable[[object], dict[str, Any]]:
    """A parser for a table of any keys."""

    def parse_all(value: object) -> dict[str, Any]:
        entries = values.table(value)
        found = values.each(((values.member(key), item) for key, item in entries.items()), parse)
        return dict(zip(entries, found, strict=True))

    return parse_all


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_items(value, values.text))


def _ids(value: object) -> frozenset[str]:
    return frozenset(_items(value, _id))


def _items(value: object, parse: Callable[[object], str]) -> list[str]:
    if not isinstance(value, list) or not value:
        raise ValueError('must be a list, as in ["5", "6"]')
    return values.each(((f"[{index}]", item) for index, item in enumerate(value)), parse)


def _id(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("must be an id: a number, or text in quotes")
    return values.text(str(value)).strip()


def _number(lowest: int, highest: int) -> Parser:
    def parse(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            raise ValueError(f"must be a whole number from {lowest} to {highest}")
        return value

    return parse


def _headers(names: frozenset[str]) -> Parser:
    parse_values = _each(_template(names))

    def parse(value: object) -> dict[str, str]:
        entries = values.table(value)
        values.each(((values.member(name), name) for name in entries), values.auth_name)
        return parse_values(entries)

    return parse


def _answer(names: frozenset[str]) -> Parser:
    read = _table(
        {"status": _number(200, 599), "headers": _headers(names), "body": _template(names)},
        check=_says_something,
    )
    return lambda value: parts.AnswerTemplate(**read(value))


def _says_something(found: Found, written: Collection[str]) -> Iterator[tuple[str, str]]:
    if not written:
        yield "", "says nothing: write `status`, `headers` or `body`"


def _answers(value: object) -> Found:
    """What the site answers to an upload."""
    return _table(
        {
            "done": _answer(parts.DONE_NAMES),
            "duplicate": _answer(parts.DUPLICATE_NAMES),
            "refused": _answer(parts.REFUSED_NAMES),
            "unauthorized": _answer(parts.UNAUTHORIZED_NAMES),
        },
        ("done", "duplicate", "refused", "unauthorized"),
    )(value)


def _csrf(value: object) -> parts.CsrfPage:
    return parts.CsrfPage(
        **_table(
            {"endpoint": urls.endpoint, "body": _template(parts.CSRF_NAMES)},
            ("endpoint", "body"),
            _shows_csrf,
        )(value)
    )


def _shows_csrf(found: Found, written: Collection[str]) -> Iterator[tuple[str, str]]:
    if "body" in found and "csrf" not in names_in(found["body"]):
        yield ".body", "must show {{ csrf }}"


def _login(value: object) -> parts.LoginRules:
    parsers: Mapping[str, Parser] = {
        "endpoint": urls.endpoint,
        "fields": _each(_field),
        "format": values.one_of(LoginFormat),
        "csrf": _csrf,
        "cookie": values.auth_name,
        "header": _header,
        "lasts": _number(1, 1_000_000),
        "done": _answer(parts.LOGGED_IN_NAMES),
        "refused": _answer(parts.LOGIN_REFUSED_NAMES),
    }
    found = dict(_table(parsers, ("endpoint", "fields", "refused"), _login_is_whole)(value))
    name, header = found.pop("header", (None, None))
    return parts.LoginRules(header_name=name, header_value=header, **found)


def _field(value: object) -> str:
    """What a field must hold: a template, or a value that is compared as the sandbox reads it from JSON."""
    match value:
        case bool():
            return "1" if value else "0"
        case int() | float():
            return json.dumps(value)
        case _:
            return _template(parts.CREDENTIAL_NAMES | {"csrf"})(value)


def _header(value: object) -> tuple[str, str]:
    name, _, content = values.text(value).partition(":")
    if not content.strip():
        raise ValueError('must be a name and what it holds, as in "Authorization: Bearer {{ token }}"')
    header = _template(parts.TOKEN_NAMES)(content.strip())
    if "token" not in names_in(header):
        raise ValueError("does not hold {{ token }}")
    return values.auth_name(name.strip()), header


def _login_is_whole(found: Found, written: Collection[str]) -> Iterator[tuple[str, str]]:
    if "fields" in found:
        used = {name for source in found["fields"].values() for name in names_in(source)}
        if "password" not in used:
            yield ".fields", "ask for no {{ password }}: anybody could log in"
        if "csrf" in used and "csrf" not in written:
            yield ".fields", "ask for {{ csrf }}: a table `csrf` must say which page shows it"
        if "csrf" in written and "csrf" not in used:
            yield ".csrf", "is of no use: no field asks for {{ csrf }}"
    if "csrf" in written and "cookie" not in written:
        yield ".csrf", "a page's token is bound to a cookie: name it as `cookie`"
    yield from _knows_one_again(found, written)


def _knows_one_again(found: Found, written: Collection[str]) -> Iterator[tuple[str, str]]:
    if "cookie" in written and "header" in written:
        yield ".cookie", "give this or `header`, not both"
    if "cookie" not in written and "header" not in written:
        yield ".cookie", "is missing: by this, or by `header`, the site knows one again"
    is_read = "done" in found or "done" not in written
    if "header" in written and is_read and not _hands_out_token(found.get("done")):
        yield ".done", "must hand out {{ token }}, which `header` wants"


def _hands_out_token(done: parts.AnswerTemplate | None) -> bool:
    sources = (done.body, *done.headers.values()) if done else ()
    return any("token" in names_in(source) for source in sources)


def _whole(found: Found, written: Collection[str]) -> Iterator[tuple[str, str]]:
    yield from _auth_is_whole(found, written)
    if "api_format" in found or "api_format" not in written:
        is_document = found.get("api_format") is ApiFormat.DOCUMENT
        if is_document != ("document_field" in written):
            yield ".document_field", 'belongs to api_format = "document": write both or neither'
    login = found.get("login")
    if login is not None and _path(login.endpoint) == _path(found.get("custom_endpoint", "")):
        yield ".login.endpoint", "must not be the path of `custom_endpoint`"
    if "page" in found and found["page"] == found.get("download_endpoint"):
        yield ".page", "must not be `download_endpoint`"


def _auth_is_whole(found: Found, written: Collection[str]) -> Iterator[tuple[str, str]]:
    if "api_auth_type" in written and "api_auth_type" not in found:
        return
    auth = found.get("api_auth_type", AuthType.BEARER)
    if "api_auth_name" in written and auth not in NAMED_AUTH:
        yield ".api_auth_name", f"is only for api_auth_type = {', '.join(NAMED_AUTH)}"
    if auth is AuthType.SESSION and "login" not in written:
        yield ".login", 'is missing: api_auth_type = "session" needs it'
    if auth is not AuthType.SESSION and "login" in written:
        yield ".login", 'is only for api_auth_type = "session"'


def _path(endpoint: str) -> str:
    return Endpoint.parse(endpoint).path


_MAKE: Mapping[str, Parser] = {
    "name": values.text,
    "custom_endpoint": urls.endpoint,
    "api_auth_type": values.one_of(AuthType),
    "api_auth_name": values.auth_name,
    "api_format": values.one_of(ApiFormat),
    "document_field": values.text,
    "torrent_field": values.text,
    "name_field": values.text,
    "required": _texts,
    "known_ids": _each(_ids),
    "page": urls.download_endpoint,
    "download_endpoint": urls.download_endpoint,
    "login": _login,
}
_ACCOUNT: Mapping[str, Parser] = {"username": values.text, "password": values.text, "api_key": values.text}
