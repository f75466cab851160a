"""Reads the old tool's configuration, JSON or Python, as plain data; its Python is parsed, never executed."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import field, frozen

from pipeline.errors import UsageError

from .file import Document, parse_document, read_text


@frozen
class Computed:
    """A value that only running the file would give."""

    line: int


@frozen
class OldFile:
    document: Document = field(repr=False)
    computed: Mapping[str, int] = field(factory=dict)
    """The line of each value that was left out because it is computed, under its dotted place."""


def read_old_file(path: Path) -> OldFile:
    """The file's settings; a UsageError says why it cannot be read."""
    text = read_text(path)
    match path.suffix.lower():
        case ".json":
            return OldFile(parse_document(path, text))
        case ".py":
            return _read_python(path, text)
        case _:
            raise UsageError(f"{path} is neither config.json nor config.py", hint="name the old tool's file")


def _read_python(path: Path, text: str) -> OldFile:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an odd escape in a text of theirs
            module = ast.parse(text)
        settings = _settings(module)
        if settings is None:
            raise UsageError(f"{path} has no dictionary called `config`")
        computed = dict(_computed(settings, ""))
        return OldFile(_without_computed(settings), computed)
    except SyntaxError as error:
        place = f"{path}:{error.lineno}:{error.offset}" if error.lineno else path
        raise UsageError(f"{place}: no valid Python: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise UsageError(f"{path}: no valid Python: {error or type(error).__name__}") from None


def _settings(module: ast.Module) -> Document | None:
    """What the file calls `config`, else its first dictionary, as the old tool looked for it."""
    names: dict[str, object] = {}
    for statement in module.body:
        match statement:
            case ast.Assign(targets=targets, value=value):
                pass
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                targets = [target]
            case _:
                continue
        names |= {target.id: _plain(value, names) for target in targets if isinstance(target, ast.Name)}
    tables = {name: value for name, value in names.items() if isinstance(value, dict)}
    return tables.get("config", next(iter(tables.values()), None))


def _plain(node: ast.expr, names: Mapping[str, object]) -> object:
    """The value that is written there; names are those that the file gave to values before."""
    match node:
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            return {str(_plain(key, names)): _plain(value, names) for key, value in pairs if key is not None}
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_plain(item, names) for item in items]
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.Constant(value=str() | bool() | int() | float() | None as value):
            return value
        case _:
            return Computed(node.lineno)


def _computed(value: object, place: str) -> Iterator[tuple[str, int]]:
    if isinstance(value, Computed):
        yield place, value.line
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _computed(item, f"{place}.{key}" if place else key)


def _without_computed(table: Mapping[str, object]) -> Document:
    return {
        key: _without_computed(value) if isinstance(value, dict) else value
        for key, value in table.items()
        if not isinstance(value, Computed)
    }
