"""Tables of ids that a tracker's uploads look into, and that hold nothing."""

from __future__ import annotations

from trackers.conformance.release import Sample
from trackers.connect import connect
from trackers.generic_tracker import GenericTracker
from trackers.tracker_config import TrackerConfig

TABLES = {"category_ids": "ALBUM", "format_ids": "FLAC"}
"""With a key that most sites have."""


def empty_ids(cls: type[GenericTracker], config: TrackerConfig) -> list[str]:
    """Why nothing at all can be uploaded yet, found as an upload would; UsageError for a broken adapter."""
    settled = cls.settled(config)
    tracker = connect(cls, config, lambda event: None, dry_run=True)
    refusals = tracker.problems(Sample().release())
    return [
        f'trackers.{config.id}.{table} has no ids, so that nothing can be uploaded: add {key} = "..."'
        for table, key in TABLES.items()
        if not getattr(settled, table)
        and any(refusal.startswith(f"trackers.{config.id}.{table} has no ") for refusal in refusals)
    ]
