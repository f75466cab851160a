"""`mua-async tracker`: what is known of each tracker, how it is configured, and whether it would work."""

from __future__ import annotations

from collections.abc import Mapping

import click

from ...lazy_group import LazyGroup

COMMANDS: Mapping[str, str] = {
    "list": "List every tracker: configured ones, built-in ones, modules of yours.",
    "show": "Show what a tracker's uploads would use, secrets masked.",
    "add": "Write a tracker into the configuration.",
    "create": "Write an adapter for a tracker, and its test.",
    "test": "Check configuration, key and ids. Uploads nothing.",
    "enable": "Let uploads go to a tracker again.",
    "disable": "Keep a tracker's table, and send nothing there.",
    "remove": "Take a tracker out of the configuration.",
}


@click.group("tracker", cls=LazyGroup, package=__name__, modules=COMMANDS)
def command() -> None:
    """Add, change, show and test trackers."""
