"""`mua-async tracker enable`."""

from __future__ import annotations

import click

from ...options import Common, common_options
from .switch import switch


@click.command("enable")
@click.argument("tracker_id", metavar="ID")
@common_options
def command(common: Common, tracker_id: str) -> int:
    """Let uploads go to a tracker again."""
    return switch(common, tracker_id, on=True)
