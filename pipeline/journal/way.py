"""What a run does with an album at a site, from what is known of it."""

from __future__ import annotations

from enum import Enum, auto

from .record import CellRecord, State


class Way(Enum):
    SEND = auto()
    SETTLE = auto()
    """Ask the site what became of it, or bring its torrent to the clients."""
    COMPARE = auto()
    """It is stored: are the files still those that were sent?"""
    LEAVE_REFUSED = auto()
    BEING_SENT = auto()


def way_of(record: CellRecord | None, *, resuming: bool, allow_duplicate: bool) -> Way:
    """`resuming` leaves a refused upload alone, where a new `upload` tries it again."""
    match record.state if record else State.PENDING:
        case State.SENDING:
            return Way.BEING_SENT
        case State.UNKNOWN:
            return Way.SETTLE
        case State.REJECTED if resuming:
            return Way.LEAVE_REFUSED
        case State.DONE | State.EXISTING:
            return Way.SEND if allow_duplicate and not resuming else Way.COMPARE
        case _:
            return Way.SEND
