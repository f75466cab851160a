"""`mua-async tracker list`."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import click
from attrs import frozen

from pipeline.errors import UsageError

from ...config.configuration import Configuration
from ...options import Common, common_options
from ...output import json_line
from ...selection import is_enabled, known_ids, tracker_config
from .missing_file import tell_missing_file


@click.command("list")
@common_options
def command(common: Common) -> int:
    """List every tracker: configured ones, built-in ones, modules of yours."""
    configuration = common.config.load_or_new()
    tell_missing_file(common)
    rows = [_row(common, configuration, tracker_id) for tracker_id in known_ids(common, configuration)]
    rows += _misnamed(common, configuration)
    width = max(len(row.tracker) for row in rows)
    for row in rows:
        if common.json:
            json_line("tracker", **attrs.asdict(row))
        else:
            click.echo(f"{row.tracker:<{width}}  {row.state:<14}  {row.origin}")
    return 0


@frozen
class Row:
    """A tracker in the list; `origin` is where its class comes from, or what is wrong."""

    tracker: str
    state: str
    origin: str


def _misnamed(common: Common, configuration: Configuration) -> Iterator[Row]:
    """What would be a tracker, had it an id."""
    for key in configuration.misnamed_tables():
        yield Row(key, "broken", "; ".join(configuration.tracker_problems[key]))
    for name, problem in common.trackers.misnamed_packages().items():
        yield Row(name, "broken", problem)


def _row(common: Common, configuration: Configuration, tracker_id: str) -> Row:
    try:
        config = tracker_config(configuration, tracker_id)
        found = common.trackers.find(tracker_id, config.type)
    except UsageError as error:
        return Row(tracker_id, "broken", error.problems[0] if error.problems else str(error))
    origin = f"{found.origin} (instead of the built-in one)" if found.overrides else found.origin
    if not configuration.has_table(tracker_id):
        return Row(tracker_id, "not configured", origin)
    if not is_enabled(configuration, tracker_id):
        return Row(tracker_id, "disabled", origin)
    return Row(tracker_id, "not ready" if found.cls.missing(config) else "ready", origin)
