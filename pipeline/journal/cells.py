"""Rows of cells: read, and written only by who has read the newest."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from attrs import evolve

from ..text import valid_text
from .moments import Moment
from .record import CellRecord, Pinned, State, Step

COLUMNS = (
    *("content_id", "site", "tracker", "album", "state", "step", "finished", "revision", "run", "doubt"),
    *("doubted", "name", "infohash", "piece_length", "info", "files_digest", "pieces_digest", "signature"),
    *("release_key", "torrent_id", "url", "group_id", "torrent_file", "reason", "message", "at"),
)
SELECT = f"SELECT {', '.join(COLUMNS)} FROM cells"  # noqa: S608 - our own names
INSERT = (
    f"INSERT INTO cells ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608
    " ON CONFLICT DO NOTHING"
)
UPDATE = (
    f"UPDATE cells SET {', '.join(f'{name} = ?' for name in COLUMNS)}"  # noqa: S608
    " WHERE content_id = ? AND site = ? AND revision = ?"
)


def cells_of(db: sqlite3.Connection, content_id: str) -> dict[str, CellRecord]:
    """By site."""
    rows = db.execute(f"{SELECT} WHERE content_id = ?", (content_id,))
    return {record.site: record for record in map(_record, rows)}


def cells_at(db: sqlite3.Connection, album: Path) -> list[CellRecord]:
    """The newest first."""
    rows = db.execute(f"{SELECT} WHERE album = ? ORDER BY at DESC", (os.fsencode(album),))
    return list(map(_record, rows))


def cells_of_release(db: sqlite3.Connection, site: str, release_key: str) -> list[CellRecord]:
    """All formats of it that the site was sent, or was to be sent."""
    rows = db.execute(f"{SELECT} WHERE site = ? AND release_key = ?", (site, release_key))
    return list(map(_record, rows))


def all_cells(db: sqlite3.Connection) -> Iterator[CellRecord]:
    """In the order of the albums' paths."""
    return map(_record, db.execute(f"{SELECT} ORDER BY album, tracker"))


def cells_sending(db: sqlite3.Connection) -> list[CellRecord]:
    return list(map(_record, db.execute(f"{SELECT} WHERE state = 'sending'")))


def unsettled_cells(db: sqlite3.Connection) -> list[CellRecord]:
    """Those in doubt, and stored ones whose torrent is not where it should be."""
    stored = "state IN ('done', 'existing') AND NOT finished"
    return list(map(_record, db.execute(f"{SELECT} WHERE state = 'unknown' OR ({stored}) ORDER BY album")))


def write(db: sqlite3.Connection, record: CellRecord) -> CellRecord | None:
    """The record as written; None where somebody else has written since `record.revision` was read."""
    written = evolve(record, revision=record.revision + 1)
    if record.revision == 0:
        done = db.execute(INSERT, _row(written))
    else:
        key = record.content_id, record.site, record.revision
        done = db.execute(UPDATE, (*_row(written), *key))
    return written if done.rowcount == 1 else None


def absorb(db: sqlite3.Connection, records: Iterable[CellRecord]) -> None:
    """Takes over what the journal lacks; it was written before, so that its revision is kept.

    The last word on an album may have a smaller revision than the row, where a journal was put back more
    than once; if it says that the album may be there, it is believed all the same.
    """
    last = dict[tuple[str, str], CellRecord]()
    for record in records:
        last[record.content_id, record.site] = record
        _absorb(db, record)
    for (content_id, site), record in last.items():
        row = cells_of(db, content_id)[site]
        if record.state.may_be_there and not row.state.may_be_there:
            _absorb(db, evolve(record, revision=row.revision + 1))


def _absorb(db: sqlite3.Connection, record: CellRecord) -> None:
    key = record.content_id, record.site, record.revision
    db.execute("DELETE FROM cells WHERE content_id = ? AND site = ? AND revision < ?", key)
    db.execute(INSERT, _row(record))


def _row(record: CellRecord) -> tuple[object, ...]:
    pinned = record.pinned
    return (
        record.content_id,
        record.site,
        record.tracker,
        os.fsencode(record.album),
        record.state,
        record.step,
        record.finished,
        record.revision,
        record.run,
        record.doubt.text() if record.doubt else None,
        record.doubted,
        pinned and pinned.name,
        pinned and pinned.infohash,
        pinned and pinned.piece_length,
        pinned and pinned.info,
        pinned and pinned.files_digest,
        pinned and pinned.pieces_digest,
        pinned and pinned.signature,
        pinned and pinned.release_key,
        record.torrent_id,
        record.url,
        record.group_id,
        os.fsencode(record.torrent_file) if record.torrent_file else None,
        record.reason,
        valid_text(record.message),
        record.at,
    )


def _record(row: tuple[Any, ...]) -> CellRecord:
    values = dict(zip(COLUMNS, row, strict=True))
    pinned = [values.pop(name) for name in COLUMNS[11:19]]
    return CellRecord(
        **{
            **values,
            "album": _path(values["album"]),
            "state": State(values["state"]),
            "step": Step(values["step"]),
            "finished": bool(values["finished"]),
            "doubt": Moment.parse(values["doubt"]) if values["doubt"] else None,
            "doubted": bool(values["doubted"]),
            "pinned": Pinned(*pinned) if pinned[0] is not None else None,
            "torrent_file": _path(values["torrent_file"]) if values["torrent_file"] else None,
        }
    )


def _path(stored: bytes) -> Path:
    return Path(os.fsdecode(stored))
