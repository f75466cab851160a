"""`upload` over a library that every tracker has: seconds, no request, and no file of it opened."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import anyio
from anyio import to_thread
from anyio.from_thread import start_blocking_portal
from attrs import frozen

from pipeline.album import read_album
from pipeline.journal import CellJournal, CellRecord, Journal, Pinned, State, Step
from pipeline.journal.signatures import digest_of_files, signature_of
from pipeline.model.files import FileSet
from pipeline.model.upload import UploadResult
from pipeline.scan import scan
from tests.support.audio import make_track
from trackers.sandbox import Flavor, SandboxSettings, SandboxSite

ALBUMS, TRACKS, ROUNDS = 1000, 3, 3
AT_ONCE = 64
"""Albums that are written into the journal at a time."""
SITES = (Flavor.UNIT3D, Flavor.UNIT3D, Flavor.GENERIC, Flavor.GENERIC)
WATCHED = """
import os, sys
library, opened = os.fsencode(sys.argv.pop(1)), []
def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        path = os.fsencode(arguments[0])
        if path.startswith(library) and not os.path.isdir(path):
            opened.append(path)
sys.addaudithook(watch)
from mua_async.cli import run
code = run(sys.argv[1:])
print(len(opened), file=sys.stderr)
sys.exit(code)
"""
"""Runs the program, and says how many files of the library it opened."""


@frozen
class Measured:
    """One run of the program."""

    seconds: float
    busy: float
    """Seconds of processor time: what other programs do on the machine is not in it."""
    peak: float
    """Of its memory, in MiB."""
    opened: int


def make_library(root: Path, albums: int) -> None:
    """Albums of a few short tracks, no two with the same audio."""
    for album in range(albums):
        for number in range(1, TRACKS + 1):
            tags = {
                "artist": f"Artist {album % 100}",
                "albumartist": f"Artist {album % 100}",
                "album": f"Album {album}",
                "date": "2001",
                "title": f"Track {number}",
                "tracknumber": f"{number}/{TRACKS}",
            }
            path = root / f"Artist {album % 100}/Album {album}/{number:02}.flac"
            make_track(path, tags=tags, seed=album * TRACKS + number, seconds=0.02)


async def fill_journal(folder: Path, albums: Sequence[FileSet], sites: Sequence[tuple[str, str]]) -> None:
    """As runs write it that have sent every album to each of the trackers, ids and sites."""
    limiter = anyio.CapacityLimiter(AT_ONCE)
    async with Journal(folder) as journal, anyio.create_task_group() as group:

        async def note(files: FileSet) -> None:
            async with limiter:
                content_id = (await to_thread.run_sync(read_album, files)).content_id
                journal.remember(files, content_id)
                for tracker, site in sites:
                    await note_done(journal, files, content_id, tracker, site)

        for files in albums:
            group.start_soon(note, files)


async def note_done(journal: Journal, files: FileSet, content_id: str, tracker: str, site: str) -> None:
    record = CellRecord(
        content_id=content_id, site=site, tracker=tracker, album=files.library_path, state=State.PENDING
    )
    log = CellJournal(journal, record)
    digest, signature = digest_of_files(files), signature_of(files)
    log.pin(Pinned(files.name, digest.hex(), 2**18, os.urandom(400), digest, digest, signature))
    await log.begin()
    await log.stored(UploadResult("1", f"https://{site}/torrents/1"), existing=False)
    await log.torrent_at(Step.SEEDING, None, finished=True)


def measure(command: Sequence[str], cells: int, library: Path | None = None) -> Measured:
    """Runs the program, which must find every cell done; with a `library` the files are watched."""
    start = [sys.executable, "-m", "mua_async"]
    if library is not None:
        start = [sys.executable, "-c", WATCHED, str(library)]
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen([*start, *command], stdout=output, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        lines, said = output.read().splitlines(), errors.read().decode()
    finished = json.loads(lines[-1]) if lines else {}
    if process.returncode or finished["counts"]["existing"] != cells:
        sys.exit(f"{command} ended with {process.returncode}: {finished} {said}")
    busy = usage.ru_utime + usage.ru_stime
    return Measured(seconds, busy, usage.ru_maxrss / 1024, int(said.split()[-1]) if library else 0)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ALBUMS
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mua-async-bench-")))
        library = folder / "library"
        make_library(library, count)
        portal = stack.enter_context(start_blocking_portal())
        sites = [SandboxSite(flavor, SandboxSettings()) for flavor in SITES]
        for site in sites:
            stack.enter_context(portal.wrap_async_context_manager(site))
        tables = {
            f"SITE{number}": table_of(flavor, site)
            for number, (flavor, site) in enumerate(zip(SITES, sites, strict=True))
        }
        config = folder / "config.json"
        config.write_text(json.dumps({"trackers": tables}))
        config.chmod(0o600)
        albums = [found for found in scan([library]) if isinstance(found, FileSet)]
        known = [(name, site.url.removeprefix("http://")) for name, site in zip(tables, sites, strict=True)]
        anyio.run(fill_journal, folder / "data", albums, known)
        command = ["upload", str(library), "--yes", "--tracker", "all", "--json"]
        command += ["--config", str(config), "--data-dir", str(folder / "data")]
        cells = count * len(sites)
        rounds = [measure(command, cells) for _ in range(ROUNDS)]
        opened = measure(command, cells, library).opened
        requests = [request.method for site in sites for request in site.requests]
    seconds = statistics.median(measured.seconds for measured in rounds)
    busy = statistics.median(measured.busy for measured in rounds)
    print(
        f"{count} albums of {TRACKS} x {len(sites)} trackers, all done: second run {seconds:.2f} s "
        f"({busy:.2f} s of processor time), {len(requests)} requests, {requests.count('POST')} uploads, "
        f"{opened} files of the library opened, peak {max(measured.peak for measured in rounds):.0f} MiB"
    )


def table_of(flavor: Flavor, site: SandboxSite) -> dict[str, object]:
    return {
        "type": flavor,
        "url": site.url,
        "announce_url": site.announce_url,
        "api_key": site.settings.api_key,
        "category_ids": {"*": "5"},
        "format_ids": {"*": "10"},
    }


if __name__ == "__main__":
    main()
