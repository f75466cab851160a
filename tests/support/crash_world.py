"""Four sites, a library, a program that is killed: what it left behind, held against what the sites have."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

import anyio
from anyio.from_thread import BlockingPortal
from attrs import define, field, frozen

from pipeline.journal import Journal
from pipeline.torrent import read_torrent
from tests.support.crash_findings import Findings, Row
from trackers.sandbox import Fault, Flavor, SandboxSettings, SandboxSite

ROOT = Path(__file__).parent.parent.parent
KILLED = -9
ENDS = frozenset({KILLED, 0, 1, 3})
MOST_RESUMES = 6
FAULTS = (
    *(Fault.RESET_BEFORE, Fault.RESET_AFTER, Fault.ERROR_AFTER),
    *(Fault.HANG, Fault.THROTTLE_ONCE, Fault.TRUNCATED),
)
SITES: Mapping[str, tuple[Flavor, Mapping[str, Any]]] = {
    "NEW": (Flavor.UNIT3D, {"version": "9.2.0", "source": "NEW"}),
    "OLD": (Flavor.UNIT3D, {"version": "9.0.1", "source": "OLD"}),
    "HAND": (Flavor.GENERIC, {"source": "HAND"}),
    "OPS": (Flavor.OPS, {"source": "OPS"}),
}
LOOKED_UP = frozenset({"NEW", "OLD", "OPS"})
"""Sites that can be asked for an upload that is unknown."""
PROVES_ABSENCE = frozenset({"OPS"})
"""Sites whose answer may prove that an upload did not arrive: it is rightly sent again then."""
BY_HAND = {
    "custom_endpoint": "api/upload",
    "download_endpoint": "download/{id}",
    "fields": {
        "name": "{{ name }}",
        "description": "{{ description }}",
        "category_id": "{{ category_id }}",
        "format_id": "{{ format_id }}",
    },
    "answer": {
        "done": {"status": 200, "json": "success", "equals": True},
        "duplicate": {"json": "message", "text": "duplicate name"},
        "refused": {"json": "success", "equals": False},
        "id": {"json": "id"},
        "url": {"json": "url"},
        "message": {"json": "message"},
    },
}
IDS = {"category_ids": {"*": "5"}, "format_ids": {"*": "11"}}
KINDS: Mapping[Flavor, Mapping[str, object]] = {
    Flavor.UNIT3D: {"type": "unit3d", "settle_after": 0, **IDS},
    Flavor.GENERIC: {"type": "generic", "settle_after": 0, **IDS, **BY_HAND},
    # Longer than the slowest site takes to store what a killed run sent: a miss counts.
    Flavor.OPS: {"settle_after": 1},
}


class Driver:
    """The process that the killed ones are forked from; one at a time lives."""

    def __init__(self, pipe_in: IO[str], pipe_out: IO[str]) -> None:
        self._in, self._out = pipe_in, pipe_out

    def start(self, **ride: object) -> None:
        self._in.write(json.dumps(ride) + "\n")
        self._in.flush()

    def end(self) -> int:
        """The exit code of what was started, below zero where a signal ended it."""
        return int(self._out.readline())


@contextmanager
def driver() -> Iterator[Driver]:
    command = [sys.executable, "-m", "tests.support.crash_driver"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Driver(process.stdin, process.stdout)
        finally:
            process.stdin.close()  # it ends by itself


@frozen
class Run:
    """How the program is started, and when it dies; never where there is neither a point nor a time."""

    command: str = "resume"
    kill_at: str = ""
    """A boundary."""
    kill_after: float | None = None
    """Seconds."""


@define
class World:
    """One scenario: its sites keep what they store, its data folder what the runs wrote."""

    folder: Path
    library: Path
    portal: BlockingPortal
    drivers: Sequence[Driver]
    latencies: Sequence[float] = (0.0,) * len(SITES)
    """Seconds that each site takes before it stores."""
    sites: dict[str, SandboxSite] = field(factory=dict, init=False)
    history: list[str] = field(factory=list, init=False)
    """What was done, for whoever has to find out."""
    kills: int = field(default=0, init=False)
    broken: list[str] = field(factory=list, init=False)
    """Ends that no run may have."""
    _stack: ExitStack = field(factory=ExitStack, init=False)

    def __enter__(self) -> World:
        (self.folder / "watch").mkdir(parents=True)
        tables = {}
        for (name, (flavor, own)), latency in zip(SITES.items(), self.latencies, strict=True):
            site = SandboxSite(flavor, SandboxSettings(rate_limit=None, latency=latency, **own))
            self._stack.enter_context(self.portal.wrap_async_context_manager(site))
            self.sites[name] = site
            tables[name] = {
                **KINDS[flavor],
                "url": site.url,
                "announce_url": site.announce_url,
                "api_key": site.settings.api_key,
                "rate_limit": "10000/s",
                "give_up_after": 100,
                "timeouts": {"answer": 0.3},
            }
        clients = {"watched": {"type": "watch", "path": str(self.folder / "watch")}}
        document = {"trackers": tables, "clients": clients}
        (self.folder / "config.json").write_text(json.dumps(document))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def plan_faults(self, faults: Mapping[str, Sequence[Fault | None]]) -> None:
        """What strikes the next uploads at each site; a site that is not named has none."""
        for name, site in self.sites.items():
            self.portal.call(site.plan_faults, faults.get(name, ()))
        told = {name: [str(fault) if fault else "-" for fault in planned] for name, planned in faults.items()}
        self.history.append(f"faults: {told}")

    def run(self, *runs: Run) -> list[int]:
        """Their exit codes; more than one run at once."""
        pairs = list(zip(self.drivers, runs, strict=False))
        codes = [driver.end() for driver in [self._started(*pair, self.folder / "output") for pair in pairs]]
        self.kills += codes.count(KILLED)
        self.broken += [
            f"{run.command} ended with {code}"
            for run, code in zip(runs, codes, strict=True)
            if code not in ENDS
        ]
        for run, code in zip(runs, codes, strict=True):
            self.history.append(f"{run} ended with {code}")
        return codes

    def points(self) -> list[str]:
        """The boundaries that any process has passed."""
        lines = (line.split(" ", 2) for line in self._trace())
        return [point for _, kind, point in lines if kind == "passed"]

    def settle(self) -> tuple[Findings, Findings]:
        """Resumes without faults until that changes nothing, and looks; the same after a new `upload`."""
        self.plan_faults({})
        self.run(Run("resume" if self._is_begun() else "upload"))
        self.portal.call(anyio.sleep, max(self.latencies))  # what killed runs sent is stored by then
        self._resume_until_quiet()
        resumed = self.findings()
        self.run(Run("upload"))
        return resumed, self.findings()

    def findings(self) -> Findings:
        findings = Findings(repeats=list(self._repeats()), broken=[*self.broken])
        if "Traceback" in (self.folder / "output").read_text():
            findings.broken.append("a traceback")
        rows = {(row["tracker"], Path(row["album"]).name): row for row in self.status()}
        seeding = self._seeding()
        for name, site in self.sites.items():
            copies = Counter(upload.registered.name for upload in site.uploads)
            hashes = {upload.registered.name: upload.registered.infohash for upload in site.uploads}
            for album in sorted(folder.name for folder in self.library.iterdir()):
                seeds = hashes.get(album) in seeding
                row, shown = rows.get((name, album)), name in LOOKED_UP
                findings.note(f"{name}/{album}", copies[album], row, seeds=seeds, shown=shown)
        return findings

    def status(self) -> list[Row]:
        """What the tool says of each album at each site."""
        listing = self.folder / "status"
        listing.unlink(missing_ok=True)
        assert self._started(self.drivers[0], Run("status"), listing).end() == 0
        return [json.loads(line) for line in listing.read_text().splitlines()]

    def told(self) -> str:
        """All that is known of the scenario."""
        output = (self.folder / "output").read_text()
        return "\n".join([*self.history, "trace:", *self._trace(), "output:", output])

    def _resume_until_quiet(self) -> None:
        before: Sequence[object] = ()
        for _ in range(MOST_RESUMES):
            if self.run(Run()) == [0]:
                return
            now = [(row["tracker"], row["album"], row["outcome"], row["step"]) for row in self.status()]
            if now == before:
                return
            before = now
        self.broken.append("it is never quiet")

    def _started(self, driver: Driver, run: Run, output: Path) -> Driver:
        driver.start(
            arguments=self._arguments(run.command),
            kill_at=run.kill_at,
            kill_after=run.kill_after,
            trace=str(self.folder / "trace"),
            output=str(output),
        )
        return driver

    def _is_begun(self) -> bool:
        """Whether a run lived long enough to note what was asked for."""

        async def ask() -> bool:
            async with Journal(self.folder / "data") as journal:
                return bool(await journal.open_jobs() or await journal.all_records())

        return self.portal.call(ask)

    def _arguments(self, command: str) -> list[str]:
        what = (
            ["upload", str(self.library), "--yes", "--tracker", "all", "--media", "WEB"]
            if command == "upload"
            else [command]
        )
        places = ["--config", str(self.folder / "config.json"), "--data-dir", str(self.folder / "data")]
        return [*what, "--json", *places]

    def _trace(self) -> list[str]:
        path = self.folder / "trace"
        return path.read_text().splitlines() if path.exists() else []

    def _repeats(self) -> Iterator[str]:
        """The creating requests that were begun after one that may have arrived, with no proof against it."""
        doubted = set[str]()
        lines = (line.split(" ", 3) for line in self._trace())
        for _, _, what, cell in (line for line in lines if line[1] == "creation"):
            if what == "begun" and cell in doubted and cell.split()[0] not in PROVES_ABSENCE:
                yield cell
            elif what == "handed":
                doubted.add(cell)
            elif what == "withdrawn":
                doubted.discard(cell)

    def _seeding(self) -> set[str]:
        """The infohashes of what was handed to the client that watches a folder."""
        torrents = (self.folder / "watch").glob("[!.]*.torrent")
        return {read_torrent(torrent.read_bytes()).infohash for torrent in torrents}
