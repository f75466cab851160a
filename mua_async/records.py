"""What commands ask of the journal beside a run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import anyio
from attrs import frozen

from pipeline.errors import UsageError
from pipeline.journal import CellRecord, Journal, StoredJob

from .config.configuration import Configuration
from .options import Common
from .selection import SelectedTracker, tracker_config
from .upload_order import UploadOrder

T = TypeVar("T")


def ask_journal(data: Path, question: Callable[[Journal], Awaitable[T]]) -> T:
    """Opens the journal of that folder for one question; makes it where there is none."""

    async def ask() -> T:
        async with Journal(data) as journal:
            return await question(journal)

    return anyio.run(ask)


def tracker_of(common: Common, configuration: Configuration, tracker_id: str) -> SelectedTracker:
    """The tracker behind an id, be it on or off, without its secrets; UsageError where it is broken."""
    config = tracker_config(configuration, tracker_id)
    return SelectedTracker(config, common.trackers.find(tracker_id, config.type))


@frozen
class OpenOrders:
    """The uploads that were asked for and are not through."""

    _orders: Sequence[UploadOrder]

    @classmethod
    def of(cls, jobs: Iterable[StoredJob]) -> OpenOrders:
        return cls([order for job in jobs if (order := _order(job)) is not None])

    def cover(self, record: CellRecord) -> bool:
        """Whether `resume` comes to that album at that tracker."""
        return any(
            record.tracker in order.trackers and any(is_below(record.album, Path(at)) for at in order.paths)
            for order in self._orders
        )


def is_below(album: Path, folder: Path) -> bool:
    """Whether it lies in the folder, or is it."""
    return album == folder or folder in album.parents


def _order(job: StoredJob) -> UploadOrder | None:
    try:
        return UploadOrder.parse(job.text)
    except UsageError:
        return None  # that of another version, which `resume` tells of
