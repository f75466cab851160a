"""The program as its users run it: in process, against sandbox sites in a loop of their own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal
from attrs import define, field, frozen

from mua_async.cli import run
from trackers.sandbox import Flavor, SandboxSettings, SandboxSite
from trackers.tracker_config import ApiFormat

Line = Mapping[str, Any]

SITES: Mapping[str, tuple[Flavor, Mapping[str, Any]]] = {
    "MH": (
        Flavor.GENERIC,
        {"source": "MH", "upload_path": "special/upload", "body_format": ApiFormat.JSON},
    ),
    "SP": (Flavor.UNIT3D, {"source": "seedpool.org"}),
    "YUS": (Flavor.UNIT3D, {"source": "YuScene"}),
    "OPS": (Flavor.OPS, {"source": "OPS", "search_lag": 0.0}),
    "RED": (Flavor.RED, {"source": "RED", "search_lag": 0.0}),
}
"""The built-in sites; any other id is a generic site that is described by its table alone."""
OTHER_TABLE: Mapping[str, object] = {"category_ids": {"*": "5"}, "format_ids": {"*": "10"}}


@frozen
class Finished:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Line]:
        """What `--json` wrote: every line is an object with a name and a time."""
        lines = [json.loads(line) for line in self.out.splitlines()]
        assert all(isinstance(line["event"], str) and isinstance(line["at"], float) for line in lines)
        return lines

    def events(self, name: str, tracker: str | None = None) -> list[Line]:
        return [
            line
            for line in self.lines
            if line["event"] == name and (tracker is None or line["tracker"] == tracker)
        ]

    def verdict(self, tracker: str) -> Line:
        """The one line that ends the one album at a tracker."""
        ends = {"upload_done", "upload_failed", "upload_skipped"}
        (line,) = [line for line in self.lines if line["event"] in ends and line["tracker"] == tracker]
        return line

    @property
    def counts(self) -> Mapping[str, int]:
        """Those of `run_finished` that are not zero."""
        (line,) = self.events("run_finished")
        assert line["exit_code"] == self.code
        return {name: count for name, count in line["counts"].items() if count}

    def says(self, *texts: str) -> bool:
        return all(text in self.out + self.err for text in texts)


@define
class Program:
    """A configuration, a data folder, a watch folder, sites, and the command line to use them with."""

    folder: Path
    portal: BlockingPortal
    capture: pytest.CaptureFixture[str]
    tables: dict[str, dict[str, object]] = field(factory=dict)
    settings: dict[str, object] = field(factory=dict)
    """Of the configuration, beside its trackers."""
    sites: dict[str, SandboxSite] = field(factory=dict)
    shown: list[str] = field(factory=list)
    """All that any command wrote."""
    _stack: ExitStack = field(factory=ExitStack)

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def config(self) -> Path:
        return self.folder / "config.json"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def watch(self) -> Path:
        return self.folder / "watch"

    def add_site(self, tracker_id: str, table: Mapping[str, object] = {}, **settings: Any) -> SandboxSite:
        """Opens the site of a tracker, with keys of its own, and writes its table."""
        flavor, own = SITES.get(tracker_id, (Flavor.GENERIC, {}))
        keys = {
            "api_key": f"api-key-of-{tracker_id}",
            "passkey": f"passkey{tracker_id.lower():0>25}",
            "rsskey": f"rsskey{tracker_id.lower():0>26}",
        }
        site = SandboxSite(flavor, SandboxSettings(**{"rate_limit": None, **own, **keys, **settings}))
        self._stack.enter_context(self.portal.wrap_async_context_manager(site))
        self.sites[tracker_id] = site
        self.tables[tracker_id] = {
            "url": site.url,
            "announce_url": site.announce_url,
            "api_key": keys["api_key"],
            "rate_limit": "10000/s",
            **({"download_endpoint": "download/{id}"} if flavor is Flavor.GENERIC else {}),
            **(OTHER_TABLE if tracker_id not in SITES else {}),
            **table,
        }
        return site

    def watched(self) -> Program:
        """With a torrent client that watches a folder."""
        self.watch.mkdir()
        self.settings["clients"] = {"watched": {"type": "watch", "path": str(self.watch)}}
        return self

    def forget(self) -> None:
        """Removes the journal: what the sites have was put there by nobody that the program knows."""
        for file in (*self.data.glob("journal.db*"), self.data / "sent.jsonl"):
            file.unlink()

    def arguments(self, *arguments: str | Path) -> list[str]:
        """Writes the configuration and points a command to it."""
        if self.tables or self.settings:
            document = {"trackers": self.tables, **self.settings}
            text = json.dumps(document)
            if not self.config.exists() or self.config.read_text() != text:
                self.config.write_text(text)
        places = ["--config", str(self.config), "--data-dir", str(self.data)]
        return [*map(str, arguments), *places]

    def __call__(self, *arguments: str | Path) -> Finished:
        """Runs a command in this process."""
        self.capture.readouterr()
        code = run(self.arguments(*arguments))
        captured = self.capture.readouterr()
        self.shown += [captured.out, captured.err]
        return Finished(code, captured.out, captured.err)

    def upload(self, *arguments: str | Path) -> Finished:
        """`upload --json` to the trackers that have a site, unless others are named."""
        named = () if "--tracker" in arguments else self.to(*self.sites)
        return self("upload", *arguments, *named, "--json")

    def to(self, *tracker_ids: str) -> tuple[str, ...]:
        return tuple(part for tracker_id in tracker_ids for part in ("--tracker", tracker_id))

    def command(self, *arguments: str | Path) -> list[str]:
        """The same as a process of its own."""
        return [sys.executable, "-m", "mua_async", *self.arguments(*arguments)]

    def secrets(self) -> Iterator[str]:
        for site in self.sites.values():
            yield from (site.settings.api_key, site.settings.passkey, site.settings.rsskey)


@frozen
class Seen:
    """A file or folder as it was: what a program that only reads leaves alone."""

    mode: int
    size: int
    mtime_ns: int
    content: bytes | None


def snapshot(root: Path) -> dict[Path, Seen]:
    """Everything below a folder, and the folder itself."""

    def look(path: Path) -> Seen:
        status = path.stat()
        content = path.read_bytes() if path.is_file() else None
        return Seen(status.st_mode, status.st_size, status.st_mtime_ns, content)

    return {path: look(path) for path in (root, *root.rglob("*"))}


@contextmanager
def untouched(root: Path) -> Iterator[None]:
    """Makes all of it read-only, and finds it as it was when the block is over."""
    paths = [root, *root.rglob("*")]
    modes = [path.stat().st_mode for path in paths]
    for path in reversed(paths):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = snapshot(root)
    try:
        yield
        assert snapshot(root) == before
    finally:
        for path, mode in zip(paths, modes, strict=True):
            path.chmod(mode)
