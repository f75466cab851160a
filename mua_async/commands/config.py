"""`mua-async config`: where the configuration is, whether it is right, and what an older one comes to."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.errors import UsageError

from ..config.configuration import Configuration
from ..display.text import count_of, sentence
from ..options import EXISTING_PATH, Common, common_options
from ..output import json_line
from ..selection import default_problems, is_enabled, tracker_config

if TYPE_CHECKING:
    from ..config.old_tool import Line


@click.group("config")
def command() -> None:
    """Find, check and import the configuration."""


@command.command("path")
@common_options
def path(common: Common) -> int:
    """Print where the configuration is, or where it would be looked for."""
    if common.json:
        json_line("config_path", path=str(common.config.path))
    else:
        click.echo(str(common.config.path))
    return 0


@command.command("check")
@common_options
def check(common: Common) -> int:
    """Check every key of the configuration; exit 0 if all are right, 1 if not."""
    try:
        configuration = common.config.load()
    except UsageError as error:
        if not os.path.lexists(common.config.path):
            raise
        notes = [error.hint] if error.problems and error.hint else []
        return _report(common, error.problems or [str(error)], notes)
    problems: list[str] = []
    warnings: list[str] = []
    if configuration.path is None:
        problems.append(f"no configuration yet: {common.config.path} does not exist")
    problems += default_problems(common, configuration)
    for tracker_id in configuration.tracker_ids():
        found = _problems(common, configuration, tracker_id)
        # What is wrong with a tracker that is off keeps nothing from being sent.
        (problems if is_enabled(configuration, tracker_id) else warnings).extend(found)
    for key in configuration.misnamed_tables():
        problems += configuration.tracker_problems[key]
    warnings += configuration.secret_warnings(configuration.tracker_ids())
    return _report(common, problems, warnings, count_of(len(configuration.tracker_ids()), "tracker"))


@command.command("import")
@click.argument("file", type=EXISTING_PATH)
@common_options
def import_(common: Common, file: Path) -> int:
    """Take over the old tool's config.json or config.py, and say of each setting what became of it.

    Nothing of FILE is executed. A tracker that is configured already is never overwritten.
    """
    from ..config.old_file import read_old_file  # with what only an import needs
    from ..config.old_tool import Fate, Line, translate

    before = common.config.load_or_new()
    imported = translate(read_old_file(file))
    if there := [name for name in imported.tables if before.has_table(name)]:
        raise UsageError(
            f"nothing was imported: {common.config.path} has {', '.join(there)} already",
            hint="take it out first: `mua-async tracker remove ID`",
        )
    keeps_uploader = imported.uploader is None or before.uploader is not None
    common.config.add(imported.tables, {} if keeps_uploader else {"uploader": imported.uploader})
    for line in imported.lines:
        _tell_line(common, line)
    if imported.uploader and before.uploader not in {None, imported.uploader}:
        _tell_line(common, Line(Fate.LEFT_OUT, "uploader_name", "the configuration names one already"))
    after = common.config.load()
    used = [name for name in imported.tables if is_enabled(after, name)]
    problems = [problem for name in used for problem in _problems(common, after, name)]
    found = f"{count_of(len(imported.tables), 'tracker')} imported"
    refused = any(line.fate is Fate.REFUSED for line in imported.lines)
    return _report(common, problems, [], found) or int(refused)


def _tell_line(common: Common, line: Line) -> None:
    if common.json:
        json_line("setting_imported", fate=line.fate, place=line.place, message=line.text)
    elif line.fate == "refused" or not common.quiet:
        click.echo(sentence(f"{line.fate}: {line.place}" + (f": {line.text}" if line.text else "")))


def _report(common: Common, problems: Sequence[str], warnings: Sequence[str], found: str = "unusable") -> int:
    if common.json:
        json_line("config_checked", path=str(common.config.path), problems=problems, warnings=warnings)
        return 1 if problems else 0
    for line in problems:
        click.echo(f"problem: {sentence(line)}")
    for line in warnings:
        click.echo(f"warning: {sentence(line)}")
    if problems or not common.quiet:
        click.echo(f"{common.config.path}: {found}, {count_of(len(problems), 'problem')}")
    return 1 if problems else 0


def _problems(common: Common, configuration: Configuration, tracker_id: str) -> tuple[str, ...]:
    if tracker_id in configuration.tracker_problems:
        return configuration.tracker_problems[tracker_id]
    try:
        config = tracker_config(configuration, tracker_id)
        return tuple(common.trackers.find(tracker_id, config.type).cls.missing(config))
    except UsageError as error:
        return error.problems or (str(error),)
