"""Reads `ALBUM.release.toml`, in which a user says beside the album what its files do not."""

from __future__ import annotations

import errno
import stat
import tomllib
from pathlib import Path

from .errors import TagError
from .gaps import read_fields
from .model.files import FileSet
from .text import printable

SUFFIX = ".release.toml"
SIZE_LIMIT = 64 * 1024
"""Bytes."""
ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG})


def sidecar_path(files: FileSet) -> Path:
    """Where the album's sidecar is, if it has one: beside its folder, or beside its single file."""
    return files.root.with_name(files.root.name + SUFFIX)


def read_sidecar(files: FileSet) -> dict[str, object]:
    """The album fields that the sidecar sets; none where there is no sidecar.

    TagError `sidecar` with all that is wrong with it. Blocks: for a worker thread.
    """
    path = sidecar_path(files)
    data = _read(path)
    if data is None:
        return {}
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _unusable(path, "is no UTF-8 text") from None
    except (ValueError, RecursionError) as error:
        raise _unusable(path, f"is no TOML: {printable(str(error))}") from None
    values, problems = read_fields(table)
    if problems:
        raise _unusable(path, f"cannot be used: {'; '.join(problems)}")
    return values


def _read(path: Path) -> bytes | None:
    """The file's bytes; None where there is none."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise _unusable(path, "is no file")
        with path.open("rb") as stream:
            data = stream.read(SIZE_LIMIT + 1)
    except OSError as error:
        if error.errno in ABSENT:
            return None
        raise _unusable(path, f"cannot be read: {error.strerror or error}") from error
    if len(data) > SIZE_LIMIT:
        raise _unusable(path, f"is larger than {SIZE_LIMIT // 1024} KiB")
    return data


def _unusable(path: Path, problem: str) -> TagError:
    return TagError(
        f"{printable(str(path))} {problem}",
        path=path,
        reason="sidecar",
        hint='it holds the keys of --set, such as year = 2011 or media = "CD"; correct it, or take it away',
    )
