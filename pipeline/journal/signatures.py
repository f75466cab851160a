"""Digests that tell whether files are what they were, and whether torrents hold the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from ..model.files import FileSet


def signature_of(files: FileSet) -> bytes:
    """Of the files as they lie on the disk: any change that `stat` tells of makes another."""
    return _digest((file.parts, file.size, file.mtime_ns, file.ctime_ns, file.inode) for file in files.files)


def files_digest(name: str, files: Iterable[tuple[tuple[str, ...], int]]) -> bytes:
    """Of a torrent's name, and of the paths and sizes in it, in any order."""
    return _digest((name, *sorted(files)))


def digest_of_files(files: FileSet) -> bytes:
    """The `files_digest` of the torrent that is made of them."""
    return files_digest(files.name, ((file.parts, file.size) for file in files.files))


def pieces_digest(piece_length: int, digests: bytes) -> bytes:
    return _digest((piece_length, digests))


def _digest(items: Iterable[object]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for item in items:
        digest.update(repr(item).encode())  # names that are no UTF-8 are escaped by repr
    return digest.digest()
