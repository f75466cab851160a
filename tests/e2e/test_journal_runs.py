"""Runs beside each other on one data folder, and runs that were ended before they were through."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pytest

from tests.support.audio import make_album
from tests.support.processes import SECONDS, running, wait_for, wait_until_stopping
from tests.support.program import Program
from trackers.sandbox import Fault


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    for title in ("Alpha", "Beta", "Gamma"):
        make_album(folder / title, title=title, tracks=1, seconds=0.1)
    return folder


# Others


def test_what_another_run_is_sending_is_left_to_it(program: Program, album: Path) -> None:
    site = program.add_site("MH", latency=0.6)
    with running(program, "upload", album, *program.to("MH"), "--json") as first:
        wait_for(first.stdout, "upload_started")
        second = program.upload(album)
        assert wait_for(first.stdout, "run_finished")["exit_code"] == 0
    assert (second.code, second.counts) == (1, {"skipped": 1})
    assert second.verdict("MH")["reason"] == "being_sent"
    assert len(site.uploads) == 1
    assert program.upload(album).verdict("MH")["reason"] == "done_before"


def test_runs_at_the_same_time_send_nothing_twice(program: Program, library: Path) -> None:
    sites = [program.add_site(tracker_id, latency=0.05) for tracker_id in ("MH", "SP", "AA")]
    command = program.command("upload", library, "--yes", *program.to(*program.sites), "--json")
    runs = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    ended = [run.communicate(timeout=SECONDS) for run in runs]
    assert [err for _, err in ended] == ["", "", ""]
    for site in sites:
        assert len({upload.name for upload in site.uploads}) == len(site.uploads) == 3
        assert sum(request.method == "POST" for request in site.requests) == 3
    done = [line for out, _ in ended for line in map(json.loads, out.splitlines()) if "outcome" in line]
    assert done == []
    assert program.upload(library, "--yes").counts == {"existing": 9}


# Interruptions


def test_what_an_interruption_left_open_is_finished_by_resume(program: Program, library: Path) -> None:
    site = program.add_site("SP", latency=0.4)
    with running(program, "upload", library, "--yes", *program.to("SP"), "--json") as process:
        wait_for(process.stdout, "upload_started")
        process.send_signal(signal.SIGINT)
        assert wait_for(process.stdout, "run_finished")["exit_code"] == 130
    assert len(site.uploads) == 1
    resumed = program("resume", "--json")
    assert (resumed.code, resumed.counts) == (0, {"existing": 1, "done": 2})
    assert len({upload.name for upload in site.uploads}) == len(site.uploads) == 3
    assert program("resume").out == "Nothing is left open.\n"


def test_what_was_abandoned_is_asked_for(program: Program, album: Path) -> None:
    site = program.add_site("SP", {"settle_after": 0})
    site.fault = Fault.HANG
    with running(program, "upload", album, *program.to("SP"), "--json") as process:
        started = wait_for(process.stdout, "upload_started")
        wait_for(process.stdout, "bytes_sent", done=started["size"])
        process.send_signal(signal.SIGINT)
        wait_until_stopping(process)
        process.send_signal(signal.SIGINT)
        assert wait_for(process.stdout, "upload_failed")["outcome"] == "unknown"
        assert process.wait(SECONDS) == 130
    site.fault = None
    resumed = program("resume", "--json")
    assert (resumed.code, resumed.counts) == (3, {"unknown": 1})
    assert sum(request.method == "POST" for request in site.requests) == 1


def test_a_run_that_was_killed_while_it_sent_is_settled_by_the_next(program: Program, album: Path) -> None:
    site = program.add_site("SP", {"settle_after": 0})
    site.fault = Fault.HANG
    with running(program, "upload", album, *program.to("SP"), "--json") as process:
        started = wait_for(process.stdout, "upload_started")
        wait_for(process.stdout, "bytes_sent", done=started["size"])
        process.kill()
        process.wait(SECONDS)
    site.fault = None
    resumed = program("resume", "--json")
    assert (resumed.code, resumed.counts) == (3, {"unknown": 1})
    assert "its run ended before the site answered" in resumed.verdict("SP")["message"]
    assert sum(request.method == "POST" for request in site.requests) == 1
