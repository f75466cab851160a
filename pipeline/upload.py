"""One album at one tracker: its torrent, its words, the upload, and the site's own torrent to seed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from anyio import CancelScope, get_cancelled_exc_class, to_thread
from attrs import define, evolve, field, frozen

from .errors import LOOK_FIRST, AlbumError, NameTaken, NotSent, Skipped, TrackerError
from .events import (
    Cell,
    CellEvent,
    TorrentReady,
    UploadFailed,
    UploadSkipped,
    UploadStarted,
    UploadStored,
    UploadWaiting,
)
from .hand_over import HandOver
from .hashing.job import check_unchanged
from .journal import CellJournal, Unrecorded
from .journal.pinning import pinned_upload
from .model.pieces import Torrent
from .model.release import PreparedAlbum
from .model.upload import Existing, UploadRequest, UploadResult
from .outcome import Outcome
from .ports import TorrentClient, Tracker
from .switch import Switch
from .torrent import make_torrent


@frozen
class UploadSettings:
    """What the user wants of every upload of a run."""

    torrents_folder: Path
    """Where torrents are kept, in a folder for each tracker: the sites' own, ours where there is none."""
    dry_run: bool = False
    anonymous: bool = False
    allow_duplicate: bool = False
    clients: Sequence[TorrentClient] = ()


@frozen
class Found:
    """What the site has now, and whether it had it before."""

    ours: Torrent
    result: UploadResult
    existing: bool


