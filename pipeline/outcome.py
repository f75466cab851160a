"""How an album can end at a tracker; by itself, so that errors cost nothing to import."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """How an album ended at a tracker."""

    DONE = "done"
    EXISTING = "existing"
    REJECTED = "rejected"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    FAILED = "failed"
    """The album ended before it came to that tracker."""
