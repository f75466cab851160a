"""Where covers lie in the web, by their bytes and the image host: no later run sends one again."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence


def find_picture(db: sqlite3.Connection, digest: bytes, hosts: Sequence[str]) -> tuple[str, str] | None:
    """Host and address, at the first of the hosts that has it; `digest` is the SHA-256 of its bytes."""
    rows = dict(db.execute("SELECT host, url FROM pictures WHERE digest = ?", (digest,)).fetchall())
    return next(((host, str(rows[host])) for host in hosts if host in rows), None)


def note_picture(db: sqlite3.Connection, digest: bytes, host: str, url: str) -> None:
    """Replaces what was known of it there."""
    db.execute("INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?)", (digest, host, url, time.time()))
