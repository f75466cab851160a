"""Torrent clients that the program hands torrents to, and the folders that it writes to."""

from __future__ import annotations

import os
from pathlib import Path

from anyio import to_thread
from attrs import frozen

from pipeline.errors import MuaError
from pipeline.files import write_private
from pipeline.hand_over import torrent_file_name
from pipeline.model.pieces import Torrent
from pipeline.model.upload import SeedReport


@frozen
class WatchFolder:
    """A folder that a torrent client watches; it cannot tell whether the client seeds."""

    name: str
    path: Path

    async def add(self, torrent: Torrent, tracker: str) -> SeedReport:
        """The file appears whole, under a name of its own: clients take what they see at once."""
        path = self.path / torrent_file_name(torrent.name, f"{tracker} {torrent.infohash[:8]}")
        try:
            await to_thread.run_sync(write_private, path, torrent.data)
        except MuaError as error:
            return SeedReport(seeds=False, message=str(error))
        return SeedReport(seeds=None, path=path)


def folder_problem(folder: Path) -> str | None:
    """Why files cannot be written there, the folder being made where it is missing; None if they can."""
    nearest = next(place for place in (folder, *folder.parents) if os.path.lexists(place))
    if not os.path.isdir(nearest):
        return f"{folder} cannot be used: {nearest} is no folder"
    if not os.access(nearest, os.W_OK | os.X_OK, effective_ids=True):
        return f"{folder} cannot be written: check the permissions of {nearest}"
    return None


def watch_folder_problem(folder: Path) -> str | None:
    """As `folder_problem`, but no more than the folder itself is made: a disk may not be mounted."""
    if not os.path.lexists(folder.parent):
        return f"{folder} cannot be made: {folder.parent} does not exist"
    return folder_problem(folder)
