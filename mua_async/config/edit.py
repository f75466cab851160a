"""Changes one tracker's table in the configuration's file; comments, order and all else stay."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, MutableMapping
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable, Item, Key, Table

from pipeline.errors import MuaError, UsageError
from pipeline.files import write_private

from . import values
from .configuration import Configuration, read_configuration
from .file import Document, parse_document, read_text


def set_tracker(path: Path, tracker_id: str, table: Mapping[str, object]) -> None:
    """Adds `[trackers.ID]` or changes it to `table`; a missing file is made, with mode 0600.

    A UsageError, and no change, where the result would have a problem that was not there before.
    """
    name = _check_id(tracker_id)
    _change(path, name, dict(table))


def remove_tracker(path: Path, tracker_id: str) -> None:
    """Takes `[trackers.ID]` out; a UsageError where there is none."""
    name = _check_id(tracker_id)
    _change(path, name, None)


def _check_id(tracker_id: str) -> str:
    try:
        return values.tracker_id(tracker_id)
    except ValueError as error:
        raise UsageError(f"{tracker_id!r} {error}") from None


def _change(path: Path, name: str, table: Document | None) -> None:
    is_json = path.suffix.lower() == ".json"
    text = read_text(path) if os.path.exists(path) else "{}" if is_json else ""
    document = parse_document(path, text)
    before = read_configuration(path, document)
    if table is None and not before.has_table(name):
        raise UsageError(f"{path} has no tracker {name}", hint="`mua-async tracker list` shows the ids")
    key = _written_key(document, name)
    wanted = _with_tracker(document, key, table)
    _refuse_new_problems(name, before, read_configuration(path, wanted))
    if is_json:
        changed = json.dumps(wanted, indent=2, ensure_ascii=False) + "\n"
    else:
        changed = _edit_toml(path, text, key, table)
        if _with_trackers(parse_document(path, changed)) != _with_trackers(wanted):
            raise _not_editable(path, key)
    _replace(path, changed)


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


def _refuse_new_problems(name: str, before: Configuration, after: Configuration) -> None:
    known = before.tracker_problems.get(name, ())
    problems = tuple(line for line in after.tracker_problems.get(name, ()) if line not in known)
    if problems:
        raise UsageError(f"tracker {name} was not saved", problems=problems)


def _edit_toml(path: Path, text: str, key: str, table: Document | None) -> str:
    try:
        document = tomlkit.parse(text)
        trackers = document.get("trackers", {})
        if table is None:
            del trackers[key]
        elif key in trackers:
            _update(trackers, key, table)
        elif isinstance(trackers, InlineTable):
            trackers[key] = _item(table)
        else:
            return _append(text, key, table)
        return tomlkit.dumps(document)
    except (TOMLKitError, ValueError) as error:
        raise _not_editable(path, key) from error


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
    if not isinstance(value, dict):
        return tomlkit.item(value)
    table = tomlkit.inline_table()
    table.update({key: _item(part) for key, part in value.items()})
    return table


def _append(text: str, key: str, table: Document) -> str:
    section = tomlkit.table()
    section.update({name: _item(value) for name, value in table.items()})
    trackers = tomlkit.table(is_super_table=True)
    trackers.append(key, section)
    added = tomlkit.document()
    added.append("trackers", trackers)
    return (text.rstrip() + "\n\n" if text.strip() else "") + tomlkit.dumps(added)


def _not_editable(path: Path, key: str) -> UsageError:
    return UsageError(
        f"{path} is written in a way that cannot be changed safely", hint=f"edit trackers.{key} by hand"
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
