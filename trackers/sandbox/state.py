"""What a sandbox site remembers: its uploads, and the requests that it saw."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping

from attrs import Factory, define, evolve, field, frozen

from .faults import Fault
from .settings import SandboxSettings
from .torrents import RegisteredTorrent, fold

FIRST_ID = 1001


@frozen
class StoredFile:
    """A file part of an upload."""

    filename: str
    content_type: str
    data: bytes = field(repr=False)


@frozen
class StoredUpload:
    """An upload as the site holds it."""

    id: int
    name: str
    fields: Mapping[str, str]
    files: Mapping[str, StoredFile]
    registered: RegisteredTorrent
    received_torrent: bytes = field(repr=False)
    pending: bool = False
    """It waits in moderation."""
    stored_at: float = field(factory=time.time)
    """Unix seconds."""
    collated_name: str = field(init=False, repr=False)
    """As names are compared."""

    @collated_name.default
    def _collate(self) -> str:
        return fold(self.name)

    @property
    def torrent(self) -> bytes:
        """The .torrent as the site serves it, but for the announce address of the one who asks."""
        return self.registered.data


@frozen
class SeenRequest:
    """A request as it came in, keys and cookies included; `path` has no query, `at` is monotonic time."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    at: float = field(factory=time.monotonic)


@define
class SiteState:
    """Everything that changes while a site runs."""

    settings: SandboxSettings
    url: str = ""
    fault: Fault | None = None
    coming_faults: deque[Fault | None] = Factory(deque)
    """Those of the next uploads, which `fault` does not strike."""
    uploads: list[StoredUpload] = Factory(list)
    requests: list[SeenRequest] = Factory(list)
    logins: dict[str, int] = Factory(dict)
    """The requests that each login, by its token, has been used for."""

    @property
    def announce_url(self) -> str:
        return f"{self.url}/announce/{self.settings.passkey}"

    def take_fault(self) -> Fault | None:
        """What strikes the upload that comes in now."""
        if self.coming_faults:
            return self.coming_faults.popleft()
        fault = self.fault
        if fault is Fault.THROTTLE_ONCE:
            self.fault = None
        return fault

    def find(self, torrent_id: int) -> StoredUpload | None:
        return next((upload for upload in self.uploads if upload.id == torrent_id), None)

    def named(self, name: str) -> StoredUpload | None:
        return next((upload for upload in self.uploads if upload.collated_name == fold(name)), None)

    def has_name(self, name: str) -> bool:
        return self.named(name) is not None

    def hashed(self, infohash: str) -> StoredUpload | None:
        return next((upload for upload in self.uploads if upload.registered.infohash == infohash), None)

    def has_infohash(self, infohash: str) -> bool:
        return self.hashed(infohash) is not None

    def add(self, upload: StoredUpload) -> StoredUpload:
        """Stores it under the next free id."""
        stored = evolve(upload, id=FIRST_ID + len(self.uploads))
        self.uploads.append(stored)
        return stored
