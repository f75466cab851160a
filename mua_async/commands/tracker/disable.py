"""`mua-async tracker disable`."""

from __future__ import annotations

import click

from ...options import Common, common_options
from .switch import switch


@click.command("disable")
@click.argument("tracker_id", metavar="ID")
@common_options
def command(common: Common, tracker_id: str) -> int:
    """Keep a tracker's table, and send nothing there."""
    return switch(common, tracker_id, on=False)
