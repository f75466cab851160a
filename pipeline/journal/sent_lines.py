"""What a line of `sent.jsonl` holds: enough of a record that a restored backup does not send again."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from .moments import Moment
from .record import CellRecord, Pinned, State, Step

DIGESTS = ("files_digest", "pieces_digest", "signature")
TEXTS = ("content_id", "site", "tracker", "album", "state", "run", "name", "infohash")


def to_line(record: CellRecord) -> dict[str, object]:
    """No piece and no key is in it; a path that is no UTF-8 keeps its bytes as lone surrogates."""
    pinned = record.pinned
    return {
        "content_id": record.content_id,
        "site": record.site,
        "tracker": record.tracker,
        "album": str(record.album),
        "state": str(record.state),
        "revision": record.revision,
        "run": record.run,
        "doubted": record.doubted,
        "name": pinned.name if pinned else "",
        "infohash": pinned.infohash if pinned else "",
        "piece_length": pinned.piece_length if pinned else 0,
        "files_digest": pinned.files_digest.hex() if pinned else "",
        "pieces_digest": pinned.pieces_digest.hex() if pinned else "",
        "signature": pinned.signature.hex() if pinned else "",
        "torrent_id": record.torrent_id,
        "url": record.url,
        "at": record.at,
    }


def from_lines(lines: Iterable[Mapping[str, object]]) -> Iterator[CellRecord]:
    """The records of the lines that make sense; of the torrent only digests are left."""
    for line in lines:
        try:
            yield _record(line)
        except (KeyError, TypeError, ValueError):
            continue  # a torn or foreign line: the journal itself knows better


def _record(line: Mapping[str, object]) -> CellRecord:
    texts = {name: _text(line[name]) for name in TEXTS}
    name, infohash = texts.pop("name"), texts.pop("infohash")
    files, pieces, signature = [
        bytes.fromhex(_text(line[key])) for key in ("files_digest", "pieces_digest", "signature")
    ]
    state = State(texts.pop("state"))
    pinned = Pinned(name, infohash, _number(line["piece_length"]), None, files, pieces, signature)
    return CellRecord(
        content_id=texts["content_id"],
        site=texts["site"],
        tracker=texts["tracker"],
        album=Path(texts["album"]),
        state=state,
        step=Step.ANSWERED if state.is_stored else Step.NONE,
        finished=state.is_stored,  # its torrent was lost with the journal
        revision=_number(line["revision"]),
        run=texts["run"],
        doubt=Moment.now() if state is State.UNKNOWN else None,  # when it began was lost: the latest is safe
        doubted=bool(line["doubted"]),
        pinned=pinned,
        torrent_id=_optional(line["torrent_id"]),
        url=_optional(line["url"]),
        message="restored from sent.jsonl",
        at=_time(line["at"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    if "\0" in value:
        raise ValueError
    os.fsencode(value)  # ValueError for what no path and no text of ours holds
    return value


def _number(value: object) -> int:
    number = int(str(value))
    if not 0 <= number < 2**53:
        raise ValueError
    return number


def _time(value: object) -> float:
    seconds = float(str(value))
    if not math.isfinite(seconds):
        raise ValueError
    return seconds


def _optional(value: object) -> str | None:
    return None if value is None else _text(value)
