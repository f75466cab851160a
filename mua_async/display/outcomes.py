"""What became of an upload, in words."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from pipeline.events import Seeding, UploadDone, UploadFailed, UploadSkipped
from pipeline.outcome import Outcome

from .text import sentence

Result = UploadDone | UploadFailed | UploadSkipped
"""The events that end an album at a tracker."""


@frozen
class Look:
    """How an outcome is shown: its word in a cell, in the totals, its sign and its colour."""

    word: str
    total: str
    sign: str
    style: str


LOOKS: Mapping[Outcome, Look] = {
    Outcome.DONE: Look("done", "uploaded", "✓", "green"),
    Outcome.EXISTING: Look("existing", "existing", "=", "green"),
    Outcome.REJECTED: Look("rejected", "rejected", "✗", "red"),
    Outcome.NOT_SENT: Look("not sent", "not sent", "!", "yellow"),
    Outcome.UNKNOWN: Look("unknown", "unknown", "?", "bold magenta"),
    Outcome.SKIPPED: Look("skipped", "skipped", "-", "yellow"),
    Outcome.FAILED: Look("failed", "failed", "✗", "red"),
}
DONE_BEFORE, TRACKER_OFF = "done_before", "tracker_off"
"""Reasons to skip that a whole library may have: told by number, or once."""
DISTRUSTED = Look("distrusted", "distrusted", "!", "bold yellow")
NOT_SEEDING = Look("not seeding", "not seeding", "!", "yellow")


def outcome_of(result: Result) -> Outcome:
    """Where the album stands at the tracker now; what was done in an earlier run is there already."""
    match result:
        case UploadDone(existing=existing):
            return Outcome.EXISTING if existing else Outcome.DONE
        case UploadFailed(outcome=outcome):
            return outcome
        case UploadSkipped(reason=reason):
            return Outcome.EXISTING if reason == DONE_BEFORE else Outcome.SKIPPED


def totals_text(counts: Mapping[Outcome, int], done_before: int = 0) -> str:
    """`2 uploaded, 1 existing, 1 unknown`; what was done before is counted by itself, not as existing."""
    told: dict[str, int] = {}
    for outcome, look in LOOKS.items():
        told[look.total] = counts.get(outcome, 0)
        if outcome is Outcome.EXISTING:
            told[look.total] -= done_before
            told["done before"] = done_before
    parts = [f"{count} {word}" for word, count in told.items() if count > 0]
    return ", ".join(parts) or "nothing uploaded"


def seeding_text(event: Seeding) -> str:
    """`seeding in CLIENT`, or what is wrong, in the client's own words."""
    where = f"{event.client} ({event.path})" if event.path else event.client
    match event.seeds:
        case True:
            text = f"seeding in {where}"
        case False:
            text = f"not seeding in {where}"
        case None:
            text = f"handed to {where}"
    return sentence(f"{text}: {event.message}" if event.message else text)
