"""The watch folders of the configuration, fit to be used."""

from __future__ import annotations

import click

from pipeline.errors import UsageError

from .clients import WatchFolder, watch_folder_problem
from .config.configuration import Configuration


def watch_folders(configuration: Configuration) -> tuple[WatchFolder, ...]:
    """UsageError where one cannot take torrents; one that is to be made is told."""
    problems = []
    for name, client in configuration.clients.items():
        if problem := watch_folder_problem(client.path):
            problems.append(f"clients.{name}.path: {problem}")
        elif not client.path.exists():
            made = f"{client.path} will be made: is it the folder that your client watches?"
            click.echo(f"warning: clients.{name}.path: {made}", err=True)
    if problems:
        raise UsageError(
            "nothing was sent: the torrents cannot be handed over",
            hint="--no-seed sends without",
            problems=tuple(problems),
        )
    return tuple(WatchFolder(name, client.path) for name, client in configuration.clients.items())
