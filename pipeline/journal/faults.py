"""What the disk and SQLite say, as errors of the journal that name the file and what to do."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from ..errors import JournalError
from ..text import printable

PRIMARY = 0xFF
"""The bits of SQLite's error codes that say what happened; those above say where."""
FREE_SPACE = "free some space on that disk"
WRITABLE = "the data folder must belong to you, on a disk that can be written"
DAMAGED = "is damaged", "move it away; sent.jsonl beside it remembers what was sent"
UNREADABLE = "cannot be opened", WRITABLE

OS_HINTS = {
    errno.ENOSPC: FREE_SPACE,
    errno.EDQUOT: FREE_SPACE,
    errno.EROFS: WRITABLE,
    errno.EACCES: WRITABLE,
    errno.EPERM: WRITABLE,
    errno.ENOLCK: "the data folder must be on a disk with file locks: choose a local one",
}

SQLITE_FAULTS = {
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
    sqlite3.SQLITE_FULL: ("cannot be written: the disk is full", FREE_SPACE),
    sqlite3.SQLITE_IOERR: (
        "cannot be read or written: the disk fails",
        "look at its free space and its health",
    ),
    sqlite3.SQLITE_READONLY: ("cannot be written: it is read-only", WRITABLE),
    sqlite3.SQLITE_CANTOPEN: UNREADABLE,
    sqlite3.SQLITE_PERM: UNREADABLE,
    sqlite3.SQLITE_AUTH: UNREADABLE,
    sqlite3.SQLITE_BUSY: ("is locked", "another program has held it for long: end that one and try again"),
}


def disk_fault(path: Path, error: OSError) -> JournalError:
    """What the system says of the file, and what to do about it."""
    hint = OS_HINTS.get(error.errno or 0, "look at the data folder and its disk")
    return JournalError(f"{printable(str(path))}: {error.strerror or error}", hint=hint)


def sqlite_fault(path: Path, error: Exception) -> JournalError | None:
    """None where neither the file nor its disk is to blame."""
    code = getattr(error, "sqlite_errorcode", 0)
    if (known := SQLITE_FAULTS.get(code & PRIMARY)) is None:
        return None
    message, hint = known
    return JournalError(f"{printable(str(path))} {message}", hint=hint)
