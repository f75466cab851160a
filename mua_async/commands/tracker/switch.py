"""What `enable` and `disable` do."""

from __future__ import annotations

import click

from pipeline.errors import UsageError

from ...config.configuration import Configuration
from ...options import Common
from ...output import json_line
from ...selection import is_enabled, known_ids


def switch(common: Common, tracker_id: str, *, on: bool) -> int:
    configuration = common.config.load()
    name = configured_id(common, configuration, tracker_id)
    state = "enabled" if on else "disabled"
    changed = is_enabled(configuration, name) is not on
    if changed:
        common.config.save_tracker(name, {**configuration.table(name), "enabled": on})
    if common.json:
        json_line(f"tracker_{state}", tracker=name, path=str(common.config.path), changed=changed)
    elif not common.quiet:
        click.echo(f"{name} is {state}{'' if changed else ' already'}")
    return 0


def configured_id(common: Common, configuration: Configuration, tracker_id: str) -> str:
    """The id in upper case; UsageError where the configuration has no table of it."""
    name = tracker_id.upper()
    if configuration.has_table(name):
        return name
    if name in known_ids(common, configuration):
        raise UsageError(
            f"tracker {name} is not configured", hint=f"`mua-async tracker add {name}` writes its table"
        )
    raise common.trackers.unknown_id(name, configuration.tracker_ids())
