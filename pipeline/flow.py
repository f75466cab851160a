"""The way of the albums: scan -> tags -> (hash || cover) -> a queue for each tracker -> upload.

The only file that joins stages: bounded streams between them, a full one holding back the one before it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

import anyio
from anyio import to_thread
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from attrs import define, field, frozen

from .audio_check import check_audio, is_sound
from .cover import prepare_cover
from .errors import AlbumError, CoverError, ScanError, unexpected
from .events import (
    AlbumFound,
    AlbumSkipped,
    AlbumStaged,
    BytesHashed,
    Cell,
    CellEvent,
    CoverReady,
    EngineDistrusted,
    Event,
    PiecesHashed,
    StageFailed,
    TagsRead,
    UploadSkipped,
)
from .file_sets import release_with
from .hashing.pool import HashPool
from .known_album import UserWords, known_album
from .lanes import Lane, Place, open_places, skip_copy
from .model.album import Album
from .model.files import FileSet
from .model.finding import Finding
from .model.pieces import Pieces
from .model.release import Cover, PreparedAlbum, Release
from .ports import Tracker
from .preflight import has_its_cover
from .reading.readers import Readers
from .scan import scan_albums
from .staging import stage_album
from .upload import AlbumUpload, UploadSettings

E = TypeVar("E", bound=BaseException)

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
    stage_folder: Path | None = None
    """Where an album is linked under other names, if one of its trackers refuses those it has."""


@define
class Flow:
    """One run of a job."""

    job: Job
    trackers: Sequence[Tracker]
    publish: Callable[[Event], None]
    hashing: HashPool = field(factory=HashPool)
    readers: Readers = field(factory=Readers)
    _stages: anyio.CancelScope = field(factory=anyio.CancelScope, init=False)
    """All that comes before the uploads; cancelled when the run is stopped."""
    _decoding: anyio.CapacityLimiter = field(
        factory=lambda: anyio.CapacityLimiter(os.cpu_count() or 1), init=False
    )
    _imaging: anyio.CapacityLimiter = field(factory=lambda: anyio.CapacityLimiter(2), init=False)
    _uploads: dict[tuple[str, str], AlbumUpload] = field(factory=dict, init=False)
    """Those under way, by content id and tracker."""

    async def run(self) -> None:
        """Returns when every album has its verdict at every tracker, or what a stop left is finished."""
        async with AsyncExitStack() as stack:
            for tracker in self.trackers:
                await stack.enter_async_context(tracker)
            await stack.enter_async_context(self.readers)
            lanes = [
                Lane(tracker, *anyio.create_memory_object_stream[PreparedAlbum](TRACKER_BACKLOG))
                for tracker in self.trackers
            ]
            async with anyio.create_task_group() as uploads:
                for lane in lanes:
                    uploads.start_soon(self._upload_all, lane)
                try:
                    await self._run_stages(lanes)
                finally:
                    for lane in lanes:
                        lane.send.close()  # the uploads end when they have emptied their lanes

    def stop(self) -> None:
        """Ends what is being prepared and starts no upload any more; those in flight finish."""
        self._stages.cancel()
        for upload in tuple(self._uploads.values()):
            upload.stop()

    def heed(self, event: Event) -> None:
        """Follows what the trackers publish, so that a stop knows which creating requests are under way."""
        if isinstance(event, CellEvent) and (upload := self._uploads.get((event.content_id, event.tracker))):
            upload.heed(event)

    async def _run_stages(self, lanes: Sequence[Lane]) -> None:
        found_in, found_out = anyio.create_memory_object_stream[FileSet](BACKLOG)
        read_in, read_out = anyio.create_memory_object_stream[Album](BACKLOG)
        with found_in, found_out, read_in, read_out, self._stages:
            async with anyio.create_task_group() as group:
                group.start_soon(self._scan, found_in)
                for _ in range(self.readers.processes):
                    group.start_soon(self._read_all, found_out, read_in.clone())
                read_in.close()
                for _ in range(self.job.jobs):
                    group.start_soon(self._prepare_all, read_out, lanes)

    async def _scan(self, send: MemoryObjectSendStream[FileSet]) -> None:
        taken = 0
        # A fault under one path is told by the scan itself; what is left can only break before the first.
        with send, self._ending_alone(self.job.paths[0], "scan"):
            async for found in scan_albums(self.job.paths, one_album=self.job.one_album):
                if isinstance(found, ScanError):
                    self.publish(AlbumSkipped(album=found.path, reason=found.reason, message=str(found)))
                    continue
                self.publish(AlbumFound(album=found.root, files=len(found.files), size=found.size))
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

    async def _prepare_all(self, receive: MemoryObjectReceiveStream[Album], lanes: Sequence[Lane]) -> None:
        async for album in receive:
            with self._ending_alone(album.files.root, "prepare", album.content_id):
                await self._prepare(album, lanes)

    async def _prepare(self, album: Album, lanes: Sequence[Lane]) -> None:
        """Hashes and covers at the same time, only for trackers that can take the album at all.

        Where a tracker must have a cover, the cover comes first: without one nothing may be left to hash for.
        """
        album = await self._staged(album, lanes)
        places = await open_places(album, lanes, self.publish)
        release, findings = Release(album), tuple[Finding, ...]()
        cover_due = any(place.lane.tracker.profile.cover_wanted for place in places)
        if any(place.lane.tracker.profile.cover_required for place in places):
            release, cover_due = await self._with_cover(album), False
            places = [place for place in places if has_its_cover(place.lane.tracker, release, place.cell)]
        if not places:
            return

        async def choose_cover() -> None:
            nonlocal release
            release = await self._with_cover(album)

        async def judge_audio() -> None:
            nonlocal findings
            findings = await check_audio(album, self._decoding, self.publish)

        async with anyio.create_task_group() as group:
            if cover_due:
                group.start_soon(choose_cover)
            if self.job.verify:
                group.start_soon(judge_audio)
            pieces = await self._hash_all(album, places)
        for place in places:
            tracker = place.lane.tracker
            if not has_its_cover(tracker, release, place.cell) or not is_sound(tracker, findings, place.cell):
                continue
            files, length = place.admission.files, place.admission.piece_length
            sent = release_with(release, files)
            await place.lane.send.send(PreparedAlbum(sent, pieces[files, length], place.admission.words))

    async def _staged(self, album: Album, lanes: Sequence[Lane]) -> Album:
        """The album under names that all its trackers take, if the user wants that."""
        if self.job.stage_folder is None:
            return album
        rules = [lane.tracker.profile.rules for lane in lanes]
        staged = await to_thread.run_sync(stage_album, album, rules, self.job.stage_folder)
        if staged is not album:
            folder = staged.files.root
            self.publish(AlbumStaged(album=album.files.root, content_id=album.content_id, folder=folder))
        return staged

    async def _hash_all(self, album: Album, places: Sequence[Place]) -> Mapping[tuple[FileSet, int], Pieces]:
        """The pieces for every place: each file set is read once, however many lengths are wanted of it."""
        lengths: dict[FileSet, list[int]] = {}
        for place in places:
            lengths.setdefault(place.admission.files, []).append(place.admission.piece_length)
        return {
            (files, pieces.piece_length): pieces
            for files, wanted in lengths.items()
            for pieces in await self._hash(album, files, wanted)
        }

    async def _hash(self, album: Album, files: FileSet, piece_lengths: Sequence[int]) -> tuple[Pieces, ...]:
        """The pieces of a file set in each length, all from one read of the files."""
        started = anyio.current_time()
        root, content_id = album.files.library_path, album.content_id

        def tell(done: int, size: int) -> None:
            self.publish(BytesHashed(album=root, content_id=content_id, done=done, size=size))

        hashed = await self.hashing.hash_lengths(files, piece_lengths, progress=tell)
        if engine := hashed[0].distrusted_engine:
            self.publish(EngineDistrusted(album=root, content_id=content_id, engine=engine))
        self.publish(
            PiecesHashed(
                album=root,
                content_id=content_id,
                piece_length=hashed[0].piece_length,
                pieces=hashed[0].count,
                size=files.size,
                seconds=anyio.current_time() - started,
            )
        )
        return hashed

    async def _with_cover(self, album: Album) -> Release:
        """An album goes on without a cover; a tracker that must have one refuses it then."""
        try:
            cover = await prepare_cover(album, self._imaging)
        except CoverError as error:
            self._tell_cover(album, None, str(error))
            return Release(album, cover_problem=str(error))
        self._tell_cover(album, cover)
        return Release(album, cover)

    def _tell_cover(self, album: Album, cover: Cover | None, problem: str | None = None) -> None:
        self.publish(
            CoverReady(
                album=album.files.library_path,
                content_id=album.content_id,
                source=cover.source if cover else None,
                width=cover.width if cover else 0,
                height=cover.height if cover else 0,
                size=len(cover.data) if cover else 0,
                problem=problem,
            )
        )

    async def _upload_all(self, lane: Lane) -> None:
        with lane.receive:
            async for prepared in lane.receive:
                cell = Cell.of(prepared.release.album, lane.tracker.profile.id, self.publish)
                if self._stages.cancel_called:
                    message = "not started: the run was stopped"
                    cell.report(UploadSkipped, reason="interrupted", message=message)
                elif lane.has_tried(cell.content_id):
                    skip_copy(cell)
                else:
                    upload = AlbumUpload(prepared, lane.tracker, self.job.upload, cell)
                    await self._upload(upload)
                    if upload.tried:
                        lane.remember(cell.content_id)

    async def _upload(self, upload: AlbumUpload) -> None:
        """One album at one tracker ends alone, whatever happens."""
        key = upload.cell.content_id, upload.cell.tracker
        self._uploads[key] = upload
        try:
            await upload.run()
        except Exception as error:  # noqa: BLE001 - the worker's boundary
            await upload.fail(unexpected(error))
        finally:
            del self._uploads[key]

    @contextmanager
    def _ending_alone(self, root: Path, stage: str, content_id: str | None = None) -> Iterator[None]:
        """One broken album ends alone: whatever it raises becomes an event."""
        try:
            yield
        except* AlbumError as group:
            for error in _leaves(group):
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
        except* Exception as group:  # noqa: BLE001 - the worker's boundary
            for fault in _leaves(group):
                text = unexpected(fault)
                self.publish(
                    StageFailed(
                        album=root, content_id=content_id, stage=stage, reason="unexpected", message=text
                    )
                )


def _leaves(group: BaseExceptionGroup[E]) -> Iterator[E]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
