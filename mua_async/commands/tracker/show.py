"""`mua-async tracker show`."""

from __future__ import annotations

import json
from collections.abc import Mapping

import attrs
import click

from ...config.schema import SECRETS
from ...config.secret_ref import describe_reference
from ...options import Common, common_options
from ...output import json_line
from ...selection import known_ids, tracker_config
from .masking import masked_description


@click.command("show")
@click.argument("tracker_id", metavar="ID")
@common_options
def command(common: Common, tracker_id: str) -> int:
    """Show what a tracker's uploads would use: your keys, and the site's own where you wrote none."""
    configuration = common.config.load()
    tracker_id = tracker_id.upper()
    if tracker_id not in known_ids(common, configuration):
        raise common.trackers.unknown_id(tracker_id, configuration.tracker_ids())
    config = tracker_config(configuration, tracker_id)
    found = common.trackers.find(tracker_id, config.type)
    table = configuration.table(tracker_id) if configuration.has_table(tracker_id) else {}
    settled = attrs.asdict(
        found.cls.settled(config), recurse=True, filter=lambda _, value: value not in (None, {})
    )
    shown = {key: _shown(key, value, table) for key, value in settled.items()}
    shown |= {"module": found.origin, "missing": found.cls.missing(config)}
    if common.json:
        json_line("tracker", tracker=tracker_id, **shown)
        return 0
    for key, value in shown.items():
        click.echo(f"{key} = {json.dumps(value, ensure_ascii=False)}")
    return 0


def _shown(key: str, value: object, table: Mapping[str, object]) -> object:
    if key in SECRETS:
        return describe_reference(str(table[key]))
    return masked_description(key, value)
