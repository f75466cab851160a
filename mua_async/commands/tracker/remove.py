"""`mua-async tracker remove`."""

from __future__ import annotations

from collections.abc import Iterator

import click

from pipeline.errors import UsageError

from ...config.configuration import Configuration
from ...config.schema import SECRETS
from ...config.secret_ref import describe_reference, is_literal
from ...display.text import sentence
from ...options import Common, common_options
from ...output import json_line
from ...terminal import can_ask, confirm
from .switch import configured_id


@click.command("remove")
@click.argument("tracker_id", metavar="ID")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@common_options
def command(common: Common, tracker_id: str, yes: bool) -> int:
    """Take a tracker's table, and its name in default_trackers, out of the configuration."""
    configuration = common.config.load()
    name = configured_id(common, configuration, tracker_id)
    if not yes and not can_ask(common):
        raise UsageError("nothing was removed: nobody is there to ask", hint="--yes removes without asking")
    if not yes and not confirm(f"Take {name} out of {common.config.path}?", default=False):
        click.echo("Nothing was removed.")
        return 1
    common.config.remove_tracker(name)
    notes = list(_notes(common, configuration, name))
    if common.json:
        json_line("tracker_removed", tracker=name, path=str(common.config.path), notes=notes)
    elif not common.quiet:
        click.echo(f"{name} was taken out of {common.config.path}")
        for note in notes:
            click.echo(f"note: {sentence(note)}")
    return 0


def _notes(common: Common, configuration: Configuration, name: str) -> Iterator[str]:
    """What else went, and what is left."""
    if name in configuration.default_trackers:
        others = [other for other in configuration.default_trackers if other != name]
        told = ", ".join(others) or "none: name one with --tracker"
        yield f"default_trackers named it too; they are now {told}"
    for key in SECRETS:
        reference = configuration.table(name).get(key)
        if isinstance(reference, str) and reference.strip() and not is_literal(reference):
            yield f"{key} is still where it was: {describe_reference(reference)}"
    if name in common.trackers.user_ids():
        yield f"your module of {name} is left where it is"
    if name in common.trackers.builtin_ids():
        yield f"{name} ships with this program, so that `tracker list` goes on to show it"
