"""A tracker in memory: the core's port, played by a test that decides when and how it answers."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Self

import anyio
from attrs import define, field, frozen

from pipeline.events import Cell, CellEvent, Event, UploadStarted
from pipeline.model.pieces import Torrent
from pipeline.model.release import Release
from pipeline.model.rules import SiteRules
from pipeline.model.upload import (
    Existing,
    LookUp,
    SeedReport,
    SentUpload,
    TrackerProfile,
    UploadRequest,
    UploadResult,
)
from pipeline.ports import UploadLog
from pipeline.secret import Secret


def profile(tracker_id: str = "AA", **changes: object) -> TrackerProfile:
    values: dict[str, object] = {
        "id": tracker_id,
        "name": tracker_id,
        "site": tracker_id,
        "announce_url": Secret("http://127.0.0.1:9/announce/passkey"),
        "source_name": tracker_id,
        "anonymous": False,
        "cover_wanted": False,
        "cover_required": False,
        "rules": SiteRules(),
        "name_template": "default_name",
        "description_template": "plain_description",
    }
    return TrackerProfile(**{**values, **changes})  # type: ignore[arg-type]  # the test's own words


@define
class MemoryTracker:
    """Stores what it is sent; a failure that is set is raised at that step."""

    profile: TrackerProfile = field(factory=profile)
    existing: Existing | None = None
    look: LookUp = field(factory=LookUp)
    """What it tells of an upload in doubt."""
    torrent: bytes | None = None
    refuses: list[str] = field(factory=list)
    failures: dict[str, Exception] = field(factory=dict)
    gate: anyio.Event | None = None
    """Uploads wait for it."""
    says: str = ""
    waits: bool = False
    """It waits for the gate before its creating request begins, not for the answer."""
    publish: Callable[[Event], None] = lambda event: None
    doubtful: bool = False
    stored: list[UploadRequest] = field(factory=list)
    arrived: anyio.Event = field(factory=anyio.Event)
    """Set when the first upload is in flight."""
    is_open: bool = False

    async def __aenter__(self) -> Self:
        self.is_open = True
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.is_open = False

    def problems(self, release: Release) -> list[str]:
        self._fail("problems")
        return self.refuses

    async def find_existing(self, request: UploadRequest) -> Existing | None:
        self._fail("find_existing")
        return self.existing

    async def find_sent(self, sent: SentUpload, cell: Cell) -> LookUp:
        self._fail("find_sent")
        return self.look

    async def upload(self, request: UploadRequest, log: UploadLog | None = None) -> UploadResult:
        assert self.is_open
        if not self.waits:
            if log is not None:
                await log.begin()
            self._tell(request, UploadStarted, size=1)
        self.arrived.set()
        if self.gate is not None:
            await self.gate.wait()
        self._fail("upload")
        self.stored.append(request)
        return UploadResult(str(len(self.stored)), "http://127.0.0.1:9/torrents/1", message=self.says)

    def in_doubt(self, content_id: str) -> bool:
        return self.doubtful

    async def fetch_torrent(
        self, cell: Cell, download_url: Secret | None, torrent_id: str | None
    ) -> bytes | None:
        self._fail("fetch_torrent")
        return self.torrent

    def _tell(self, request: UploadRequest, event: type[CellEvent], **fields: object) -> None:
        Cell.of(request.release.album, self.profile.id, self.publish).report(event, **fields)

    def _fail(self, step: str) -> None:
        if step in self.failures:
            raise self.failures[step]


@frozen
class MemoryClient:
    """A torrent client that takes everything, or breaks."""

    name: str = "memory"
    taken: list[bytes] = field(factory=list)
    failure: Exception | None = None

    async def add(self, torrent: Torrent, tracker: str) -> SeedReport:
        if self.failure is not None:
            raise self.failure
        self.taken.append(torrent.data)
        return SeedReport(seeds=True)
