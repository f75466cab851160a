"""Changes the configuration's file; comments, order and all that is not meant stay."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, MutableMapping
from pathlib import Path

import tomlkit
from attrs import field, frozen
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable, Item, Key, Table

from pipeline.errors import MuaError, UsageError
from pipeline.files import write_private

from . import values
from .configuration import Configuration, read_configuration
from .file import Document, parse_document, read_text
from .toml_text import with_header, without_table

LONGEST_INLINE = 80
"""Characters of a table that is written in one line."""


def set_tracker(path: Path, tracker_id: str, table: Mapping[str, object]) -> None:
    """Adds `[trackers.ID]` or changes it to `table`; a missing file is made, with mode 0600.

    A UsageError, and no change, where the result would have a problem that was not there before.
    """
    change(path, Changes(tables={_check_id(tracker_id): dict(table)}))


def remove_tracker(path: Path, tracker_id: str) -> None:
    """Takes `[trackers.ID]` out, and the id out of `default_trackers`; a UsageError where there is none."""
    name = _check_id(tracker_id)
    _, document = _read(path)
    if not read_configuration(path, document).has_table(name):
        raise UsageError(f"{path} has no tracker {name}", hint="`mua-async tracker list` shows the ids")
    defaults = [item for item in _defaults(document) if item.upper() != name]
    settings = {"default_trackers": defaults} if defaults != _defaults(document) else {}
    change(path, Changes(tables={name: None}, settings=settings))


def _defaults(document: Document) -> list[str]:
    value = document.get("default_trackers")
    return value if isinstance(value, list) else []


@frozen
class Changes:
    """What becomes of a configuration; all that is not named stays."""

    tables: Mapping[str, Document | None] = field(factory=dict)
    """The trackers' tables under their ids in upper case; None takes one out."""
    settings: Mapping[str, object] = field(factory=dict)
    """Keys beside the trackers."""


def _check_id(tracker_id: str) -> str:
    try:
        return values.tracker_id(tracker_id)
    except ValueError as error:
        raise UsageError(f"{tracker_id!r} {error}") from None


def change(path: Path, changes: Changes) -> None:
    """Makes all the changes in one step; a missing file is made, with mode 0600.

    A UsageError, and no change, where the result would have a problem that was not there before.
    """
    text, document = _read(path)
    before = read_configuration(path, document)
    wanted = {**document, **changes.settings}
    for name, table in changes.tables.items():
        wanted = _with_tracker(wanted, _written_key(document, name), table)
    _refuse_new_problems(changes, before, read_configuration(path, wanted))
    changed = _dump_json(wanted) if _is_json(path) else _edit_toml(path, text, document, changes)
    _replace(path, _with_line_ends_of(text, changed))


def _is_json(path: Path) -> bool:
    return path.suffix.lower() == ".json"


def _read(path: Path) -> tuple[str, Document]:
    """The text and what it holds, be it nothing yet."""
    text = read_text(path) if os.path.exists(path) else "{}" if _is_json(path) else ""
    return text, parse_document(path, text)


def _with_line_ends_of(before: str, text: str) -> str:
    """The text with the line ends of Windows, where that is how it was written."""
    return re.sub("\r?\n", "\r\n", text) if "\r\n" in before else text


def _dump_json(document: Document) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _trackers(document: Document) -> Mapping[str, object]:
    return values.table(document.get("trackers", {}))


def _with_trackers(document: Document) -> Document:
    """The document with its trackers, were there none: TOML cannot tell an empty table from no table."""
    return {**document, "trackers": _trackers(document)}


def _written_key(document: Document, name: str) -> str:
    """The id as the file spells it."""
    return next((key for key in _trackers(document) if key.upper() == name), name)


def _with_tracker(document: Document, key: str, table: Document | None) -> Document:
    trackers = dict(_trackers(document))
    if table is None:
        del trackers[key]
    else:
        trackers[key] = table
    return {**document, "trackers": trackers}


def _refuse_new_problems(changes: Changes, before: Configuration, after: Configuration) -> None:
    problems = tuple(
        line
        for name in changes.tables
        for line in after.tracker_problems.get(name, ())
        if line not in before.tracker_problems.get(name, ())
    )
    if problems:
        names = ", ".join(changes.tables)
        raise UsageError(f"tracker {names} was not saved", problems=problems)


