"""`mua-async config`: where the configuration is, and whether it is right."""

from __future__ import annotations

import os
from collections.abc import Sequence

import click

from pipeline.errors import UsageError

from ..config.configuration import Configuration
from ..display.text import count_of, sentence
from ..options import Common, common_options
from ..output import json_line
from ..selection import default_problems, is_enabled, tracker_config


@click.group("config")
def command() -> None:
    """Find and check the configuration."""


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
    warnings += configuration.secret_warnings(configuration.tracker_ids())
    return _report(common, problems, warnings, count_of(len(configuration.tracker_ids()), "tracker"))


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
