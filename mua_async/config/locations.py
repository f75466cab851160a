"""Where the configuration, the user's adapters and the data lie."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import frozen
from platformdirs import user_config_path, user_data_path

from pipeline.errors import UsageError

APPLICATION = "mua-async"
CONFIG_NAMES = ("config.toml", "config.json")


@frozen
class Locations:
    """The places of one run, all of them absolute."""

    config: Path | None
    """The file that was named or found; None where there is none yet."""
    config_folder: Path
    trackers_folder: Path
    """The user's adapters, beside the configuration."""
    data: Path


def find_locations(
    environ: Mapping[str, str], config_option: Path | None = None, data_dir_option: Path | None = None
) -> Locations:
    """The places by option, else environment, else platform; a UsageError for two configurations.

    A file that was named is not looked for here: loading it does.
    """
    config = config_option or _from_environment(environ, "MUA_ASYNC_CONFIG")
    data = data_dir_option or _from_environment(environ, "MUA_ASYNC_DATA_DIR")
    if config is not None:
        config = _whole(config)
        folder = config.parent
    else:
        folder = user_config_path(APPLICATION, appauthor=False)
        config = _find_config(folder)
    return Locations(
        config=config,
        config_folder=folder,
        trackers_folder=folder / "trackers",
        data=_whole(data) if data is not None else user_data_path(APPLICATION, appauthor=False),
    )


def _from_environment(environ: Mapping[str, str], name: str) -> Path | None:
    text = environ.get(name)
    return Path(text) if text else None


def _whole(path: Path) -> Path:
    try:
        return path.expanduser().absolute()
    except RuntimeError as error:
        raise UsageError(f"{path}: `~` names no home folder here", hint="write the whole path") from error


def _find_config(folder: Path) -> Path | None:
    try:
        found = [folder / name for name in CONFIG_NAMES if (folder / name).exists()]
    except OSError as error:
        raise UsageError(f"{folder} cannot be read: {error.strerror}", hint="check its rights") from error
    if len(found) > 1:
        raise UsageError(
            f"{folder} holds both {' and '.join(CONFIG_NAMES)}",
            hint="remove one of them, or name one with --config FILE",
        )
    return found[0] if found else None
