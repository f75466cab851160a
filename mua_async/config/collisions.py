"""Parts of a request that would go into one field: each needs a field of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trackers.auth import DEFAULT_NAMES
from trackers.json_place import placed
from trackers.tracker_config import AuthType

from . import values
from .answer_rules import path

Problem = tuple[str, str]
"""A place below the table, and what is wrong there."""


def collisions(table: Mapping[str, object]) -> Iterator[Problem]:
    """What is wrong between the keys of a tracker's table that name fields."""
    match table.get("api_format", "form"):
        case "json":
            yield from _in_json(table)
        case "document":
            yield from _between(_files(table) | _document(table) | _key(table))
        case _:
            yield from _in_form(table)
    yield from _in_query(table)


def _in_query(table: Mapping[str, object]) -> Iterator[Problem]:
    """A key that is a field of the upload is a parameter of a search."""
    search = table.get("search")
    params = search.get("params") if isinstance(search, dict) else None
    for name in params if isinstance(params, dict) else ():
        yield from _taken(f".search.params{values.member(name)}", name, _key(table, AuthType.PARAM))


def _in_form(table: Mapping[str, object]) -> Iterator[Problem]:
    parts = _files(table) | _key(table)
    yield from _between(parts)
    for name, value in _fields(table).items():
        place = f".fields{values.member(name)}"
        yield from _taken(place, name, parts)
        items = value if isinstance(value, list) else [value]
        if any(isinstance(item, dict | list) for item in items):
            yield place, 'a form has no tables in its fields: write api_format = "json" or "document"'


def _in_json(table: Mapping[str, object]) -> Iterator[Problem]:
    """Files are at paths among the fields, the key stands at the top under its name."""
    document: object = _fields(table)
    tables: dict[str, str] = {}
    for key, field in _files(table).items():
        try:
            document = placed(document, path(field), "a file")
            tables[key] = field.partition(".")[0]
        except ValueError as error:
            yield values.member(key), str(error)
    for key, name in _key(table).items():
        yield from _taken(values.member(key), name, tables)
        if name in _fields(table):
            yield from _taken(f".fields{values.member(name)}", name, {key: name})


def _between(parts: Mapping[str, str]) -> Iterator[Problem]:
    before: dict[str, str] = {}
    for key, field in parts.items():
        yield from _taken(values.member(key), field, before)
        before[key] = field


def _taken(place: str, name: str, parts: Mapping[str, str]) -> Iterator[Problem]:
    for key, field in parts.items():
        if field == name:
            yield place, f"is the field of `{key}`, too"


def _fields(table: Mapping[str, object]) -> Mapping[str, object]:
    fields = table.get("fields")
    return fields if isinstance(fields, dict) else {}


def _files(table: Mapping[str, object]) -> dict[str, str]:
    return _texts(torrent_field=table.get("torrent_field", "torrent"), cover_field=table.get("cover_field"))


def _document(table: Mapping[str, object]) -> dict[str, str]:
    return _texts(document_field=table.get("document_field"))


def _key(table: Mapping[str, object], *also: AuthType) -> dict[str, str]:
    way = table.get("api_auth_type")
    for auth_type in (AuthType.FIELD, *also):
        if way == auth_type:
            return _texts(api_auth_name=table.get("api_auth_name", DEFAULT_NAMES[auth_type]))
    return {}


def _texts(**named: object) -> dict[str, str]:
    return {key: field for key, field in named.items() if isinstance(field, str)}
