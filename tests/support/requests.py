"""Upload requests of real albums, and trackers that are quick to try again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
from attrs import evolve, field, frozen

from pipeline.album import read_album
from pipeline.describe import render_description, render_name
from pipeline.events import Cell, Event
from pipeline.hashing.pool import HashPool
from pipeline.model.files import FileSet
from pipeline.model.release import Release
from pipeline.model.upload import UploadRequest
from pipeline.scan import scan
from pipeline.secret import Secret
from pipeline.torrent import make_torrent
from tests.support.audio import make_album
from tests.support.raw_site import RawSite, Script, raw_site
from trackers.client import RetryPolicy
from trackers.connect import connect
from trackers.generic_tracker import GenericTracker
from trackers.image_hosts.hosting import Hosting
from trackers.sandbox import SandboxSite
from trackers.tracker_config import Timeouts, TrackerConfig
from trackers.wrap import GuardedTracker

SOON = RetryPolicy(attempts=3, first_wait=0.001, longest_wait=0.001)
BRIEF = Timeouts(connect=5.0, send=0.2, answer=0.2)
"""For sites that are meant to be too slow."""


def album_request(folder: Path, **album: Any) -> UploadRequest:
    """The request for an album that `make_album` writes into `folder`; not for a running loop."""
    return request_for(make_album(folder, **{"seconds": 0.2, **album}))


def request_for(path: Path) -> UploadRequest:
    """The request for an album folder or a single file; not for a running loop."""
    release, torrent = anyio.run(_prepare, path)
    name, description = render_name(release, "default_name"), render_description(release, "plain_description")
    return UploadRequest(release, torrent, name, description, anonymous=False)


async def _prepare(path: Path) -> tuple[Release, Any]:
    (files,) = [found for found in scan([path]) if isinstance(found, FileSet)]
    album = read_album(files)
    pieces = await HashPool(workers=1).hash_files(files, progress=lambda done, size: None)
    announce = Secret("http://127.0.0.1:9/announce/my-passkey")
    return Release(album), make_torrent(pieces, announce_url=announce, source="MINE")


def with_album(request: UploadRequest, **changes: Any) -> UploadRequest:
    """The request with changes to what the album's tags say, its name made anew."""
    release = evolve(request.release, album=evolve(request.release.album, **changes))
    return evolve(request, release=release, name=render_name(release, "default_name"))


def tracker_config(url: str, tracker_id: str = "XY", **changes: Any) -> TrackerConfig:
    """A tracker whose ids the sandbox sites know; texts of secrets are made Secrets."""
    values: dict[str, Any] = {
        "url": url,
        "announce_url": f"{url}/announce/0123456789abcdef0123456789abcdef",
        "api_key": "sandbox-key",
        "category_ids": {"*": "5"},
        "format_ids": {"*": "10"},
        **changes,
    }
    for key in ("api_key", "password", "announce_url"):
        if isinstance(values.get(key), str):
            values[key] = Secret(values[key])
    return TrackerConfig(id=tracker_id, **values)


def sandbox_config(site: SandboxSite, tracker_id: str = "XY", **changes: Any) -> TrackerConfig:
    """A tracker that the sandbox site lets in."""
    keys = {"announce_url": site.announce_url, "api_key": site.settings.api_key}
    return tracker_config(site.url, tracker_id, **{**keys, **changes})


@frozen
class Connection:
    """A tracker that was entered, and what it published."""

    tracker: GuardedTracker
    events: list[Event] = field(factory=list)

    def heard(self, *kinds: type[Event]) -> Sequence[Any]:
        return [event for event in self.events if isinstance(event, kinds)]

    def cell(self, request: UploadRequest) -> Cell:
        return Cell.of(request.release.album, self.tracker.profile.id, self.events.append)


@asynccontextmanager
async def connected(
    config: TrackerConfig,
    cls: type[GenericTracker] = GenericTracker,
    *,
    dry_run: bool = False,
    retries: RetryPolicy = SOON,
    hosting: Hosting | None = None,
) -> AsyncIterator[Connection]:
    events: list[Event] = []
    tracker = connect(cls, config, events.append, dry_run=dry_run, retries=retries, hosting=hosting)
    async with tracker:
        yield Connection(tracker, events)


@asynccontextmanager
async def on_raw_site(
    script: Script, cls: type[GenericTracker] = GenericTracker, **config: Any
) -> AsyncIterator[tuple[RawSite, Connection]]:
    """A tracker that was entered, and the raw site that it speaks to."""
    async with raw_site(script) as site, connected(tracker_config(site.url, **config), cls) as connection:
        yield site, connection


@asynccontextmanager
async def on_sandbox(
    site: SandboxSite, cls: type[GenericTracker] = GenericTracker, **config: Any
) -> AsyncIterator[tuple[SandboxSite, Connection]]:
    """The same with a sandbox site, which is entered too."""
    async with site, connected(sandbox_config(site, **config), cls) as connection:
        yield site, connection
