"""The one door to the configuration."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from .configuration import Configuration, load_configuration
from .locations import Locations


class ConfigManager:
    """Loads and changes the configuration at its location; every method may block on the disk."""

    def __init__(self, locations: Locations) -> None:
        self.locations = locations

    @property
    def path(self) -> Path:
        """The file, or where the first `save_tracker` makes it."""
        return self.locations.config or self.locations.config_folder / "config.toml"

    def load(self) -> Configuration:
        """The configuration, empty where no file was named or found; a named one must be there."""
        return load_configuration(self.path) if self.locations.config else self.load_or_new()

    def load_or_new(self) -> Configuration:
        """The configuration, empty where the file is still to be made."""
        return load_configuration(self.path) if os.path.lexists(self.path) else Configuration()

    def save_tracker(self, tracker_id: str, table: Mapping[str, object]) -> None:
        """Adds the tracker's table, or changes it to what is given."""
        from .edit import set_tracker  # with tomlkit, which only writing needs

        set_tracker(self.path, tracker_id, table)

    def add(self, tables: Mapping[str, Mapping[str, object]], settings: Mapping[str, object]) -> None:
        """Adds the trackers' tables and the keys beside them in one step; without any nothing is written."""
        from .edit import Changes, change

        if tables or settings:
            change(self.path, Changes({name: dict(table) for name, table in tables.items()}, settings))

    def remove_tracker(self, tracker_id: str) -> None:
        """Takes the tracker's table out, and its id out of `default_trackers`."""
        from .edit import remove_tracker

        remove_tracker(self.path, tracker_id)
