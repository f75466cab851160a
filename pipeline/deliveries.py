"""What becomes of an album in a tracker's queue: it is sent, settled or left alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from anyio import CancelScope, to_thread
from attrs import define, field

from .error_groups import leaves
from .errors import AlbumError, JournalError, unexpected
from .events import Cell, CellEvent, UploadFailed, UploadSkipped
from .journal import CellJournal, CellRecord, Unrecorded
from .journal.signatures import signature_of
from .journal.way import Way
from .lanes import Lane, Unsettled, Work, skip_copy, skip_switched_off
from .model.release import PreparedAlbum
from .outcome import Outcome
from .preparing import Preparation
from .recall import Recall
from .settling import Patience, Settlement
from .upload import AlbumUpload, UploadSettings


@define
class Deliveries:
    """All uploads of a run, each ended alone; `stop` starts no more, and those in flight finish."""

    settings: UploadSettings
    preparation: Preparation
    recall: Recall
    _patience: Patience = field(factory=Patience, init=False)
    _stopped: bool = field(default=False, init=False)
    _uploads: dict[tuple[str, str], AlbumUpload] = field(factory=dict, init=False)
    """Those under way, by content id and tracker."""
    _settlements: set[CancelScope] = field(factory=set, init=False)

    def stop(self) -> None:
        self._stopped = True
        for upload in tuple(self._uploads.values()):
            upload.stop()
        for scope in self._settlements:
            scope.cancel()

    def heed(self, event: CellEvent) -> None:
        """Follows what the trackers publish, so that a stop knows which creating requests are under way."""
        if upload := self._uploads.get((event.content_id, event.tracker)):
            upload.heed(event)

    async def deliver_all(self, lane: Lane) -> None:
        """Returns when the tracker's queue is closed and empty."""
        with lane.receive:
            async for work in lane.receive:
                cell = lane.cell(work.path, work.content_id)
                if self._stopped:
                    _tell_stopped(cell)
                elif lane.switch.off:
                    skip_switched_off(cell, lane)
                else:
                    with _ending_alone(cell):
                        await self._take_up(lane, cell, work)

    async def _take_up(self, lane: Lane, cell: Cell, work: Work) -> None:
        """Goes by what is known of it by now: it may have waited long, and other runs write, too."""
        log = await self.recall.log_of(cell, lane)
        way = self.recall.way(log.record)
        if lane.has_tried(work.content_id):
            skip_copy(cell)
        elif isinstance(log, CellJournal) and self._is_open(work, way, log.record):
            await self._settle(lane, cell, work, log)
        elif way is Way.SEND and isinstance(work, PreparedAlbum):
            await self._send(lane, cell, work, log)
        elif way is Way.SEND:
            await self._send_after_all(lane, cell, work)
        else:
            self.recall.tell(way, cell, log.record)

    def _is_open(self, work: Work, way: Way, record: CellRecord) -> bool:
        """Whether an earlier upload is to be settled; of a stored one, what its torrent still needs."""
        if way is Way.SETTLE:
            return True
        rests = record.rests(seeding=self.recall.seeding)
        return way is Way.COMPARE and isinstance(work, Unsettled) and not rests

    async def _settle(self, lane: Lane, cell: Cell, work: Work, log: CellJournal) -> None:
        """Finds out what became of an upload; one that surely is not there is sent after all."""
        settlement = Settlement(
            log,
            lane.tracker,
            cell,
            self.settings.torrents_folder,
            self.settings.clients,
            self._patience,
            lane.switch,
        )
        absent = False
        with self._stoppable() as scope:
            absent = await settlement.run()
        if scope.cancelled_caught and not settlement.told:
            _tell_stopped(cell)
        elif absent:
            await self._send_after_all(lane, cell, work)

    async def _send_after_all(self, lane: Lane, cell: Cell, work: Work) -> None:
        if isinstance(work, PreparedAlbum):
            await self._send_if_free(lane, cell, work)
        elif work.album is None:
            message = "the site has not got it, and here it was not looked for: `upload` sends it"
            cell.report(UploadFailed, outcome=Outcome.NOT_SENT, message=message)
        else:
            ready: list[tuple[Lane, PreparedAlbum]] = []
            with self._stoppable() as scope:
                signature = await to_thread.run_sync(signature_of, work.album.files)
                ready = await self.preparation.prepare(work.album, [lane], signature)
            if scope.cancelled_caught:
                _tell_stopped(cell)
            for _, prepared in ready:
                await self._send_if_free(lane, cell, prepared)

    async def _send_if_free(self, lane: Lane, cell: Cell, prepared: PreparedAlbum) -> None:
        """Another run may have come to know more of it, or be sending it by now."""
        log = await self.recall.log_of(cell, lane)
        if (way := self.recall.way(log.record)) is Way.SEND:
            await self._send(lane, cell, prepared, log)
        else:
            self.recall.tell(way, cell, log.record)

    async def _send(
        self, lane: Lane, cell: Cell, prepared: PreparedAlbum, log: CellJournal | Unrecorded
    ) -> None:
        upload = AlbumUpload(prepared, lane.tracker, self.settings, cell, log, lane.switch)
        key = cell.content_id, cell.tracker
        self._uploads[key] = upload
        if self._stopped:
            upload.stop()
        try:
            await upload.run()
        except Exception as error:  # noqa: BLE001 - the worker's boundary
            await upload.fail(unexpected(error))
        finally:
            del self._uploads[key]
        if upload.tried:
            lane.remember(cell.content_id)

    @contextmanager
    def _stoppable(self) -> Iterator[CancelScope]:
        """What is done in the block is given up when the run is stopped."""
        with CancelScope() as scope:
            self._settlements.add(scope)
            try:
                yield scope
            finally:
                self._settlements.discard(scope)


def _tell_stopped(cell: Cell) -> None:
    cell.report(UploadSkipped, reason="interrupted", message="not started: the run was stopped")


@contextmanager
def _ending_alone(cell: Cell) -> Iterator[None]:
    """What breaks before an album is sent to one tracker ends it at that one."""
    try:
        yield
    except* AlbumError as group:
        for error in leaves(group):
            cell.report(UploadSkipped, reason=error.reason, message=str(error))
    except* JournalError as group:
        for failure in leaves(group):
            cell.report(UploadFailed, outcome=Outcome.NOT_SENT, message=str(failure))
    except* Exception as group:  # noqa: BLE001 - the worker's boundary
        for fault in leaves(group):
            cell.report(UploadFailed, outcome=Outcome.NOT_SENT, message=unexpected(fault))
