"""The options that every command takes, and the places that follow from them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

import click
from attrs import frozen

from pipeline.errors import UsageError
from pipeline.hashing.choice import find_engine
from pipeline.hashing.engines import EngineKind
from pipeline.text import printable

if TYPE_CHECKING:
    from trackers.registry import TrackerManager

    from .config.locations import Locations
    from .config.manager import ConfigManager


class FilledPath(click.Path):
    """A path that somebody wrote: empty text, such as an unset shell variable, is not the current folder."""

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        if value == "":
            self.fail("the path is empty; write . for the current folder", param, ctx)
        return super().convert(value, param, ctx)


PATH = FilledPath(path_type=Path)
EXISTING_PATH = FilledPath(path_type=Path, exists=True)
FOLDER = FilledPath(path_type=Path, file_okay=False)

P = ParamSpec("P")
R = TypeVar("R")


@frozen
class Common:
    """What every command is told: where things lie, and how much to say."""

    environ: Mapping[str, str]
    json: bool
    quiet: bool
    verbose: bool
    config_option: Path | None = None
    data_dir_option: Path | None = None

    @cached_property
    def locations(self) -> Locations:
        """UsageError where they cannot be told, such as for two configurations."""
        from .config.locations import find_locations  # only now: `hash` often needs none of them

        return find_locations(self.environ, self.config_option, self.data_dir_option)

    @property
    def config(self) -> ConfigManager:
        from .config.manager import ConfigManager

        return ConfigManager(self.locations)

    @property
    def trackers(self) -> TrackerManager:
        from trackers.registry import TrackerManager

        # What a module prints is not for stdout, which may hold JSON.
        return TrackerManager(self.locations.trackers_folder, prints=sys.stderr)

    @property
    def hash_engine(self) -> EngineKind:
        """The engine that `MUA_ASYNC_HASH_ENGINE` names; UsageError for one that cannot be had."""
        return find_engine(self.environ.get("MUA_ASYNC_HASH_ENGINE") or "auto")


def common_options(command: Callable[Concatenate[Common, P], R]) -> Callable[..., R]:
    """Adds the options of every command, handed over as one `Common`."""

    @click.option("--config", type=PATH, metavar="FILE", help="The configuration.")
    @click.option("--data-dir", type=PATH, metavar="DIR", help="Where data is kept.")
    @click.option("--json", "as_json", is_flag=True, help="JSON Lines on stdout, for scripts.")
    @click.option("-q", "--quiet", is_flag=True, help="Say only what went wrong.")
    @click.option("-v", "--verbose", is_flag=True, help="Say every step.")
    @wraps(command)
    def with_common(
        config: Path | None,
        data_dir: Path | None,
        as_json: bool,
        quiet: bool,
        verbose: bool,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        common = Common(os.environ, as_json, quiet, verbose, config, data_dir)
        return command(common, *args, **kwargs)

    return with_common


def refuse_missing(paths: Sequence[Path], consequence: str) -> None:
    """UsageError where something that the user named is not there."""
    missing = [f"{printable(str(path))} does not exist" for path in paths if _is_missing(path)]
    if missing:
        raise UsageError(f"{consequence}: a PATH is missing", problems=tuple(missing))


def _is_missing(path: Path) -> bool:
    """What is there and cannot be reached is for the scan to tell."""
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False
