"""The text of an adapter and of its test."""

from __future__ import annotations

import ast
from importlib import resources

from .names import AdapterNames

TEMPLATE_BASE, TEMPLATE_CLASS, TEMPLATE_ID = "GenericTracker", "TemplateTracker", "TEMPLATE"
FUTURE = "from __future__ import annotations\n"


def adapter_source(names: AdapterNames, base: str) -> str:
    """The template with the site's names, importing only what third parties may."""
    template = resources.files("trackers").joinpath("template_tracker.py").read_text("utf-8")
    module = ast.parse(template)
    (tracker,) = (node for node in module.body if isinstance(node, ast.ClassDef))
    imported = {
        alias.name for node in module.body[2:] if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    body = "".join(template.splitlines(keepends=True)[tracker.lineno - 1 :])
    body = body.replace(TEMPLATE_CLASS, names.adapter_class).replace(TEMPLATE_BASE, base)
    body = body.replace(f'"{TEMPLATE_ID}"', f'"{names.tracker_id}"')
    listed = "".join(f"    {name},\n" for name in sorted(imported - {TEMPLATE_BASE} | {base}))
    return (
        f'"""The tracker {names.tracker_id}.\n\n'
        "Every hook does here what its family does. Keep those in which the site differs, and\n"
        'delete the others.\n"""\n\n'
        f"{FUTURE}\nfrom mua_async.adapter import (\n{listed})\n\n\n{body}"
    )


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
