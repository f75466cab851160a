"""`mua-async demo`: the main job against two embedded sites, in a temporary folder that is removed."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from anyio.from_thread import start_blocking_portal

from pipeline.flow import Job
from pipeline.secret import Secret
from pipeline.upload import UploadSettings
from trackers.registry import TrackerManager
from trackers.sandbox import Flavor, SandboxSettings, SandboxSite
from trackers.tracker_config import ApiFormat, TrackerConfig

from ..app import RunOrder, run_once
from ..clients import WatchFolder
from ..demo import ALBUM
from ..display.lines import LineWriter
from ..options import EXISTING_PATH, Common, common_options
from ..selection import SelectedTracker

SITES: Mapping[str, tuple[Flavor, SandboxSettings]] = {
    "MH": (
        Flavor.GENERIC,
        SandboxSettings(source="MH", upload_path="special/upload", body_format=ApiFormat.JSON, latency=0.6),
    ),
    "SP": (Flavor.UNIT3D, SandboxSettings(source="seedpool.org", latency=1.0)),
}


@click.command("demo")
@click.argument("path", required=False, type=EXISTING_PATH)
@common_options
def command(common: Common, path: Path | None) -> int:
    """The main job against two embedded sites: no account, no network.

    PATH is an album of yours; without it, the small album that ships with mua-async is sent. Nothing is kept.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="mua-async-demo-")))
        # The sites live in a loop and a thread of their own, as sites do.
        portal = stack.enter_context(start_blocking_portal())
        trackers = []
        for tracker_id, (flavor, settings) in SITES.items():
            site = stack.enter_context(portal.wrap_async_context_manager(SandboxSite(flavor, settings)))
            trackers.append(_tracker(tracker_id, site))
        job = Job(
            paths=(path or ALBUM,),
            upload=UploadSettings(
                torrents_folder=folder / "torrents",
                clients=(WatchFolder("watched", folder / "watch"),),
            ),
        )
        code = run_once(common, RunOrder(job, trackers, folder / "data")).exit_code
    if not (common.json or common.quiet):
        LineWriter(sys.stdout).write(f"The demo's files are gone: {folder}")
    return code


def _tracker(tracker_id: str, site: SandboxSite) -> SelectedTracker:
    """The built-in site's own class and ids, pointed at the sandbox."""
    config = TrackerConfig(
        id=tracker_id,
        url=site.url,
        announce_url=Secret(site.announce_url),
        api_key=Secret(site.settings.api_key),
        download_endpoint="download/{id}" if tracker_id == "MH" else None,
        category_ids={"*": "5"},
    )
    return SelectedTracker(config, TrackerManager().find(tracker_id))
