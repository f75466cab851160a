"""Makes an album ready for its trackers: hashed, its audio judged, its cover chosen, its words made."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import anyio
from anyio import to_thread
from attrs import define, field

from .audio_check import check_audio, is_sound
from .covers import Covers, PictureRoom, prepare_covers
from .events import AlbumStaged, BytesHashed, CoverReady, EngineDistrusted, Event, PiecesHashed
from .file_sets import release_with
from .hashing.pool import HashPool
from .lanes import Lane, Place, open_places
from .model.album import Album
from .model.files import FileSet
from .model.finding import Finding
from .model.pieces import Pieces
from .model.release import PreparedAlbum
from .preflight import has_its_cover
from .staging import stage_album


@define
class Preparation:
    """What all albums of a run share on their way to the trackers."""

    publish: Callable[[Event], None]
    hashing: HashPool
    verify: bool = True
    stage_folder: Path | None = None
    _decoding: anyio.CapacityLimiter = field(
        factory=lambda: anyio.CapacityLimiter(os.cpu_count() or 1), init=False
    )
    _pictures: PictureRoom = field(factory=PictureRoom, init=False)

    async def prepare(
        self, album: Album, lanes: Sequence[Lane], signature: bytes
    ) -> list[tuple[Lane, PreparedAlbum]]:
        """The album for each tracker that can take it; each of the others is told why not.

        Hashes and covers at the same time, only for trackers that can take the album at all. Where a tracker
        must have a cover, the cover comes first: without one nothing may be left to hash for.
        """
        album = await self._staged(album, lanes)
        places = await open_places(album, lanes, self.publish)
        covers, findings = Covers(), tuple[Finding, ...]()
        cover_due = any(place.lane.tracker.profile.cover_wanted for place in places)
        if any(place.lane.tracker.profile.cover_required for place in places):
            covers, cover_due = await self._make_covers(album, places), False
            places = [place for place in places if self._has_its_cover(album, covers, place)]
        if not places:
            return []

        async def choose_cover() -> None:
            nonlocal covers
            covers = await self._make_covers(album, places)

        async def judge_audio() -> None:
            nonlocal findings
            findings = await check_audio(album, self._decoding, self.publish)

        async with anyio.create_task_group() as group:
            if cover_due:
                group.start_soon(choose_cover)
            if self.verify:
                group.start_soon(judge_audio)
            pieces = await self._hash_all(album, places)
        prepared = []
        for place in places:
            tracker = place.lane.tracker
            if not self._has_its_cover(album, covers, place) or not is_sound(tracker, findings, place.cell):
                continue
            files, length = place.admission.files, place.admission.piece_length
            sent = release_with(covers.release(album, tracker.profile), files)
            ready = PreparedAlbum(sent, pieces[files, length], place.admission.words, signature)
            prepared.append((place.lane, ready))
        return prepared

    async def hash_again(self, album: Album, files: FileSet, piece_length: int) -> Pieces:
        """The pieces of files that were sent before, as they are now."""
        (pieces,) = await self._hash(album, files, [piece_length])
        return pieces

    async def _staged(self, album: Album, lanes: Sequence[Lane]) -> Album:
        """The album under names that all its trackers take, if the user wants that."""
        if self.stage_folder is None:
            return album
        rules = [lane.tracker.profile.rules for lane in lanes]
        staged = await to_thread.run_sync(stage_album, album, rules, self.stage_folder)
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

    async def _make_covers(self, album: Album, places: Sequence[Place]) -> Covers:
        """Once for each demand; an album goes on without one, as far as its trackers do."""
        profiles = [place.lane.tracker.profile for place in places]
        specs = [profile.cover_spec for profile in profiles if profile.cover_wanted]
        covers = await prepare_covers(album, specs, self._pictures)
        self._tell_covers(album, covers)
        return covers

    def _has_its_cover(self, album: Album, covers: Covers, place: Place) -> bool:
        tracker = place.lane.tracker
        return has_its_cover(tracker, covers.release(album, tracker.profile), place.cell)

    def _tell_covers(self, album: Album, covers: Covers) -> None:
        cover, problem = covers.largest, covers.problem
        self.publish(
            CoverReady(
                album=album.files.library_path,
                content_id=album.content_id,
                source=cover.source if cover else None,
                width=cover.width if cover else 0,
                height=cover.height if cover else 0,
                size=len(cover.data) if cover else 0,
                problem=str(problem) if problem else None,
                reason=covers.reason,
                refused=tuple(error.message for error in covers.refused),
                versions=covers.versions,
            )
        )
