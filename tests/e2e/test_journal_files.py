"""What the files of the journal hold, and what becomes of a run where the disk spoils them."""

from __future__ import annotations

import json
import resource
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.audio import make_album
from tests.support.processes import SECONDS, running, wait_for
from tests.support.program import Finished, Program
from trackers.sandbox import Fault

ON_A_SMALL_DISK = 'mount -t tmpfs -o size=$1 none "$0" && shift && exec "$@"'
"""Words of a shell in namespaces of its own, where it may mount: a folder, its size, a command."""


def can_mount() -> bool:
    """Whether an ordinary user may, in namespaces of his own."""
    if shutil.which("unshare") is None:
        return False
    words = ["unshare", "-Urm", "mount", "-t", "tmpfs", "none", "/mnt"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def is_told(finished: Finished, *texts: str) -> None:
    """In one line, before anything else."""
    assert (finished.code, finished.out) == (2, "")
    (line,) = finished.err.splitlines()
    assert line.startswith("error: ")
    assert not [text for text in texts if text not in line]


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    for title in ("Alpha", "Beta", "Gamma"):
        make_album(folder / title, title=title, tracks=1, seconds=0.1)
    return folder


def test_no_secret_is_written_down(program: Program, album: Path) -> None:
    """`program` looks for secrets in what is shown; here it is what is kept."""
    for tracker_id, fault in (
        ("MH", None),
        ("SP", Fault.RESET_AFTER),
        ("YUS", Fault.REFUSE),
        ("AA", Fault.HTML),
    ):
        program.add_site(tracker_id).fault = fault
    assert program.watched().upload(album).code == 3
    kept = b"".join(file.read_bytes() for file in program.data.iterdir() if file.is_file())
    assert album.name.encode() in kept
    assert not [secret for secret in program.secrets() if secret.encode() in kept]


def test_nobody_else_may_read_it(program: Program, album: Path) -> None:
    program.add_site("MH")
    program.upload(album)
    modes = {file.name: file.stat().st_mode & 0o777 for file in program.data.iterdir() if file.is_file()}
    assert modes == {"journal.db": 0o600, "sent.jsonl": 0o600}


def test_a_journal_of_a_later_version_is_left_alone(program: Program, album: Path) -> None:
    program.add_site("MH")
    program.upload(album)
    with closing(sqlite3.connect(program.data / "journal.db")) as db:
        db.execute("PRAGMA user_version = 99")
    is_told(program("upload", album, *program.to("MH")), "version 99", "update mua-async")


def test_a_journal_that_is_damaged_is_told_and_can_be_moved_away(program: Program, album: Path) -> None:
    site = program.add_site("MH")
    program.upload(album)
    journal = program.data / "journal.db"
    for beside in program.data.glob("journal.db-*"):
        beside.unlink()
    journal.write_bytes(b"no database" * 1000)
    for command in (("upload", album, "--tracker", "MH"), ("resume",)):
        hint = "move it away; sent.jsonl beside it remembers what was sent"
        is_told(program(*command), f"{journal} is damaged", hint)
    journal.unlink()
    again = program.upload(album)
    assert (again.code, again.verdict("MH")["reason"]) == (0, "done_before")
    assert len(site.uploads) == 1


def test_a_restored_backup_sends_nothing_again(program: Program, album: Path, tmp_path: Path) -> None:
    site = program.add_site("MH")
    program.upload(make_album(tmp_path / "First", title="First", tracks=1, seconds=0.1))
    backup = (program.data / "journal.db").read_bytes()
    assert not list(program.data.glob("journal.db-*"))
    program.upload(album)
    (program.data / "journal.db").write_bytes(backup)
    assert program.upload(album).verdict("MH")["reason"] == "done_before"
    assert len(site.uploads) == 2


def test_a_data_folder_that_is_read_only(as_ordinary_user: Program) -> None:
    program = as_ordinary_user
    album = make_album(program.folder / "B", title="B", tracks=1, seconds=0.1)
    (program.data / "torrents").mkdir(parents=True)
    program.data.chmod(0o555)
    finished = program("upload", album, *program.to("SP"), "--no-seed")
    is_told(finished, str(program.data), "Permission denied", "the data folder must belong to you")
    assert len(program.sites["SP"].uploads) == 1  # that of before


@pytest.mark.skipif(not can_mount(), reason="needs a small disk of its own")
@pytest.mark.parametrize("size", ["4k", "16k", "64k"])
def test_a_disk_without_room_is_told_before_anything_is_sent(
    program: Program, album: Path, size: str
) -> None:
    site = program.add_site("MH")
    program.data.mkdir()
    words = ["unshare", "-Urm", "sh", "-c", ON_A_SMALL_DISK, str(program.data), size]
    command = [*words, *program.command("upload", album, *program.to("MH"))]
    run = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    is_told(Finished(run.returncode, run.stdout, run.stderr), str(program.data), "space")
    assert site.requests == []


def test_a_disk_that_fills_up_stops_the_run(program: Program, library: Path) -> None:
    """What is being sent then is settled later; nothing is sent that cannot be recorded."""
    site = program.add_site("SP", latency=0.6)
    with running(program, "upload", library, "--yes", *program.to("SP"), "--json") as process:
        wait_for(process.stdout, "upload_started")
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, 0))  # no file may grow any more
        out, err = process.communicate(timeout=SECONDS)
    end = json.loads(out.splitlines()[-1])
    assert (process.returncode, end["counts"]["done"], end["counts"]["skipped"]) == (1, 1, 2)
    (line,) = err.splitlines()
    assert line.startswith(f"error: {program.data / 'journal.db'} cannot be")
    assert len(site.uploads) == 1
    resumed = program("resume", "--json")
    assert (resumed.code, resumed.counts) == (0, {"done": 3})
    assert len(site.uploads) == 3
