"""A configuration that was named and is still to be made, or whose name is mistyped."""

from __future__ import annotations

import os

import click

from ...options import Common


def tell_missing_file(common: Common) -> None:
    """Warns of it, for commands that go on all the same."""
    path = common.locations.config
    if path is not None and not os.path.lexists(path):
        click.echo(f"warning: {path} does not exist yet; `mua-async tracker add ID` makes it", err=True)
