"""The text of an adapter and of its test."""

from __future__ import annotations

import ast
import builtins
import inspect
import sys
from collections.abc import Iterator, Mapping
from importlib import resources

from trackers.generic_tracker import GenericTracker

from .names import AdapterNames

TEMPLATE_BASE, TEMPLATE_CLASS, TEMPLATE_ID = "GenericTracker", "TemplateTracker", "TEMPLATE"
LONGEST_LINE = 88
"""Characters; formatters leave no more."""
ID_TABLES = ("category_ids", "format_ids")
FUTURE = "from __future__ import annotations\n"


def adapter_source(
    names: AdapterNames, base: str, family: type[GenericTracker], site: type[GenericTracker] | None = None
) -> str:
    """The template with the site's names, importing only what third parties may.

    `base` is what they call the family's class, whose ids it has. With the class of a built-in site the
    adapter has that one's data, since it will stand in for it.
    """
    template = resources.files("trackers").joinpath("template_tracker.py").read_text("utf-8")
    module = ast.parse(template)
    data = {name: f"{base}.{name}" for name in ID_TABLES if getattr(family, name)}
    if site is not None:
        data |= {"source_name": "None", **_data_of(site)}
    body = "".join(_lines_with_data(template, _class_in(module), data))
    body = body.replace(TEMPLATE_CLASS, names.adapter_class).replace(TEMPLATE_BASE, base)
    body = body.replace(f'"{TEMPLATE_ID}"', f'"{names.tracker_id}"')
    imported = set(_imported(module)) - {TEMPLATE_BASE} | {base} | set().union(*map(_names_in, data.values()))
    listed = "".join(f"    {name},\n" for name in sorted(imported, key=_as_sorted))
    typing = "from typing import ClassVar\n\n" if "ClassVar" in body else ""
    return (
        f'"""The tracker {names.tracker_id}.\n\n'
        "Every hook does here what its family does. Keep those in which the site differs, and\n"
        'delete the others.\n"""\n\n'
        f"{FUTURE}\n{typing}from mua_async.adapter import (\n{listed})\n\n\n{body}"
    )


def _imported(module: ast.Module) -> Iterator[str]:
    """What the template has of ours, and third parties have of `mua_async.adapter`."""
    for node in module.body:
        if isinstance(node, ast.ImportFrom) and node.module not in {"__future__", "typing"}:
            yield from (alias.name for alias in node.names)


def _as_sorted(name: str) -> tuple[bool, str]:
    """Constants first, as formatters have it."""
    return not name.isupper(), name


def _data_of(site: type[GenericTracker]) -> dict[str, str]:
    """The expressions that a built-in site's class gives its attributes."""
    source = inspect.getsource(sys.modules[site.__module__])
    return {
        name: ast.get_source_segment(source, node.value) or "None"
        for name, node in _assigned(_class_in(ast.parse(source)))
        if node.value is not None
    }


def _class_in(module: ast.Module) -> ast.ClassDef:
    (found,) = (node for node in module.body if isinstance(node, ast.ClassDef))
    return found


def _assigned(cls: ast.ClassDef) -> Iterator[tuple[str, ast.Assign | ast.AnnAssign]]:
    for node in cls.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name, node


def _lines_with_data(template: str, cls: ast.ClassDef, data: Mapping[str, str]) -> Iterator[str]:
    """The lines of the template's class with this data; what it has no line for follows `source_name`."""
    places = {node.lineno: name for name, node in _assigned(cls)}
    others = [name for name in data if name not in places.values()]
    for number, line in enumerate(template.splitlines(keepends=True), 1):
        name = places.get(number, "")
        if number >= cls.lineno:
            yield _assignment(name, data) if name in data else line
        if name == "source_name":
            yield from (_assignment(other, data) for other in others)


def _assignment(name: str, data: Mapping[str, str]) -> str:
    value = data[name]
    node = ast.parse(value, mode="eval").body
    annotation = ""
    if isinstance(node, ast.Dict | ast.Call) and name.endswith("_ids"):
        annotation = ": ClassVar[dict[str, str]]"
    elif isinstance(node, ast.Dict):
        annotation = ": ClassVar"
    line = f"    {name}{annotation} = {value}"
    if not isinstance(node, ast.Dict) or len(line.partition("\n")[0]) <= LONGEST_LINE:
        return f"{line}\n"
    items = "".join(f"        {item},\n" for item in _items(node, value))
    return f"    {name}{annotation} = {{\n{items}    }}\n"


def _items(table: ast.Dict, source: str) -> Iterator[str]:
    """The parts of a table, as they are written."""
    for key, value in zip(table.keys, table.values, strict=True):
        if key is not None:
            yield f"{ast.get_source_segment(source, key)}: {ast.get_source_segment(source, value)}"


def _names_in(expression: str) -> set[str]:
    """What an expression needs to be imported; builtins are not."""
    names = {node.id for node in ast.walk(ast.parse(expression)) if isinstance(node, ast.Name)}
    return names - vars(builtins).keys()


def conformance_source(names: AdapterNames) -> str:
    """A test that loads the adapter as the program does: from its folder, by its id."""
    return (
        f'"""{names.tracker_id} passes every check that the trackers of mua-async pass."""\n\n'
        f"{FUTURE}\n"
        "from pathlib import Path\n\n"
        "from mua_async.adapter import TrackerConformance, find_adapter\n\n\n"
        f"class {names.test_class}(TrackerConformance):\n"
        f'    tracker_class = find_adapter("{names.tracker_id}", Path(__file__).parent)\n'
    )
