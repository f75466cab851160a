"""The preflight of a library: what each site would get of each album, and what keeps it away. Asks nobody."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import anyio
from anyio import to_thread
from attrs import define, evolve, field, frozen

from .covers import Covers, PictureRoom, prepare_covers
from .errors import AlbumError, ScanError, Skipped, TrackerError, unexpected
from .events import AlbumEvent, Event, RequestPrepared
from .file_sets import release_with
from .gap_file import GapEntry, gap_entry
from .journal.read_only import Key, Standing
from .known_album import UserWords, known_album
from .model.album import Album
from .model.cover import CoverSpec
from .model.files import FileSet
from .model.finding import Finding, Severity
from .model.pieces import Torrent
from .model.release import Release
from .model.upload import UploadRequest
from .ports import Tracker
from .preflight import Examination, examine
from .reading.readers import Readers
from .rules import finding_problems
from .scan import scan_albums

ALBUMS_AT_ONCE = 8
NOT_HASHED = "<infohash>"
"""Stands in a form for what only hashing could tell."""

Fields = tuple[tuple[str, str], ...]


@frozen(kw_only=True)
class Planned(AlbumEvent):
    """What would become of an album at a tracker; without a `tracker`, why it is for none of them."""

    content_id: str | None = None
    tracker: str | None = None
    ok: bool
    reason: str = ""
    """A stable word for the first problem; empty where there is none."""
    problems: tuple[str, ...] = ()
    """One line each, with what mends it."""
    warnings: tuple[str, ...] = ()
    name: str | None = None
    """As the site would get it."""
    form: Fields | None = None
    """Names and values as the site would get them, secrets masked; None where there is a problem."""
    already: str | None = None
    """How the album ended there before, by the journal."""
    already_url: str | None = None


@frozen
class AlbumPlan:
    """What would become of one album."""

    cells: tuple[Planned, ...]
    gap: GapEntry | None = None
    """What is to be asked of it, if anything."""


@frozen
class PlanOrder:
    """What is to be planned, and what the user says of it."""

    paths: Sequence[Path]
    one_album: bool = False
    limit: int | None = None
    words: UserWords = field(factory=UserWords)
    verify: bool = False
    """The audio is read to its end and judged."""


@frozen
class Forms:
    """Catches the requests that trackers in a dry run prepare: subscribe `heed` to what they publish."""

    _prepared: dict[tuple[Path, str], Fields] = field(factory=dict, init=False)

    def heed(self, event: Event) -> None:
        if isinstance(event, RequestPrepared):
            files = {file.field for file in event.files}
            fields = tuple((name, value) for name, value in event.fields if name not in files)
            self._prepared[event.album, event.tracker] = fields

    def take(self, album: Path, tracker: str) -> Fields | None:
        return self._prepared.pop((album, tracker), None)


@define
class Plan:
    """One run over the albums; several are under way at once, and are told in the order of the scan."""

    order: PlanOrder
    trackers: Sequence[Tracker]
    """All in a dry run, publishing to `forms`."""
    forms: Forms
    tell: Callable[[AlbumPlan], None]
    standings: Mapping[Key, Standing] = field(factory=dict)
    """What earlier runs know, by content id and site."""
    _thinking: anyio.CapacityLimiter = field(factory=lambda: anyio.CapacityLimiter(1), init=False)
    """Tags are parsed and rules checked in one thread: several are slower, since they share Python's lock."""
    _readers: Readers = field(factory=Readers, init=False)
    _pictures: PictureRoom = field(factory=PictureRoom, init=False)
    _decoding: anyio.CapacityLimiter = field(
        factory=lambda: anyio.CapacityLimiter(os.cpu_count() or 1), init=False
    )
    _preparing: anyio.Lock = field(factory=anyio.Lock, init=False)
    """Held while a tracker prepares a request: it may be asked for the same audio once at a time."""
    _room: anyio.Semaphore = field(factory=lambda: anyio.Semaphore(ALBUMS_AT_ONCE), init=False)

    async def run(self) -> None:
        """Returns when every album has been told; what is wrong with one is told like any other."""
        taken = 0
        turn = anyio.Event()
        turn.set()
        async with AsyncExitStack() as stack:
            for tracker in self.trackers:
                await stack.enter_async_context(tracker)
            await stack.enter_async_context(self._readers)
            group = await stack.enter_async_context(anyio.create_task_group())
            async for found in scan_albums(self.order.paths, one_album=self.order.one_album):
                await self._room.acquire()
                next_turn = anyio.Event()
                group.start_soon(self._plan_in_turn, found, turn, next_turn)
                turn = next_turn
                taken += isinstance(found, FileSet)
                if taken == self.order.limit:
                    return

    async def _plan_in_turn(
        self, found: FileSet | ScanError, turn: anyio.Event, next_turn: anyio.Event
    ) -> None:
        plan = await self._plan(found)
        await turn.wait()
        self.tell(plan)
        next_turn.set()
        self._room.release()

    async def _plan(self, found: FileSet | ScanError) -> AlbumPlan:
        """One broken album ends alone: whatever is wrong with it is its plan."""
        if isinstance(found, ScanError):
            return _unplannable(found.path, found.reason, str(found))
        try:
            album = known_album(await self._readers.read(found), self.order.words)
            releases, findings = await self._releases(album), await self._findings(album)
            cells = [
                await self._cell(tracker, releases[_cover_of(tracker)], findings) for tracker in self.trackers
            ]
            gap = gap_entry(album, self._required())
            return AlbumPlan(tuple(cells), gap if gap.missing or gap.guessed else None)
        except AlbumError as error:
            return _unplannable(found.root, error.reason, str(error))
        except Exception as error:  # noqa: BLE001 - the worker's boundary
            return _unplannable(found.root, "unexpected", unexpected(error))

    def _required(self) -> frozenset[str]:
        """The fields that one of the sites must know."""
        return frozenset[str]().union(*(tracker.profile.rules.required for tracker in self.trackers))

    async def _releases(self, album: Album) -> Mapping[CoverSpec | None, Release]:
        """One for each demand: trackers that share a release share the texts that are made of it."""
        specs = [tracker.profile.cover_spec for tracker in self.trackers if tracker.profile.cover_wanted]
        covers = await prepare_covers(album, specs, self._pictures) if specs else Covers()
        return {_cover_of(tracker): covers.release(album, tracker.profile) for tracker in self.trackers}

    async def _findings(self, album: Album) -> Sequence[Finding]:
        if not self.order.verify:
            return ()
        from .integrity.verify import verify  # only now: decoders take long to import

        return await verify(album, self._decoding)

    async def _cell(self, tracker: Tracker, release: Release, findings: Sequence[Finding]) -> Planned:
        """A tracker that cannot even be asked ends alone."""
        album, profile = release.album, tracker.profile
        known = self.standings.get((album.content_id, profile.site))
        cell = Planned(
            album=album.files.root,
            content_id=album.content_id,
            tracker=profile.id,
            ok=True,
            already=known.state.outcome if known else None,
            already_url=known.url if known else None,
        )
        if same := self._same_site(tracker):
            return _refused(cell, "same_site", f"{profile.id} is the same site as {same}: name one of them")
        try:
            examined = await to_thread.run_sync(examine, tracker, release, limiter=self._thinking)
        except Exception as error:  # noqa: BLE001 - the worker's boundary
            return _refused(cell, "unexpected", unexpected(error))
        name = examined.words.name if examined.words else None
        cell = evolve(cell, warnings=examined.warnings, name=name)
        if examined.problems:
            cell = _refused(cell, examined.reason, *examined.problems)
        cell = _judged(cell, findings, finding_problems(findings, profile.rules))
        if profile.cover_required and release.cover is None:
            cell = _refused(cell, "missing", f"{profile.name} wants a cover: {release.cover_problem}")
        return await self._with_form(cell, tracker, release, examined)

    def _same_site(self, tracker: Tracker) -> str | None:
        """The id of the tracker that gets the album instead."""
        first = next(other for other in self.trackers if other.profile.site == tracker.profile.site)
        return None if first is tracker else first.profile.id

    async def _with_form(
        self, cell: Planned, tracker: Tracker, release: Release, examined: Examination
    ) -> Planned:
        """Lets the tracker prepare its request; a torrent, which no field holds, is not made for it."""
        admission = examined.admission
        if not cell.ok or admission is None:
            return cell
        files, words = admission.files, admission.words
        torrent = Torrent(files.name, b"", NOT_HASHED, admission.piece_length)
        sent = release_with(release, files)
        request = UploadRequest(sent, torrent, words.name, words.description, tracker.profile.anonymous)
        try:
            async with self._preparing:
                await tracker.upload(request)
        except TrackerError as error:
            if not (isinstance(error, Skipped) and error.reason == "debug"):
                reason = error.reason if isinstance(error, Skipped) else "adapter"
                return _refused(cell, reason, str(error))
        return evolve(cell, form=self.forms.take(cell.album, tracker.profile.id))


def _cover_of(tracker: Tracker) -> CoverSpec | None:
    return tracker.profile.cover_spec if tracker.profile.cover_wanted else None


def _unplannable(album: Path, reason: str, problem: str) -> AlbumPlan:
    return AlbumPlan((Planned(album=album, ok=False, reason=reason, problems=(problem,)),))


def _judged(cell: Planned, findings: Sequence[Finding], problems: Sequence[str]) -> Planned:
    """The cell with what was found in the audio: what keeps it from the site, and what is only told."""
    reasons = [finding.reason for finding in findings if finding.severity is Severity.PROBLEM]
    told = [finding.message for finding in findings if finding.severity is not Severity.PROBLEM]
    warnings = [text for text in told if not any(problem.startswith(text) for problem in problems)]
    cell = evolve(cell, warnings=(*cell.warnings, *warnings))
    return _refused(cell, next(iter(reasons), "rules"), *problems) if problems else cell


def _refused(cell: Planned, reason: str, *problems: str) -> Planned:
    """The cell with more problems; its reason stays that of the first."""
    return evolve(cell, ok=False, reason=cell.reason or reason, problems=(*cell.problems, *problems))
