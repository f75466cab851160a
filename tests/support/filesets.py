"""File sets of real files, as the scan would give them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pipeline.model.files import AlbumFile, FileSet


def write_files(root: Path, contents: Mapping[str, bytes]) -> FileSet:
    """Writes the files below `root`, in this order."""
    for name, content in contents.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return FileSet(root, tuple(seen(root / name, Path(name).parts) for name in contents))


def write_single(path: Path, content: bytes) -> FileSet:
    path.write_bytes(content)
    return FileSet(path, (seen(path, (path.name,)),), single=True)


def sparse_file(path: Path, size: int) -> FileSet:
    """A single file of nothing but zeros that takes no room on the disk."""
    with path.open("wb") as file:
        file.truncate(size)
    return FileSet(path, (seen(path, (path.name,)),), single=True)


def seen(path: Path, parts: tuple[str, ...]) -> AlbumFile:
    now = path.stat()
    return AlbumFile(
        path=path,
        parts=parts,
        size=now.st_size,
        mtime_ns=now.st_mtime_ns,
        ctime_ns=now.st_ctime_ns,
        inode=now.st_ino,
        audio=True,
    )
