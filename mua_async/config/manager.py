"""The one door to the configuration."""

from __future__ import annotations

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
        """The configuration, empty where no file was named or found."""
        return load_configuration(self.path) if self.locations.config else Configuration()

    def save_tracker(self, tracker_id: str, table: Mapping[str, object]) -> None:
        """Adds the tracker's table, or changes it to what is given."""
        from .edit import set_tracker  # with tomlkit, which only writing needs

        set_tracker(self.path, tracker_id, table)

    def remove_tracker(self, tracker_id: str) -> None:
        from .edit import remove_tracker

        remove_tracker(self.path, tracker_id)
