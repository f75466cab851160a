"""Draws docs/board.svg, the picture of the live board in the README, from a real run against sandbox sites.

Run as `python -m tests.support.make_board_picture`.
"""

from __future__ import annotations

import io
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
from anyio.from_thread import start_blocking_portal
from rich.console import Console

from mua_async.display.board import BoardState
from mua_async.display.board_view import render
from pipeline.events import Event, UploadDone
from pipeline.flow import Flow, Job
from pipeline.secret import Secret
from pipeline.upload import UploadSettings
from tests.support.audio import make_album
from trackers.connect import connect
from trackers.registry import TrackerManager
from trackers.sandbox import Fault, Flavor, SandboxSettings, SandboxSite
from trackers.tracker_config import TrackerConfig

PICTURE = Path(__file__).parents[2] / "docs" / "board.svg"
WIDTH, HEIGHT = 110, 24
LATENCIES = {"MH": 0.2, "SP": 0.9, "YUS": 0.4}
ALBUMS = [
    ("Nina Aurelio", "Low Tide Letters"),
    ("The Loopback Ensemble", "Demo Tape for Two Sites"),
    ("Kōji Umeda", "雨の日"),
    ("Saltwater Choir", "Harbour Songs, Vol. 2"),
    ("Mikkel Brandt", "Nattog"),
    ("Various Artists", "Eight Rooms"),
]


def main() -> None:
    with TemporaryDirectory() as folder, start_blocking_portal() as portal:
        library = Path(folder) / "library"
        for number, (artist, title) in enumerate(ALBUMS):
            make_album(library / f"{artist} - {title}", artist=artist, title=title, seed=number * 10)
        with (
            portal.wrap_async_context_manager(_site("MH", Flavor.GENERIC)) as mh,
            portal.wrap_async_context_manager(_site("SP", Flavor.UNIT3D)) as sp,
            portal.wrap_async_context_manager(_site("YUS", Flavor.UNIT3D)) as yus,
        ):
            anyio.run(_run, library, Path(folder), {"MH": mh, "SP": sp, "YUS": yus})


def _site(tracker_id: str, flavor: Flavor) -> SandboxSite:
    settings = SandboxSettings(latency=LATENCIES[tracker_id], upload_path="special/upload")
    return SandboxSite(flavor, settings)


async def _run(library: Path, folder: Path, sites: dict[str, SandboxSite]) -> None:
    state = BoardState(tuple(sites))
    done = 0

    def follow(event: Event) -> None:
        nonlocal done
        state.apply(event)
        done += isinstance(event, UploadDone)
        sites["YUS"].fault = Fault.SUCCESS_FALSE if done in {3, 4} else None
        if done == 7:
            _draw(state, event.at)

    trackers = [
        connect(TrackerManager().find(tracker_id).cls, _config(tracker_id, site), follow)
        for tracker_id, site in sites.items()
    ]
    await Flow(Job([library], UploadSettings(folder / "torrents")), trackers, follow).run()


def _config(tracker_id: str, site: SandboxSite) -> TrackerConfig:
    return TrackerConfig(
        id=tracker_id,
        url=site.url,
        announce_url=Secret(site.announce_url),
        api_key=Secret(site.settings.api_key),
        category_ids={"*": "5"},
        format_ids={"*": "10" if tracker_id == "MH" else "11"},
    )


def _draw(state: BoardState, now: float) -> None:
    console = Console(record=True, width=WIDTH, height=HEIGHT, file=io.StringIO(), force_terminal=True)
    console.print(render(state, now=now, width=WIDTH, height=HEIGHT))
    PICTURE.write_text(console.export_svg(title="mua-async upload ~/Music --tracker all"), encoding="utf-8")


if __name__ == "__main__":
    main()
