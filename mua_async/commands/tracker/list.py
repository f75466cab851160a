"""`mua-async tracker list`."""

from __future__ import annotations

import attrs
import click
from attrs import frozen

from pipeline.errors import UsageError

from ...config.configuration import Configuration
from ...options import Common, common_options
from ...output import json_line
from ...selection import is_enabled, known_ids, tracker_config


@click.command("list")
@common_options
def command(common: Common) -> int:
    """List every tracker: configured ones, built-in ones, modules of yours."""
    configuration = common.config.load()
    rows = [_row(common, configuration, tracker_id) for tracker_id in known_ids(common, configuration)]
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
