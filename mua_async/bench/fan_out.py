"""One album to many slow sites: at once, and one site after the other as the known tools do it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
from anyio.from_thread import start_blocking_portal
from attrs import frozen

from pipeline.errors import UsageError
from pipeline.events import Event, UploadDone
from pipeline.flow import Flow, Job
from pipeline.secret import Secret
from pipeline.upload import UploadSettings
from trackers.connect import connect
from trackers.sandbox import Flavor, SandboxSettings, SandboxSite
from trackers.tracker_config import TrackerConfig
from trackers.unit3d_tracker import Unit3dTracker


@frozen
class FanOut:
    """Seconds, each measured in the same run."""

    sites: int
    latency: float
    """What each site takes to answer an upload."""
    own_work: float
    """The run to all sites where they answer at once."""
    at_once: float
    one_by_one: float
    """A whole run for each site, read and hashed again, as with a tool that knows one site."""


def measure(album: Path, sites: int = 8, latency: float = 1.0) -> FanOut:
    return FanOut(
        sites=sites,
        latency=latency,
        own_work=_timed(album, sites, 0.0, one_by_one=False),
        at_once=_timed(album, sites, latency, one_by_one=False),
        one_by_one=_timed(album, sites, latency, one_by_one=True),
    )


def _timed(album: Path, count: int, latency: float, *, one_by_one: bool) -> float:
    """Sends the album to fresh sites, which live in a thread of their own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="mua-async-bench-")))
        portal = stack.enter_context(start_blocking_portal())
        configs = []
        for number in range(count):
            site = SandboxSite(Flavor.UNIT3D, SandboxSettings(latency=latency))
            stack.enter_context(portal.wrap_async_context_manager(site))
            configs.append(_config(f"SITE{number}", site))
        started = time.perf_counter()
        for batch in [[config] for config in configs] if one_by_one else [configs]:
            anyio.run(_send, album, batch, folder)
        return time.perf_counter() - started


async def _send(album: Path, configs: Sequence[TrackerConfig], folder: Path) -> None:
    done: list[Event] = []

    def note(event: Event) -> None:
        if isinstance(event, UploadDone):
            done.append(event)

    trackers = [connect(Unit3dTracker, config, note) for config in configs]
    await Flow(Job(paths=[album], upload=UploadSettings(folder)), trackers, note).run()
    if len(done) != len(configs):
        raise UsageError(f"{len(configs) - len(done)} of {len(configs)} uploads of {album} failed")


def _config(tracker_id: str, site: SandboxSite) -> TrackerConfig:
    return TrackerConfig(
        id=tracker_id,
        url=site.url,
        announce_url=Secret(site.announce_url),
        api_key=Secret(site.settings.api_key),
        category_ids={"*": min(site.settings.category_ids)},
        format_ids={"*": min(site.settings.type_ids)},
    )
