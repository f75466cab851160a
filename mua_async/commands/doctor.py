"""`mua-async doctor`: what works here, what does not, and what to do."""

from __future__ import annotations

import importlib.util
import os
import platform
from collections.abc import Iterator
from pathlib import Path

import click
from attrs import frozen

from pipeline.errors import UsageError

from .. import __version__
from ..clients import folder_problem, watch_folder_problem
from ..config.configuration import Configuration
from ..config.secret_ref import resolve
from ..options import Common, common_options
from ..output import json_line
from ..selection import default_problems, find_tracker, is_enabled


@frozen
class Finding:
    """One thing looked at; `ok` None is neither good nor bad."""

    what: str
    ok: bool | None
    text: str


@click.command("doctor")
@common_options
def command(common: Common) -> int:
    """Check configuration, keys, folders and optional parts; say what to do. Asks no site."""
    findings = list(_findings(common))
    for finding in findings:
        if common.json:
            json_line("finding", check=finding.what, ok=finding.ok, message=finding.text)
        elif not common.quiet or finding.ok is False:
            mark = {True: "ok", False: "PROBLEM", None: "-"}[finding.ok]
            click.echo(f"{mark:<8}{finding.what}: {finding.text}")
    return 1 if any(finding.ok is False for finding in findings) else 0


def _findings(common: Common) -> Iterator[Finding]:
    yield Finding("mua-async", True, f"{__version__}, Python {platform.python_version()}")
    yield _hashing(common)
    yield _keyring()
    data = common.locations.data
    yield _folder("data folder", data, folder_problem(data))
    try:
        configuration = common.config.load()
    except UsageError as error:
        yield Finding("configuration", False, "; ".join((str(error), *error.problems)))
        return
    if configuration.path is None:
        yield Finding("configuration", None, f"none yet; it would be {common.config.path}")
        return
    yield Finding("configuration", True, str(configuration.path))
    for name, client in configuration.clients.items():
        yield _folder(f"clients.{name}", client.path, watch_folder_problem(client.path))
    for problem in default_problems(common, configuration):
        yield Finding("default_trackers", False, problem.removeprefix("default_trackers: "))
    for tracker_id in configuration.tracker_ids():
        yield _tracker(common, configuration, tracker_id)
    for key in configuration.misnamed_tables():
        yield Finding("trackers", False, "; ".join(configuration.tracker_problems[key]))
    used = [name for name in configuration.tracker_ids() if is_enabled(configuration, name)]
    for warning in configuration.secret_warnings(used):
        yield Finding("secrets", None, warning)


def _hashing(common: Common) -> Finding:
    try:
        engine = common.hash_engine
    except UsageError as error:
        return Finding("hashing", False, str(error))
    return Finding(
        "hashing", None if engine.note else True, "; ".join(filter(None, (engine.name, engine.note)))
    )


def _keyring() -> Finding:
    if importlib.util.find_spec("keyring") is None:
        return Finding("keyring", None, 'not installed; pip install "mua-async[keyring]" adds it')
    return Finding("keyring", True, "installed")


def _folder(what: str, folder: Path, problem: str | None) -> Finding:
    made = "" if os.path.exists(folder) else " (will be made)"
    return Finding(what, problem is None, problem or f"{folder}{made}")


def _tracker(common: Common, configuration: Configuration, tracker_id: str) -> Finding:
    what = f"trackers.{tracker_id}"
    if not is_enabled(configuration, tracker_id):
        return Finding(what, None, "disabled")
    try:
        tracker = find_tracker(
            common, configuration, tracker_id, lambda reference: resolve(reference, common.environ)
        )
    except UsageError as error:
        return Finding(what, False, "; ".join(error.problems or (str(error),)))
    missing = tracker.missing()
    ready = f"ready ({tracker.found.origin}); `mua-async tracker test {tracker_id}` asks the site"
    return Finding(what, not missing, "; ".join(missing) or ready)
