"""Puts a value at a path of a JSON document, such as `file.content` or `files.0.data`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def placed(document: object, path: str, value: object) -> object:
    """A copy of the document with the value there; tables and lists on the way are made where none stand.

    ValueError where something else stands there, or on the way.
    """
    return _placed(document, path.split("."), value, path)


def _placed(node: object, parts: Sequence[str], value: object, path: str) -> object:
    if not parts:
        if node is not None:
            raise ValueError(f"something else stands at {path}")
        return value
    part, *rest = parts
    if isinstance(node, list | tuple) or (node is None and part == "0"):
        return _placed_in_list(list(node or ()), part, rest, value, path)
    if node is None or isinstance(node, Mapping):
        table = dict(node or {})
        return {**table, part: _placed(table.get(part), rest, value, path)}
    raise ValueError(f"something that is no table stands on the way to {path}")


def _placed_in_list(items: list[object], part: str, rest: Sequence[str], value: object, path: str) -> object:
    index = int(part) if part.isascii() and part.isdigit() and len(part) < 4 else -1
    if not 0 <= index <= len(items):
        raise ValueError(f"a list stands on the way to {path}, which has no place {part}")
    before = items[index] if index < len(items) else None
    return [*items[:index], _placed(before, rest, value, path), *items[index + 1 :]]
