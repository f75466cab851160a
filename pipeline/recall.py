"""What earlier runs know of an album: nothing is done again, and nothing left open."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from anyio import to_thread
from attrs import define, evolve

from .errors import LOOK_FIRST
from .events import Cell, UploadFailed, UploadSkipped
from .file_sets import files_for
from .journal import CellJournal, CellRecord, Journal, State, Unrecorded
from .journal.signatures import digest_of_files, pieces_digest, signature_of
from .journal.way import Way, way_of
from .lanes import Lane, Unsettled, skip_copy
from .model.album import Album
from .model.files import FileSet
from .outcome import Outcome
from .preparing import Preparation
from .text import printable


@define
class Recall:
    """Asks the journal before anything is read, hashed or sent; without one, everything is new."""

    journal: Journal | None
    preparation: Preparation
    resuming: bool = False
    allow_duplicate: bool = False
    seeding: bool = False
    """There are torrent clients that want the torrents of what is stored."""

    async def is_known(self, files: FileSet) -> bool:
        """Whether they were read before as one album, and lie as they did."""
        return self.journal is not None and await self.journal.content_of(files) is not None

    async def is_done(self, files: FileSet, lanes: Sequence[Lane]) -> bool:
        """Whether the files lie as they did when every tracker got them; that is published then."""
        if self.journal is None or (content_id := await self.journal.content_of(files)) is None:
            return False
        records, signature = await self.journal.records(content_id), signature_of(files)
        done = [
            record for lane in lanes if (record := records.get(lane.site)) and self._rests(record, signature)
        ]
        if len(done) < len(lanes):
            return False
        for lane, record in zip(lanes, done, strict=True):
            _tell_done(lane.cell(files.library_path, content_id), record)
        return True

    def remember(self, album: Album) -> None:
        """Spares the reading of its tags while its files lie as they do."""
        if self.journal is not None:
            self.journal.remember(album.files, album.content_id)

    async def to_be_sent(self, album: Album, lanes: Sequence[Lane]) -> list[Lane]:
        """The trackers that the album is to be prepared for; the others are told, or get it as open."""
        records = await self.journal.records(album.content_id) if self.journal else {}
        wanted = [lane for lane in lanes if await self._wants(album, lane, records.get(lane.site))]
        await self._note_pending(album, wanted, records)
        return wanted

    async def log_of(self, cell: Cell, lane: Lane) -> CellJournal | Unrecorded:
        """What is known of the album at the tracker by now, to be written on."""
        if self.journal is None:
            return Unrecorded()
        record = (await self.journal.records(cell.content_id)).get(lane.site) or _unknown_album(cell, lane)
        return CellJournal(self.journal, evolve(record, album=cell.album, tracker=cell.tracker))

    def way(self, record: CellRecord | None) -> Way:
        return way_of(record, resuming=self.resuming, allow_duplicate=self.allow_duplicate)

    def _rests(self, record: CellRecord, signature: bytes) -> bool:
        """Whether nothing is left to be done of it."""
        unchanged = record.pinned is None or record.pinned.signature == signature
        return self.way(record) is Way.COMPARE and record.rests(seeding=self.seeding) and unchanged

    async def _wants(self, album: Album, lane: Lane, record: CellRecord | None) -> bool:
        cell = lane.cell(album.files.library_path, album.content_id)
        if lane.has_tried(album.content_id):
            skip_copy(cell)
            return False
        match self.way(record):
            case Way.SEND:
                return True
            case Way.SETTLE:
                await lane.send.send(Unsettled(album, album.content_id, album.files.library_path))
            case Way.COMPARE if record is not None:
                await self._compare(album, lane, cell, record)
            case way:
                self.tell(way, cell, record)
        return False

    def tell(self, way: Way, cell: Cell, record: CellRecord | None) -> None:
        """The verdict of a way that leads nowhere."""
        if way is Way.LEAVE_REFUSED and record is not None:
            message = f"it was refused before: {record.message}; `upload` tries it again"
            cell.report(UploadSkipped, reason="rejected_before", message=message)
        elif way is Way.COMPARE and record is not None:
            _tell_done(cell, record)
        elif way is Way.SETTLE:
            message = "another run has sent it, and what became of it is unknown"
            cell.report(UploadFailed, outcome=Outcome.UNKNOWN, message=message, hint=LOOK_FIRST)
        elif self.journal and record and record.run == self.journal.run_id:
            skip_copy(cell)
        else:
            cell.report(UploadSkipped, reason="being_sent", message="another run is sending it")

    async def _compare(self, album: Album, lane: Lane, cell: Cell, record: CellRecord) -> None:
        if record.album != cell.album and await to_thread.run_sync(os.path.exists, record.album):
            message = f"the same audio went there before, from {printable(str(record.album))}"
            cell.report(UploadSkipped, reason="same_content", message=message, url=record.url)
        elif not await self._is_unchanged(album, lane, record):
            message = "it went there before, and its files have changed since"
            cell.report(UploadSkipped, reason="changed_since_upload", message=message, url=record.url)
        elif record.rests(seeding=self.seeding):
            _tell_done(cell, record)
        else:
            await lane.send.send(Unsettled(album, album.content_id, album.files.library_path))

    async def _is_unchanged(self, album: Album, lane: Lane, record: CellRecord) -> bool:
        """Whether the files are those that were sent; they are read only where `stat` cannot tell."""
        pinned, signature = record.pinned, signature_of(album.files)
        if pinned is None or pinned.signature == signature:
            return True
        files = files_for(album.files, lane.tracker.profile.rules)
        if digest_of_files(files) != pinned.files_digest:
            return False
        pieces = await self.preparation.hash_again(album, files, pinned.piece_length)
        if pieces_digest(pieces.piece_length, pieces.digests) != pinned.pieces_digest:
            return False
        if self.journal is not None:
            await self.journal.write(evolve(record, pinned=evolve(pinned, signature=signature)))
        return True

    async def _note_pending(
        self, album: Album, lanes: Sequence[Lane], records: Mapping[str, CellRecord]
    ) -> None:
        """From here on `status` knows the album."""
        new = [
            _unknown_album(lane.cell(album.files.library_path, album.content_id), lane)
            for lane in lanes
            if lane.site not in records
        ]
        if self.journal and new:
            await self.journal.write(*new)


def _unknown_album(cell: Cell, lane: Lane) -> CellRecord:
    return CellRecord(
        content_id=cell.content_id,
        site=lane.site,
        tracker=cell.tracker,
        album=cell.album,
        state=State.PENDING,
    )


def _tell_done(cell: Cell, record: CellRecord) -> None:
    cell.report(UploadSkipped, reason="done_before", message="it is there already", url=record.url)
