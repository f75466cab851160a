"""One album at one tracker, as a run writes it down step by step."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from anyio import CancelScope
from attrs import define, evolve, field

from ..errors import LOOK_FIRST, JournalError, NotSent, Skipped, Unknown, unexpected
from ..model.upload import UploadResult
from ..outcome import Outcome
from .journal import Journal, in_doubt
from .moments import Moment
from .record import CellRecord, Pinned, State, Step

NEVER_SENT = frozenset({State.PENDING, State.SKIPPED})
FREE = frozenset({State.NOT_SENT, State.REJECTED})
"""It was sent, and surely is not there."""
NOT_THERE = NEVER_SENT | {State.NOT_SENT}
"""States that keep nobody from sending, whoever wrote them."""


@define
class CellJournal:
    """Writes one record, each time on top of what it wrote or read last.

    What goes wrong with the journal never changes what happened at the site: it is kept in `journal.failure`.
    """

    journal: Journal
    record: CellRecord
    _superseded: bool = field(default=False, init=False)
    """Somebody else has written since: theirs is newer."""
    _stored: CellRecord | None = field(init=False)
    """The record of an upload that is there already: no other one that fails undoes it."""

    @_stored.default
    def _keep_stored(self) -> CellRecord | None:
        return self.record if self.record.state.is_stored else None

    def pin(self, pinned: Pinned) -> None:
        """What will be sent: written with the next step."""
        self.record = evolve(self.record, pinned=pinned)

    async def begin(self) -> None:
        """Commits that it is being sent; Skipped where another run was quicker, NotSent where that fails."""
        with CancelScope(shield=True):
            sending = evolve(self.record, state=State.SENDING, run=self.journal.run_id, reason="", message="")
            try:
                if not await self._write(sending, over=NOT_THERE):
                    raise await self._taken()
                await self.journal.note_sent(self.record)
            except (Skipped, Unknown):
                raise
            except Exception as error:
                failure = self._fail(error)
                await self.withdraw()
                raise NotSent(
                    f"it cannot be recorded, and so was not sent: {failure.message}",
                    hint=failure.hint,
                    retryable=False,
                ) from error

    async def withdraw(self) -> None:
        """What was being sent surely did not arrive."""
        if self.record.state is State.SENDING:
            await self._note(self._unsent(State.NOT_SENT))

    async def group_id(self) -> str | None:
        """Where other formats of the release are; Skipped while it is not known whether one is there."""
        pinned = self.record.pinned
        if pinned is None or not pinned.release_key:
            return None
        formats = await self.journal.formats_of(self.record.site, pinned.release_key)
        others = [record for record in formats if record.content_id != self.record.content_id]
        if any(record.state in {State.SENDING, State.UNKNOWN} for record in others):
            raise Skipped(
                "another format of the release may be there, and would make another group",
                reason="format_waits",
                hint="`mua-async resume` sends it when that one is settled",
            )
        return next(
            (record.group_id for record in others if record.state.is_stored and record.group_id), None
        )

    async def stored(self, result: UploadResult, *, existing: bool) -> None:
        """The site told that it holds the upload."""
        state = State.EXISTING if existing else State.DONE
        await self._note(
            evolve(
                self.record,
                state=state,
                step=Step.ANSWERED,
                finished=False,
                run="",
                torrent_id=result.torrent_id,
                url=result.url,
                group_id=result.group_id or self.record.group_id,
                reason="",
                message="",
            )
        )

    async def torrent_at(self, step: Step, torrent_file: Path | None, *, finished: bool) -> None:
        """How far the torrent of a stored upload has come."""
        pinned = self.record.pinned
        if finished and step is not Step.FETCHED and pinned is not None:
            pinned = evolve(pinned, info=None)
        await self._note(
            evolve(self.record, step=step, torrent_file=torrent_file, finished=finished, pinned=pinned)
        )

    async def failed(self, outcome: Outcome, message: str) -> None:
        """A verdict that leaves nothing stored, as far as is known."""
        if outcome is Outcome.UNKNOWN:
            await self._note(in_doubt(self.record, Moment.now(), message))
        else:
            await self._note(self._unsent(State(outcome), message))

    def _unsent(self, state: State, message: str = "") -> CellRecord:
        """The record once it is known that what was tried is not there."""
        if self._stored is not None:
            return evolve(self._stored, revision=self.record.revision)
        if self.record.step is not Step.NONE:  # what is there was sent before, by a run that has ended
            return evolve(self.record, state=State.DONE, run="", reason="", message=message)
        return evolve(self.record, state=state, run="", reason="", message=message)

    async def _note(self, record: CellRecord) -> None:
        """Writes what happened, whatever else does."""
        with CancelScope(shield=True):
            try:
                if record.pinned is None or record.state in NEVER_SENT:
                    await self._write(record)
                elif record.state in FREE and self.record.state is State.SENDING:
                    await self._write_line_first(record)
                elif await self._write(record):
                    await self.journal.note_sent(self.record)
            except Exception as error:  # noqa: BLE001 - it never changes what happened at the site
                self._fail(error)

    async def _write_line_first(self, record: CellRecord) -> None:
        """Between the two another run would take the line before for the last word: that it may be there.

        What this run is sending nobody else writes, so that the line is true before the record is.
        """
        try:
            await self.journal.note_sent(evolve(record, revision=record.revision + 1))
        finally:
            await self._write(record)

    def _fail(self, error: Exception) -> JournalError:
        """Keeps why the journal cannot be written: nothing more is sent then."""
        failure = error if isinstance(error, JournalError) else JournalError(unexpected(error))
        self.journal.failure = failure
        return failure

    async def _write(self, record: CellRecord, over: Collection[State] = ()) -> bool:
        """Whether it is written; `over` are states that it replaces though somebody else has written them."""
        if self._superseded:
            return False
        (written,) = await self.journal.write(record)
        while written is None and (newest := await self._newest()) is not None and newest.state in over:
            doubted = record.doubted or newest.doubted
            (written,) = await self.journal.write(evolve(record, revision=newest.revision, doubted=doubted))
        if written is None:
            self._superseded = True
            return False
        self.record = written
        return True

    async def _newest(self) -> CellRecord | None:
        return (await self.journal.records(self.record.content_id)).get(self.record.site)

    async def _taken(self) -> Skipped | Unknown:
        """Why it may not be sent: what another run has written of it."""
        now = await self._newest()
        if now is not None and now.state.is_stored:
            return Skipped("another run has sent it", reason="done_before", url=now.url)
        if now is not None and now.state is State.UNKNOWN:
            return Unknown("another run has sent it, and what became of it is unknown", hint=LOOK_FIRST)
        return Skipped("another run is sending it", reason="being_sent")


class Unrecorded:
    """Stands for the record of a run that writes nothing down: a dry run, a benchmark."""

    record: None = None

    def pin(self, pinned: Pinned) -> None: ...

    async def begin(self) -> None: ...

    async def withdraw(self) -> None: ...

    async def group_id(self) -> str | None: ...

    async def stored(self, result: UploadResult, *, existing: bool) -> None: ...

    async def torrent_at(self, step: Step, torrent_file: Path | None, *, finished: bool) -> None: ...

    async def failed(self, outcome: Outcome, message: str) -> None: ...
