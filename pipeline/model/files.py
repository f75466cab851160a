"""The files of an album, as the scan saw them."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen


@frozen
class AlbumFile:
    """A file of an album as the scan saw it; `parts` is its path below the album folder."""

    path: Path
    parts: tuple[str, ...]
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    audio: bool


@frozen
class FileSet:
    """The files that make one album, in torrent order; `single` is one audio file without a folder.

    `named` tells that the user gave this very path, rather than a library above it.
    """

    root: Path
    files: tuple[AlbumFile, ...]
    single: bool = False
    named: bool = False
    staged_from: Path | None = None
    """The album's folder in the library, where `root` is a tree of links to it."""

    @property
    def library_path(self) -> Path:
        """Where the user knows the album."""
        return self.staged_from or self.root

    @property
    def name(self) -> str:
        """The torrent's name: the folder's, or the single file's."""
        return self.root.name

    @property
    def size(self) -> int:
        """All files, in bytes."""
        return sum(file.size for file in self.files)

    @property
    def audio(self) -> tuple[AlbumFile, ...]:
        return tuple(file for file in self.files if file.audio)
