"""The way of the albums: scan -> tags -> (hash || cover) -> a queue for each tracker -> upload.

The only file that joins stages: bounded streams between them, a full one holding back the one before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from pathlib import Path

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from attrs import define, field, frozen

from .deliveries import Deliveries
from .error_groups import leaves
from .errors import AlbumError, JournalError, ScanError, unexpected
from .events import (
    AlbumFound,
    AlbumSkipped,
    Cell,
    CellEvent,
    Event,
    StageFailed,
    TagsRead,
    UploadSkipped,
)
from .formats import group_formats
from .hashing.pool import HashPool
from .journal import CellRecord, Journal
from .journal.signatures import signature_of
from .known_album import UserWords, known_album
from .lanes import Lane, Unsettled, Work, lanes_by_site
from .model.album import Album
from .model.files import FileSet
from .ports import Tracker
from .preparing import Preparation
from .reading.readers import Readers
from .recall import Recall
from .scan import scan_albums
from .switch import Switch
from .upload import UploadSettings

BACKLOG = 16
"""Albums that may wait before a stage."""
TRACKER_BACKLOG = 64
"""Prepared albums that may wait for one tracker before it holds back the others."""


@frozen
class Job:
    """What a run is to do."""

    paths: Sequence[Path]
    upload: UploadSettings
    one_album: bool = False
    limit: int | None = None
    words: UserWords = field(factory=UserWords)
    jobs: int = 2
    """Albums that are hashed, verified and covered at once."""
    verify: bool = True
    """The audio is read to its end and judged before anything is sent."""
    resuming: bool = False
    """What was refused is not tried again."""
    unusable: Mapping[str, str] = field(factory=dict)
    """Ids of trackers that get nothing, and why."""
    unsettled: Sequence[CellRecord] = ()
    """Uploads of earlier runs that are to be settled, whether their albums are found or not."""
    stage_folder: Path | None = None
    """Where an album is linked under other names, if one of its trackers refuses those it has."""


@define
class Flow:
    """One run of a job."""

    job: Job
    trackers: Sequence[Tracker]
    publish: Callable[[Event], None]
    journal: Journal | None = None
    """None writes nothing down: a dry run, a benchmark."""
    hashing: HashPool = field(factory=HashPool)
    readers: Readers = field(factory=Readers)
    _preparation: Preparation = field(init=False)
    _recall: Recall = field(init=False)
    _deliveries: Deliveries = field(init=False)
    _stages: anyio.CancelScope = field(factory=anyio.CancelScope, init=False)
    """All that comes before the uploads; cancelled when the run is stopped."""

    def __attrs_post_init__(self) -> None:
        job = self.job
        self._preparation = Preparation(self.publish, self.hashing, job.verify, job.stage_folder)
        self._recall = Recall(
            self.journal,
            self._preparation,
            job.resuming,
            job.upload.allow_duplicate,
            seeding=bool(job.upload.clients),
        )
        self._deliveries = Deliveries(job.upload, self._preparation, self._recall)

    async def run(self) -> None:
        """Returns when every album has its verdict at every tracker, or what a stop left is finished."""
        async with AsyncExitStack() as stack:
            for tracker in self.trackers:
                await stack.enter_async_context(tracker)
            await stack.enter_async_context(self.readers)
            lanes = [self._make_lane(tracker) for tracker in self.trackers]
            async with anyio.create_task_group() as uploads:
                for lane in lanes:
                    uploads.start_soon(self._deliveries.deliver_all, lane)
                try:
                    await self._run_stages(lanes)
                finally:
                    for lane in lanes:
                        lane.send.close()  # the uploads end when they have emptied their lanes

    def stop(self) -> None:
        """Ends what is being prepared and starts no upload any more; those in flight finish."""
        self._stages.cancel()
        self._deliveries.stop()

    def heed(self, event: Event) -> None:
        """Follows what is published: a stop must know which creating requests are under way."""
        if isinstance(event, CellEvent):
            self._deliveries.heed(event)
        if self.journal and self.journal.failure and not self._stages.cancel_called:
            self.stop()  # nothing may be sent that cannot be written down

    def _make_lane(self, tracker: Tracker) -> Lane:
        send, receive = anyio.create_memory_object_stream[Work](TRACKER_BACKLOG)
        return Lane(tracker, self.publish, send, receive, Switch(tracker.profile.give_up_after))

    async def _run_stages(self, lanes: Sequence[Lane]) -> None:
        found_in, found_out = anyio.create_memory_object_stream[FileSet](BACKLOG)
        read_in, read_out = anyio.create_memory_object_stream[Album](BACKLOG)
        formats_in, formats_out = anyio.create_memory_object_stream[tuple[Album, ...]]()
        waiting = any(lane.tracker.profile.groups_formats for lane in lanes)
        with found_in, found_out, read_in, read_out, formats_in, formats_out, self._stages:
            async with anyio.create_task_group() as group:
                group.start_soon(self._scan, found_in, lanes)
                group.start_soon(self._send_unsettled, lanes)
                for _ in range(self.readers.processes):
                    group.start_soon(self._read_all, found_out, read_in.clone())
                read_in.close()
                group.start_soon(partial(group_formats, read_out, formats_in, waiting=waiting))
                for _ in range(self.job.jobs):
                    group.start_soon(self._prepare_all, formats_out, lanes)

    async def _send_unsettled(self, lanes: Sequence[Lane]) -> None:
        by_site = {lane.site: lane for lane in reversed(lanes)}
        for record in self.job.unsettled:
            if lane := by_site.get(record.site):
                await lane.send.send(Unsettled(None, record.content_id, record.album))

    async def _scan(self, send: MemoryObjectSendStream[FileSet], lanes: Sequence[Lane]) -> None:
        taken, paths = 0, self.job.paths
        # A fault under one path is told by the scan itself; what is left can only break before the first.
        with send, self._ending_alone(paths[0] if paths else Path(), "scan"):
            async for found in scan_albums(paths, one_album=self.job.one_album, known=self._recall.is_known):
                if isinstance(found, ScanError):
                    self.publish(AlbumSkipped(album=found.path, reason=found.reason, message=str(found)))
                    continue
                self.publish(AlbumFound(album=found.root, files=len(found.files), size=found.size))
                if self.job.unusable or not await self._recall.is_done(found, lanes):
                    await send.send(found)
                taken += 1
                if taken == self.job.limit:
                    return

    async def _read_all(
        self, receive: MemoryObjectReceiveStream[FileSet], send: MemoryObjectSendStream[Album]
    ) -> None:
        with send:
            async for files in receive:
                with self._ending_alone(files.root, "tags"):
                    album = known_album(await self.readers.read(files), self.job.words)
                    self._tell_tags(album)
                    self._recall.remember(album)
                    await send.send(album)

    def _tell_tags(self, album: Album) -> None:
        self.publish(
            TagsRead(
                album=album.files.root,
                content_id=album.content_id,
                title=album.title,
                artist=album.artist,
                year=album.year,
                format=str(album.codec),
                tracks=len(album.tracks),
                duration=album.duration,
                release_type=str(album.release_type) if album.release_type else None,
                inferred=tuple(sorted(album.inferred)),
            )
        )

    async def _prepare_all(
        self, receive: MemoryObjectReceiveStream[tuple[Album, ...]], lanes: Sequence[Lane]
    ) -> None:
        """The formats of one release go one after the other, so that they come to each tracker in order."""
        async for formats in receive:
            for album in formats:
                await self._prepare_one(album, lanes)

    async def _prepare_one(self, album: Album, lanes: Sequence[Lane]) -> None:
        with self._ending_alone(album.files.root, "prepare", album.content_id):
            self._skip_unusable(album.files.library_path, album.content_id)
            distinct = lanes_by_site(album.files.library_path, album.content_id, lanes)
            await self._prepare(album, await self._recall.to_be_sent(album, distinct))

    def _skip_unusable(self, path: Path, content_id: str) -> None:
        for tracker_id, message in self.job.unusable.items():
            cell = Cell(path, content_id, tracker_id, self.publish)
            cell.report(UploadSkipped, reason="tracker_off", message=message)

    async def _prepare(self, album: Album, lanes: Sequence[Lane]) -> None:
        signature = signature_of(album.files)
        for lane, prepared in await self._preparation.prepare(album, lanes, signature):
            await lane.send.send(prepared)

    @contextmanager
    def _ending_alone(self, root: Path, stage: str, content_id: str | None = None) -> Iterator[None]:
        """One broken album ends alone: whatever it raises becomes an event."""
        try:
            yield
        except* AlbumError as group:
            for error in leaves(group):
                self.publish(
                    StageFailed(
                        album=root,
                        content_id=content_id,
                        stage=error.stage,
                        reason=error.reason,
                        message=error.message,
                        hint=error.hint,
                    )
                )
        except* JournalError as group:
            for failure in leaves(group):
                self.publish(
                    StageFailed(
                        album=root,
                        content_id=content_id,
                        stage="journal",
                        reason="journal",
                        message=failure.message,
                        hint=failure.hint,
                    )
                )
        except* Exception as group:  # noqa: BLE001 - the worker's boundary
            for fault in leaves(group):
                text = unexpected(fault)
                self.publish(
                    StageFailed(
                        album=root, content_id=content_id, stage=stage, reason="unexpected", message=text
                    )
                )
