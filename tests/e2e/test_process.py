"""The program as a process: signals, pipes, what it imports, what it leaves behind."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

import pytest

from tests.support.audio import make_album
from tests.support.processes import SECONDS, in_shell, running, wait_for, wait_until_stopping
from tests.support.program import Program
from trackers.sandbox import Fault


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    for title in ("Alpha", "Beta", "Gamma"):
        make_album(folder / title, title=title, tracks=1, seconds=0.1)
    return folder


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_signal_lets_uploads_in_flight_finish(
    program: Program, library: Path, number: signal.Signals, code: int
) -> None:
    site = program.add_site("SP", latency=0.6)
    with running(program, "upload", library, "--yes", *program.to("SP"), "--json") as process:
        wait_for(process.stdout, "upload_started")
        process.send_signal(number)
        done = wait_for(process.stdout, "upload_done")
        end = wait_for(process.stdout, "run_finished")
        assert process.wait(SECONDS) == end["exit_code"] == code
    assert Path(done["torrent_file"]).exists()
    assert len(site.uploads) == 1
    assert (end["counts"]["done"], end["counts"]["skipped"]) == (1, 2)


def test_the_first_signal_ends_what_waits_for_the_rate_limit(program: Program, library: Path) -> None:
    site = program.add_site("YUS", {"rate_limit": "4/1h"})
    with running(program, "upload", library, "--yes", *program.to("YUS"), "--json") as process:
        waiting = wait_for(process.stdout, "upload_waiting")
        process.send_signal(signal.SIGINT)
        skipped = wait_for(process.stdout, "upload_skipped", album=waiting["album"])
        assert process.wait(SECONDS) == 130
    assert skipped["reason"] == "interrupted"
    assert len(site.uploads) == 1


def test_a_full_disk_does_not_hide_an_unknown(program: Program, album: Path) -> None:
    program.add_site("SP").fault = Fault.HANG
    program.tables["SP"]["timeouts"] = {"answer": 0.3}
    with open("/dev/full", "w") as full:
        command = program.command("upload", album, *program.to("SP"))
        finished = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=SECONDS)
    assert (finished.returncode, finished.stderr) == (3, "")


def test_the_second_signal_abandons_what_is_in_doubt(program: Program, library: Path) -> None:
    program.add_site("SP").fault = Fault.HANG
    with running(program, "upload", library, "--yes", *program.to("SP"), "--json") as process:
        started = wait_for(process.stdout, "upload_started")
        wait_for(process.stdout, "bytes_sent", done=started["size"])
        process.send_signal(signal.SIGINT)
        wait_until_stopping(process)
        process.send_signal(signal.SIGINT)
        failed = wait_for(process.stdout, "upload_failed")
        end = wait_for(process.stdout, "run_finished")
        assert process.wait(SECONDS) == end["exit_code"] == 130
    assert failed["outcome"] == "unknown"
    assert "look at the site" in failed["hint"]
    assert (end["counts"]["unknown"], end["counts"]["skipped"]) == (1, 2)


def test_a_signal_that_was_ignored_stays_so(program: Program, album: Path) -> None:
    site = program.add_site("SP", latency=0.4)
    ignoring = "trap '' HUP; exec \"$@\""
    with running(program, "upload", album, *program.to("SP"), "--json", shell=ignoring) as process:
        wait_for(process.stdout, "upload_started")
        process.send_signal(signal.SIGHUP)
        assert wait_for(process.stdout, "run_finished")["exit_code"] == 0
    assert len(site.uploads) == 1


@pytest.mark.parametrize(("answer", "code", "stored"), [("y", 0, 3), ("n", 2, 0)])
def test_a_library_is_asked_for_at_a_terminal(
    program: Program, library: Path, answer: str, code: int, stored: int
) -> None:
    site = program.add_site("SP")
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color"}
    terminal: dict[str, Any] = {"stdin": theirs, "stdout": theirs, "stderr": theirs, "env": environment}
    with (
        running(program, "upload", library, *program.to("SP"), **terminal) as process,
        open(ours, "r+b", 0) as user,
    ):
        os.close(theirs)
        shown = b""
        while b"[y/N]" not in shown:
            shown += user.read(1000)
        user.write(f"{answer}\n".encode())
        while chunk := read_from_terminal(user):
            shown += chunk
        assert process.wait(SECONDS) == code
    assert len(site.uploads) == stored
    assert (b"3 uploaded" if stored else b"error: nothing was sent") in shown
    program.shown.append(shown.decode())


def read_from_terminal(user: IO[bytes]) -> bytes:
    """Nothing once the program has ended, which Linux tells by an error."""
    try:
        return user.read(1000)
    except OSError:
        return b""


def test_a_reader_that_leaves_ends_no_upload(program: Program, library: Path) -> None:
    site = program.add_site("SP")
    with running(program, "upload", library, "--yes", *program.to("SP")) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(SECONDS) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert len(site.uploads) == 3


def test_a_closed_stdout_ends_no_upload(program: Program, album: Path) -> None:
    site = program.add_site("SP")

    command = in_shell('exec "$@" >&-', program.command("upload", album, *program.to("SP")))
    finished = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert len(site.uploads) == 1


def test_names_that_are_no_text_can_be_shown(program: Program) -> None:
    program.add_site("MH")
    folder = Path(os.fsdecode(os.fsencode(program.folder) + b"/caf\xe9"))
    make_album(folder, tracks=1, seconds=0.1)
    command = [*map(os.fsencode, program.command("upload", folder, *program.to("MH")))]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS)
    assert finished.returncode == 1
    assert finished.stderr == ""
    assert r"caf\xe9" in finished.stdout


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_saying_what_it_is_imports_nothing_heavy(argument: str) -> None:
    heavy = {"aiohttp", "anyio", "asyncio", "cattrs", "jinja2", "mutagen", "PIL", "rich", "torf"}
    code = (
        "import sys; from mua_async.cli import run; "
        f"code = run([{argument!r}]); print(*sys.modules, file=sys.stderr); sys.exit(code)"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=SECONDS)
    assert finished.returncode == 0
    assert finished.stdout.startswith(("mua-async, version", "Usage: mua-async"))
    assert heavy.isdisjoint(finished.stderr.split())


def test_hashing_imports_no_more_than_it_needs(tmp_path: Path) -> None:
    """What is imported before the hashing starts takes longer than the hashing of a usual album."""
    (tmp_path / "1.flac").write_bytes(b"audio")
    for_later = {"pipeline.events", "torf"}
    unwanted = {"aiohttp", "anyio", "asyncio", "cattrs", "jinja2", "mutagen", "PIL", "platformdirs", "rich"}
    code = (
        "import sys; from mua_async.cli import run; from mua_async.commands import hash; "
        "print(*sys.modules); code = run(['hash', *sys.argv[1:]]); print(*sys.modules); sys.exit(code)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "1.flac"), "--quiet", "-o", str(tmp_path / "out")]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    assert (finished.returncode, finished.stderr) == (0, "")
    before, after = (set(line.split()) for line in finished.stdout.splitlines())
    assert for_later.isdisjoint(before)
    assert for_later <= after
    assert unwanted.isdisjoint(after)


def test_the_demo_twice_in_a_row_leaves_nothing_behind(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path), "HOME": str(tmp_path), "XDG_DATA_HOME": ""}
    for _ in range(2):
        command = [sys.executable, "-m", "mua_async", "demo", "--json"]
        finished = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=SECONDS, cwd=tmp_path
        )
        assert (finished.returncode, finished.stderr) == (0, "")
        assert json.loads(finished.stdout.splitlines()[-1])["counts"]["done"] == 2
        assert list(tmp_path.iterdir()) == []


def test_a_package_of_another_that_took_a_name_is_named(tmp_path: Path) -> None:
    (tmp_path / "trackers").mkdir()
    (tmp_path / "trackers/__init__.py").write_text("")
    command = [sys.executable, "-m", "mua_async", "--version"]
    finished = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS)
    assert finished.returncode == 1
    assert finished.stderr.startswith(f"mua-async: another package took the name trackers ({tmp_path}")


def test_the_installed_script_runs() -> None:
    script = Path(sys.executable).with_name("mua-async")
    finished = subprocess.run([script, "--version"], capture_output=True, text=True, timeout=SECONDS)
    assert (finished.returncode, finished.stdout) == (0, "mua-async, version 0.1.0\n")


def test_the_sandbox_shows_a_table_that_works(program: Program, album: Path) -> None:
    for flavor in ("generic", "unit3d"):
        with running(program, "sandbox", "--flavor", flavor) as process:
            assert process.stdout is not None
            lines = iter(process.stdout.readline, "\n")  # the introduction, to the empty line
            assert "listens on http://127.0.0.1:" in "".join(lines)
            table = "".join(line for line in iter(process.stdout.readline, "\n"))
            config = program.folder / f"{flavor}.toml"
            config.write_text(table)
            arguments = [
                "upload",
                str(album),
                "--tracker",
                f"sandbox-{flavor}",
                "--json",
                "--config",
                str(config),
            ]
            command = [sys.executable, "-m", "mua_async", *arguments, "--data-dir", str(program.data)]
            finished = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
            assert finished.returncode == 0, finished.stderr
            done = json.loads(finished.stdout.splitlines()[-2])
            assert Path(done["torrent_file"]).exists()
            process.send_signal(signal.SIGINT)
            assert process.wait(SECONDS) == 130
