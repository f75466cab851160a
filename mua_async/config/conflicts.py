"""What is wrong between the keys of a tracker's table that describe a site of unknown make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trackers.auth import DEFAULT_NAMES
from trackers.missing_keys import DESCRIBING_KEYS
from trackers.tracker_config import AuthType

from . import values
from .collisions import Problem, collisions

CSRF_MISSING = 'is missing: the page that holds the token, as in { endpoint = "upload", regex = ... }'


def conflicts(table: Mapping[str, object]) -> Iterator[Problem]:
    """All of it; what is wrong with a key by itself is told elsewhere."""
    body = table.get("api_format", "form")
    if body == "document" and "document_field" not in table:
        yield ".document_field", "is missing: the form field that holds the JSON document"
    if body != "document" and "document_field" in table:
        yield ".document_field", 'is for api_format = "document" only'
    way = table.get("api_auth_type")
    if "api_auth_name" in table and way in list(AuthType) and way not in DEFAULT_NAMES:
        yield ".api_auth_name", f'is for api_auth_type = "param", "header" or "field" only, not "{way}"'
    session = way == "session"
    if "login" in table and not session:
        yield ".login", 'needs api_auth_type = "session"'
    answer = table.get("answer")
    if isinstance(answer, dict) and "expired" in answer and not session:
        yield ".answer.expired", 'is for a login, with api_auth_type = "session"'
    search = table.get("search")
    if isinstance(search, dict) and search.get("absent") and "source_name" not in table:
        yield (
            ".search.absent",
            "needs `source_name`: with another source than its own a site makes another torrent of yours",
        )
    yield from _of_token(table)
    yield from collisions(table)
    if table.get("type", "generic") != "generic":
        for key in DESCRIBING_KEYS:
            if key in table:
                yield values.member(key), 'is for type = "generic" only'


def _of_token(table: Mapping[str, object]) -> Iterator[Problem]:
    is_sent = "csrf" in _names_in(table.get("fields"))
    if is_sent and "csrf" not in table:
        yield ".csrf", CSRF_MISSING
    if "csrf" in table and not is_sent:
        yield ".csrf", "none of `fields` sends {{ csrf }}"


def _names_in(fields: object) -> set[str]:
    """The names that templates ask for, nothing being asked of those that are none."""
    if not isinstance(fields, dict):
        return set()
    from pipeline.templating import names_in
    from trackers.described.fields import RELEASE_NAMES, template_problem

    return {
        name
        for text in _texts(fields)
        if template_problem(text, RELEASE_NAMES) is None
        for name in names_in(text)
    }


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for name, item in value.items():
                yield from _texts(name)
                yield from _texts(item)
        case list():
            for item in value:
                yield from _texts(item)