@define
class AlbumUpload:
    """Takes one album through every step at one tracker, and publishes one verdict."""

    prepared: PreparedAlbum
    tracker: Tracker
    settings: UploadSettings
    cell: Cell
    log: CellJournal | Unrecorded = field(factory=Unrecorded)
    switch: Switch = field(factory=Switch)
    tried: bool = field(default=False, init=False)
    """It was sent, or found on the site: the same audio is not tried there again in this run."""
    _until_stored: CancelScope = field(factory=CancelScope, init=False)
    _stopping: bool = field(default=False, init=False)
    _in_flight: bool = field(default=False, init=False)
    """Its creating request is under way."""
    _sent: Torrent | None = field(default=None, init=False)
    """Ours, from when it may have been sent."""
    _unknown: bool = field(default=False, init=False)
    """It may be on the site: whatever else breaks, that stays true."""
    _found: Found | None = field(default=None, init=False)
    """It is on the site: what goes wrong now concerns its torrent only."""
    _hand_over: HandOver = field(init=False)

    @_hand_over.default
    def _make_hand_over(self) -> HandOver:
        settings = self.settings
        return HandOver(self.tracker, self.cell, self.log, settings.torrents_folder, settings.clients)

    async def run(self) -> None:
        """Raises for no verdict; an exception that escapes is a fault, to be handed to `fail`."""
        try:
            found = None
            with self._until_stored:
                found = await self._deliver(await self._make_request())
            if found is not None:
                await self._hand_over.run(found.ours, found.result, existing=found.existing)
            elif self._until_stored.cancelled_caught:
                await self._interrupted()
        except Skipped as error:
            await self._report_skipped(error)
        except TrackerError as error:
            self.switch.note(error)
            await self._report_failed(self._outcome_of(error), error.message, error.hint)
        except AlbumError as error:
            self.cell.report(UploadSkipped, reason=error.reason, message=str(error))
        except get_cancelled_exc_class():
            await self._interrupted()
            raise

    def stop(self) -> None:
        """Ends it unless its creating request is under way; if that has to be made again, it ends then."""
        self._stopping = True
        if not self._in_flight:
            self._until_stored.cancel()

    def heed(self, event: CellEvent) -> None:
        """Follows what the tracker publishes of this upload."""
        match event:
            case UploadStarted():
                self._in_flight = True
            case UploadWaiting():
                self._in_flight = self.tracker.in_doubt(self.cell.content_id)
                if self._stopping:
                    self.stop()

    async def fail(self, message: str) -> None:
        """The verdict where something broke that nobody foresaw."""
        if self._hand_over.told:
            self._hand_over.report_unseeded(message)
        elif self._found is not None:
            self._hand_over.tell(self._found.result, existing=self._found.existing, message=message)
        elif self._unknown or self.tracker.in_doubt(self.cell.content_id):
            await self._report_failed(Outcome.UNKNOWN, message, LOOK_FIRST)
        else:
            await self._report_failed(Outcome.NOT_SENT, message)

    async def _interrupted(self) -> None:
        if self._found is not None:
            if not self._hand_over.told:
                message = "the run ended before its torrent was fetched"
                self._hand_over.tell(self._found.result, existing=self._found.existing, message=message)
        elif self.tracker.in_doubt(self.cell.content_id):
            message = "interrupted before the site answered"
            await self._report_failed(Outcome.UNKNOWN, message, LOOK_FIRST)
        else:
            await self.log.withdraw()
            message = "not sent: the run was interrupted"
            self.cell.report(UploadSkipped, reason="interrupted", message=message)

    def _outcome_of(self, error: TrackerError) -> Outcome:
        return Outcome.UNKNOWN if self._is_doubted and isinstance(error, NameTaken) else error.outcome

    @property
    def _is_doubted(self) -> bool:
        """Whether an earlier upload of ours may be what the site has: that it has one proves nothing then."""
        return self.log.record is not None and self.log.record.doubted

    async def _report_skipped(self, error: Skipped) -> None:
        if self._is_doubted and error.reason == "duplicate":
            await self._report_failed(Outcome.UNKNOWN, error.message, error.hint)
            return
        await self.log.withdraw()
        self.cell.report(UploadSkipped, reason=error.reason, message=str(error), url=error.url)

    async def _report_failed(self, outcome: Outcome, message: str, hint: str = "") -> None:
        """Keeps our torrent of what may be on the site, to be seeded if it turns out to be there."""
        self._unknown = outcome is Outcome.UNKNOWN
        await self.log.failed(outcome, message)
        if outcome is Outcome.UNKNOWN and self._sent is not None:
            hint = "; ".join(filter(None, (hint, await self._hand_over.keep(self._sent))))
        self.cell.report(UploadFailed, outcome=outcome, message=message, hint=hint)

    async def _make_request(self) -> UploadRequest:
        torrent = await to_thread.run_sync(self._make_torrent)
        self.cell.report(
            TorrentReady, infohash=torrent.infohash, name=torrent.name, piece_length=torrent.piece_length
        )
        words = self.prepared.words
        anonymous = self.tracker.profile.anonymous or self.settings.anonymous
        return UploadRequest(self.prepared.release, torrent, words.name, words.description, anonymous)

    def _make_torrent(self) -> Torrent:
        profile = self.tracker.profile
        return make_torrent(
            self.prepared.pieces, announce_url=profile.announce_url, source=profile.source_name
        )

    async def _deliver(self, request: UploadRequest) -> Found | None:
        """None after a dry run that raised no verdict of its own."""
        if self.settings.dry_run:
            self.tried = True
            await self.tracker.upload(request)
            return None
        self.log.pin(pinned_upload(request, self.prepared.pieces, self.prepared.signature))
        if self.tracker.profile.groups_formats:
            request = evolve(request, group_id=await self.log.group_id())
        found = await self._find_existing(request)
        if found is not None and found.same_content:
            self.tried = True
            self.switch.note(None)
            result = UploadResult(found.torrent_id, found.url, found.download_url)
            return await self._stored(request.torrent, result, existing=True)
        if found is not None and not self.settings.allow_duplicate:
            raise _duplicate(found)
        await to_thread.run_sync(check_unchanged, self.prepared.pieces.files)
        self.tried, self._sent = True, request.torrent
        result = await self.tracker.upload(request, self.log)
        self.switch.note(None)
        return await self._stored(request.torrent, result, existing=result.existing)

    async def _stored(self, ours: Torrent, result: UploadResult, *, existing: bool) -> Found:
        self._found = Found(ours, result, existing)
        await self.log.stored(result, existing=existing)
        if not existing:
            self.cell.report(UploadStored, torrent_id=result.torrent_id, url=result.url)
        return self._found

    async def _find_existing(self, request: UploadRequest) -> Existing | None:
        """Where duplicates are allowed, a site that cannot be asked does not hold up the upload."""
        try:
            return await self.tracker.find_existing(request)
        except NotSent:
            if self.settings.allow_duplicate:
                return None
            raise


def _duplicate(found: Existing) -> Skipped:
    return Skipped(
        f"the site has this release in this format already: {found.name}",
        reason="duplicate",
        url=found.url,
        hint="--allow-duplicate sends it all the same",
    )
