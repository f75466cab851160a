"""A group of commands whose modules are imported when they are called, so that `--help` costs nothing."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyGroup(click.Group):
    """A group whose commands are modules of one package, each with its click command as `command`."""

    def __init__(self, *args: Any, package: str, modules: Mapping[str, str], **kwargs: Any) -> None:
        """`modules` maps the name of each command and module to what its help says in one line."""
        super().__init__(*args, **kwargs)
        self._package = package
        self._modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._modules:
            return None
        command = importlib.import_module(f".{cmd_name}", self._package).command
        assert isinstance(command, click.Command)  # noqa: S101 - a mistake of ours, seen by every test
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self._modules.items()))
