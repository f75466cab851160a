"""All that stands in and beside an album's files, read in one go."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from ..album import read_album, with_rip_logs
from ..model.album import Album
from ..model.files import FileSet
from ..rips import read_rip_logs
from ..sidecar import read_sidecar


@frozen
class FoundAlbum:
    """An album by its tags and rip logs, and what its sidecar says."""

    album: Album
    sidecar: Mapping[str, object]


def read_files(files: FileSet) -> FoundAlbum:
    """Reads an album; AlbumError where its files cannot be read, or disagree. Blocks."""
    album = with_rip_logs(read_album(files), read_rip_logs(files))
    return FoundAlbum(album, read_sidecar(files))
