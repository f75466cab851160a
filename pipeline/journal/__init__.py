"""What went where: the journal, durable before anything is sent."""

from __future__ import annotations

from .cell_journal import CellJournal, Unrecorded
from .journal import JOURNAL, Journal, StoredJob, has_journal
from .record import CellRecord, Pinned, State, Step

__all__ = [
    "JOURNAL",
    "CellJournal",
    "CellRecord",
    "Journal",
    "Pinned",
    "State",
    "Step",
    "StoredJob",
    "Unrecorded",
    "has_journal",
]