def _edit_toml(path: Path, text: str, document: Document, changes: Changes) -> str:
    """The text with the changes made one by one; each must come to what it should, or none is made."""
    for key, value in changes.settings.items():
        document = {**document, key: value}
        text = _checked(path, key, _set_setting(text, key, value), document)
    for name, table in changes.tables.items():
        key = _written_key(document, name)
        document = _with_tracker(document, key, table)
        try:
            changed = _without_tracker(text, key) if table is None else _set_table(text, key, table)
        except (TOMLKitError, ValueError):
            raise _not_editable(path, f"trackers.{key}") from None
        text = _checked(path, f"trackers.{key}", changed, document)
    return text


def _checked(path: Path, place: str, text: str, wanted: Document) -> str:
    try:
        if _with_trackers(parse_document(path, text)) == _with_trackers(wanted):
            return text
    except UsageError:
        pass
    raise _not_editable(path, place)


def _set_setting(text: str, key: str, value: object) -> str:
    document = tomlkit.parse(text)
    _update(document, key, value)
    return tomlkit.dumps(document)


def _without_tracker(text: str, key: str) -> str:
    text = without_table(text, ("trackers", key))
    document = tomlkit.parse(text)
    trackers = document.get("trackers", {})
    if key not in trackers:
        return text
    del trackers[key]  # it was written inline, or with dotted keys
    return tomlkit.dumps(document)


def _set_table(text: str, key: str, table: Document) -> str:
    document = tomlkit.parse(with_header(text, ("trackers", key)))
    trackers = document.get("trackers", {})
    if key in trackers:
        _update(trackers, key, table)
    elif isinstance(trackers, InlineTable):
        trackers[key] = _item(table)
    else:
        return _append(text, key, table)
    return tomlkit.dumps(document)


def _update(parent: MutableMapping[str, object], key: str, value: object) -> None:
    """Sets the value, and leaves every part of it that stays the same as it is written."""
    item = parent.get(key)
    if isinstance(item, dict) and isinstance(value, dict):
        for gone in item.keys() - value.keys():
            del item[gone]
        for name, part in value.items():
            _update(item, name, part)
    elif item is None and isinstance(parent, Table):
        _add_key(parent, key, value)
    elif item != value:
        parent[key] = _item(value)


def _add_key(table: Table, key: str, value: object) -> None:
    """Adds a key before the comments at the table's end, which mostly tell of the table that follows."""
    body = table.value.body
    comments: list[tuple[Key | None, Item]] = []
    while body and body[-1][0] is None:
        comments.insert(0, body.pop())
    table[key] = _item(value)
    body.extend(comments)


def _item(value: object) -> Item:
    match value:
        case dict():
            table = tomlkit.inline_table()
            table.update({key: _item(part) for key, part in value.items()})
            return table
        case list():
            array = tomlkit.array()
            array.extend(map(_item, value))
            return array
        case _:
            return tomlkit.item(value)


def _append(text: str, key: str, table: Document) -> str:
    trackers = tomlkit.table(is_super_table=True)
    trackers.append(key, _sections(table))
    added = tomlkit.document()
    added.append("trackers", trackers)
    return (text.rstrip() + "\n\n" if text.strip() else "") + tomlkit.dumps(added)


def _sections(table: Document) -> Table:
    """A tracker under a header of its own, and so each of its tables that is too long for a line."""
    below = {name: value for name, value in table.items() if isinstance(value, dict) and _is_long(value)}
    tracker = _section({name: value for name, value in table.items() if name not in below})
    for name, value in below.items():
        tracker.append(name, _section(value))
    return tracker


def _section(table: Document) -> Table:
    """The order stays: it is the order in which the fields of an upload are sent."""
    section = tomlkit.table()
    section.update({name: _item(value) for name, value in table.items()})
    return section


def _is_long(table: Document) -> bool:
    return len(_item(table).as_string()) > LONGEST_INLINE


def _not_editable(path: Path, place: str) -> UsageError:
    return UsageError(
        f"{path} is written in a way that cannot be changed safely", hint=f"edit {place} by hand"
    )


def _replace(path: Path, text: str) -> None:
    """Puts the whole file in place at once, readable by its owner only; a link stays a link."""
    target = Path(os.path.realpath(path))
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(target, text.encode())
    except MuaError as error:
        raise UsageError(error.message, hint=error.hint) from error
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}", hint="check the folder's permissions"
        ) from error
    except UnicodeEncodeError:
        raise UsageError(f"{path} holds text that is no Unicode", hint="edit it by hand") from None
