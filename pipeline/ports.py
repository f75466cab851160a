"""What the core asks of the world outside: trackers and torrent clients."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from .events import Cell
from .model.pieces import Torrent
from .model.release import Release
from .model.upload import (
    Existing,
    LookUp,
    SeedReport,
    SentUpload,
    TrackerProfile,
    UploadRequest,
    UploadResult,
)
from .secret import Secret


class UploadLog(Protocol):
    """Where it is written down that an upload is being sent."""

    async def begin(self) -> None:
        """Before the first byte of the creating request goes out; what it raises keeps the request back."""
        ...

    async def withdraw(self) -> None:
        """The request surely did not arrive, and may be made again."""
        ...


class Tracker(Protocol):
    """A site that albums are sent to; every method raises a `TrackerError` that knows its outcome."""

    @property
    def profile(self) -> TrackerProfile: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def problems(self, release: Release) -> list[str]:
        """What keeps the release from being sent here; asks nobody and is called before hashing."""
        ...

    async def find_existing(self, request: UploadRequest) -> Existing | None:
        """What the site has of this release already."""
        ...

    async def upload(self, request: UploadRequest, log: UploadLog | None = None) -> UploadResult:
        """Sends at most one creating request, which `log` hears of first."""
        ...

    async def find_sent(self, sent: SentUpload, cell: Cell) -> LookUp:
        """What the site has of an upload that may have arrived."""
        ...

    def in_doubt(self, content_id: str) -> bool:
        """Whether a creating request of that album is on its way and not answered."""
        ...

    async def fetch_torrent(
        self, cell: Cell, download_url: Secret | None, torrent_id: str | None
    ) -> bytes | None:
        """The site's own .torrent; None where the site has none to give."""
        ...


class TorrentClient(Protocol):
    """Where torrents go for seeding."""

    @property
    def name(self) -> str: ...

    async def add(self, torrent: Torrent, tracker: str) -> SeedReport:
        """Hands over what `tracker` has registered; what goes wrong is in the report."""
        ...
