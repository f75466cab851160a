"""`mua-async tracker create`."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.errors import UsageError
from pipeline.text import printable
from trackers.registry import TrackerManager

from ...generator import AdapterFamily, create_adapter
from ...options import FOLDER, Common, common_options
from ...output import json_line
from .missing_file import tell_missing_file


@click.command("create")
@click.argument("tracker_id", metavar="ID")
@click.option(
    "--into", type=FOLDER, metavar="DIR", help="Where to; the trackers folder beside your configuration."
)
@click.option(
    "--family",
    type=click.Choice([family.value for family in AdapterFamily], case_sensitive=False),
    help="What software the site runs; generic, or what the built-in tracker of that id is.",
)
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
@common_options
def command(common: Common, tracker_id: str, into: Path | None, family: str | None, force: bool) -> int:
    """Write an adapter for a tracker, and its test: a Python module in which every hook is shown."""
    home = common.locations.trackers_folder
    folder = home if into is None else into.absolute()
    tell_missing_file(common)
    adapter, test = create_adapter(tracker_id, folder, AdapterFamily(family) if family else None, force=force)
    steps = _next_steps(common, tracker_id.upper(), adapter, test)
    if common.json:
        json_line("tracker_created", tracker=tracker_id.upper(), files=[str(adapter), str(test)], next=steps)
    elif not common.quiet:
        click.echo(printable(f"Written: {adapter}"))
        click.echo(printable(f"Written: {test}"))
        if tracker_id.upper() in TrackerManager().builtin_ids():
            click.echo(f"From now on it stands in for the built-in {tracker_id.upper()}.")
        click.echo("Next:")
        for number, step in enumerate(steps, 1):
            click.echo(printable(f"  {number}. {step}"))
    return 0


def _next_steps(common: Common, tracker_id: str, adapter: Path, test: Path) -> list[str]:
    home = common.locations.trackers_folder
    steps = [
        f"Write the site's ids into {adapter.name}, and change the hooks in which it differs.",
        f"Check it: python -m pytest {test}",
    ]
    if adapter.parent != home:
        steps.append(f"Copy {adapter.name} into {home}, where mua-async looks for it.")
    if not _is_configured(common, tracker_id):
        steps.append(f"Tell it your keys: mua-async tracker add {tracker_id}")
    return [
        *steps,
        f"Ask the site about your keys: mua-async tracker test {tracker_id}",
        f"See what would be sent: mua-async upload ALBUM --tracker {tracker_id} --debug",
    ]


def _is_configured(common: Common, tracker_id: str) -> bool:
    try:
        return common.config.load_or_new().has_table(tracker_id)
    except UsageError:  # a broken configuration is for another command to tell
        return False
