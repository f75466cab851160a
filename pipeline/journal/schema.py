"""The journal's tables, and how older journals become like them."""

from __future__ import annotations

import sqlite3

from ..errors import JournalError
from ..text import printable

MIGRATIONS = (
    """
    CREATE TABLE cells (
        content_id TEXT NOT NULL,
        site TEXT NOT NULL,
        tracker TEXT NOT NULL,
        album BLOB NOT NULL,
        state TEXT NOT NULL,
        step TEXT NOT NULL,
        finished INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        run TEXT NOT NULL,
        doubt TEXT,
        doubted INTEGER NOT NULL,
        name TEXT,
        infohash TEXT,
        piece_length INTEGER,
        info BLOB,
        files_digest BLOB,
        pieces_digest BLOB,
        signature BLOB,
        release_key TEXT,
        torrent_id TEXT,
        url TEXT,
        group_id TEXT,
        torrent_file BLOB,
        reason TEXT NOT NULL,
        message TEXT NOT NULL,
        at REAL NOT NULL,
        PRIMARY KEY (content_id, site)
    );
    CREATE INDEX cells_by_album ON cells (album);
    CREATE INDEX cells_by_release ON cells (site, release_key);
    CREATE INDEX cells_in_doubt ON cells (state) WHERE state IN ('sending', 'unknown');
    CREATE TABLE albums (
        path BLOB PRIMARY KEY,
        signature BLOB NOT NULL,
        content_id TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE jobs (
        id INTEGER PRIMARY KEY,
        text TEXT NOT NULL UNIQUE,
        open INTEGER NOT NULL,
        at REAL NOT NULL
    );
    CREATE TABLE sent_log (absorbed INTEGER NOT NULL);
    INSERT INTO sent_log VALUES (0);
    """,
    """
    CREATE TABLE pictures (
        digest BLOB NOT NULL,
        host TEXT NOT NULL,
        url TEXT NOT NULL,
        at REAL NOT NULL,
        PRIMARY KEY (digest, host)
    ) WITHOUT ROWID;
    """,
)
"""One entry for each version: the first makes version 1, each of the others raises by one."""


def migrate(db: sqlite3.Connection) -> None:
    """Brings the tables to the newest version; JournalError for a journal of a later mua-async."""
    db.execute("BEGIN IMMEDIATE")  # two processes may open a new journal at once
    try:
        version = check_version(db)
        for number, script in enumerate(MIGRATIONS[version:], version + 1):
            for statement in script.split(";"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {number}")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def check_version(db: sqlite3.Connection) -> int:
    """0 where there are no tables yet; JournalError for a journal of a later mua-async."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        (_, _, path), *_ = db.execute("PRAGMA database_list")
        raise JournalError(
            f"{printable(path)} has version {version}, and this mua-async knows {len(MIGRATIONS)}",
            hint="update mua-async",
        )
    return int(version)
