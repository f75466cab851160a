"""An upload that an earlier run left open: what the site has of it, and what is to be done then."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import anyio
from anyio import to_thread
from attrs import define, field

from .errors import LOOK_FIRST, TrackerError, unexpected
from .events import Cell, UploadFailed, UploadWaiting
from .hand_over import HandOver
from .journal import CellJournal, Pinned, Step
from .journal.pinning import sent_upload
from .model.upload import Existing, LookUp, UploadResult
from .outcome import Outcome
from .ports import TorrentClient, Tracker
from .switch import Switch

PATIENCE = 20.0
"""Seconds that a whole run waits at most for uploads that may still be on their way."""


@define
class Patience:
    """How long a run may still wait before it looks a last time."""

    _until: float | None = field(default=None, init=False)

    def share_of(self, seconds: float) -> float:
        """As many of the seconds as are left; waiting begins with the first who has to."""
        if seconds <= 0:
            return 0.0
        now = anyio.current_time()
        if self._until is None:
            self._until = now + PATIENCE
        return max(0.0, min(seconds, self._until - now))


@define
class Settlement:
    """Brings one record to a verdict, or finds that it is to be sent again."""

    log: CellJournal
    tracker: Tracker
    cell: Cell
    torrents_folder: Path
    clients: Sequence[TorrentClient]
    patience: Patience
    switch: Switch = field(factory=Switch)
    _hand_over: HandOver = field(init=False)

    @_hand_over.default
    def _make_hand_over(self) -> HandOver:
        return HandOver(self.tracker, self.cell, self.log, self.torrents_folder, self.clients)

    @property
    def told(self) -> bool:
        """Whether that it is stored was published."""
        return self._hand_over.told

    async def run(self) -> bool:
        """Whether the upload surely is not there, and may be sent; else its verdict is published."""
        record = self.log.record
        try:
            if record.state.is_stored:
                await self._finish(await self._known_result(), existing=True)
                return False
            return await self._find_out(record.pinned)
        except TrackerError as error:
            self.switch.note(error)
            self._leave(f"it cannot be asked for: {error}")
        except Exception as error:  # noqa: BLE001 - the worker's boundary: it stays as it was
            self._leave(unexpected(error))
        return False

    async def _find_out(self, pinned: Pinned | None) -> bool:
        sent = await to_thread.run_sync(sent_upload, pinned, self.tracker.profile.announce_url)
        if sent is None:
            self._leave_unknown("what was sent is not kept here, so that the site cannot be asked for it")
            return False
        unripe = self._unripe()
        look = await self.tracker.find_sent(sent, self.cell)
        can_tell = look.asked or self.tracker.profile.repost_when_unknown
        if look.found is None and can_tell and (wait := self.patience.share_of(unripe)):
            reason = "an earlier upload may still be on its way"
            self.cell.report(UploadWaiting, reason=reason, seconds=wait)
            await anyio.sleep(wait)
            unripe = self._unripe()
            look = await self.tracker.find_sent(sent, self.cell)
        if look.found is None:
            return await self._judge_absence(look, unripe)
        await self._tell_found(look.found)
        return False

    async def _known_result(self) -> UploadResult:
        """What is known of a stored upload; the user may have told that it is there, and not its id."""
        record = self.log.record
        sent = await to_thread.run_sync(sent_upload, record.pinned, self.tracker.profile.announce_url)
        if record.torrent_id is None and sent is not None:
            found = (await self.tracker.find_sent(sent, self.cell)).found
            if found is not None:
                return UploadResult(found.torrent_id, record.url or found.url, found.download_url)
        return UploadResult(record.torrent_id, record.url)

    def _unripe(self) -> float:
        """Seconds until a look-up that finds nothing counts: the upload may still be on its way."""
        doubt = self.log.record.doubt
        passed = doubt.elapsed() if doubt else math.inf
        return max(0.0, self.tracker.profile.settle_after - passed)

    async def _tell_found(self, found: Existing) -> None:
        message = "the site has what an earlier run sent"
        result = UploadResult(found.torrent_id, found.url, found.download_url, message)
        await self.log.stored(result, existing=False)
        await self._finish(result, existing=False)

    async def _judge_absence(self, look: LookUp, unripe: float) -> bool:
        if not (look.absent or self.tracker.profile.repost_when_unknown):
            self._leave_unknown("its search does not tell what became of it")
        elif unripe:
            self._leave_unknown(f"not found there, which counts only in {math.ceil(unripe)} s")
        else:
            await self.log.failed(Outcome.NOT_SENT, "the site has not got it")
            return True
        return False

    def _leave(self, told: str) -> None:
        """Something broke: what is known stays known, and another run may try again."""
        record = self.log.record
        if self._hand_over.told:
            self._hand_over.report_unseeded(told)
        elif record.state.is_stored:
            self._hand_over.tell(UploadResult(record.torrent_id, record.url), existing=True, message=told)
        else:
            self._leave_unknown(told)

    def _leave_unknown(self, told: str) -> None:
        record = self.log.record
        message = f"{record.message}; {told}" if record.message else told
        hint = f"{LOOK_FIRST}; `mua-async resolve` notes what you saw there"
        self.cell.report(UploadFailed, outcome=Outcome.UNKNOWN, message=message, hint=hint)

    async def _finish(self, result: UploadResult, *, existing: bool) -> None:
        pinned = self.log.record.pinned
        sent = await to_thread.run_sync(sent_upload, pinned, self.tracker.profile.announce_url)
        if sent is None:
            await self._tell_unkept(result, existing=existing)
            return
        await self._hand_over.run(sent.torrent, result, existing=existing)

    async def _tell_unkept(self, result: UploadResult, *, existing: bool) -> None:
        """It is stored; what was sent is not kept any more, so that nothing can be compared with it."""
        await self.log.torrent_at(Step.ANSWERED, None, finished=True)
        message = "fetch its torrent from the site: what was sent is not kept here"
        self._hand_over.tell(result, existing=existing, message=message)
