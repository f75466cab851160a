"""Whether a run lives, and when a dead one was alive for the last time."""

from __future__ import annotations

import stat
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.errors import JournalError
from pipeline.journal import run_lock
from pipeline.journal.moments import Moment
from pipeline.journal.run_lock import BEAT, RunLock, forget, last_alive
from tests.support.children import SECONDS, running

RUN = """
import sys
from pathlib import Path
from pipeline.journal.run_lock import RunLock
with RunLock(Path(sys.argv[1])) as run:
    print(run.run_id, flush=True)
    input()
"""
ASK = """
import sys
from pathlib import Path
from pipeline.journal.run_lock import last_alive
print(last_alive(Path(sys.argv[1]), sys.argv[2]))
"""
RUN_WITH_A_CHILD = """
import subprocess, sys, threading
from pathlib import Path
from pipeline.journal.run_lock import RunLock
with RunLock(Path(sys.argv[1])) as run:
    subprocess.Popen([sys.executable, "-c", "print('ready', flush=True); input()"], close_fds=False)
    print(run.run_id, flush=True)
    threading.Event().wait()
"""
RUN_ON_A_FULL_DISK = """
import os, resource, sys
from pathlib import Path
from pipeline.journal import run_lock
run_lock.BEAT = 0.01
with run_lock.RunLock(Path(sys.argv[1])) as run:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    while os.path.getsize(f"{sys.argv[1]}/{run.run_id}.lock"):
        pass
    print(run.run_id, flush=True)
    input()
"""


def is_about_now(moment: Moment | None) -> bool:
    return moment is not None and moment.elapsed() < BEAT


def dead_run(folder: Path, beat: str) -> str:
    (folder / "dead.lock").write_text(beat)
    return "dead"


def test_a_run_lives_until_it_leaves(tmp_path: Path) -> None:
    folder = tmp_path / "data/runs"
    with RunLock(folder) as run:
        assert last_alive(folder, run.run_id) is None
        with running(ASK, folder, run.run_id) as other:
            assert other.end() == "None\n"
        (file,) = folder.iterdir()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(folder.iterdir()) == []
    assert is_about_now(last_alive(folder, run.run_id))


def test_leaving_does_not_wait_for_a_beat(tmp_path: Path) -> None:
    with RunLock(tmp_path):
        begun = time.monotonic()
    assert time.monotonic() - begun < BEAT / 2


def test_a_killed_run_is_dead_at_once(tmp_path: Path) -> None:
    with running(RUN, tmp_path) as child:
        run_id = child.read()
        assert last_alive(tmp_path, run_id) is None
        before = Moment.now()
        child.kill()
    died = last_alive(tmp_path, run_id)
    assert died is not None
    assert died.boot == before.boot
    assert before.seconds <= died.seconds <= Moment.now().seconds


def test_a_run_shows_that_it_lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_lock, "BEAT", 0.01)
    with RunLock(tmp_path) as run:
        file = tmp_path / f"{run.run_id}.lock"
        beats = {file.read_bytes()}
        limit = time.monotonic() + SECONDS
        while len(beats) < 3 and time.monotonic() < limit:
            beats.add(file.read_bytes())
    times = sorted(Moment.parse(beat.decode().rstrip()).seconds for beat in beats)
    assert len(beats) == 3
    assert times[-1] - times[0] >= 0.02


def test_death_is_dated_two_beats_after_the_last(tmp_path: Path) -> None:
    run_id = dead_run(tmp_path, Moment("an earlier boot", 100.0).text() + "   \n")
    assert last_alive(tmp_path, run_id) == Moment("an earlier boot", 100.0 + 2 * BEAT)


@pytest.mark.parametrize("beat", ["", "\0" * 80, "boot not-a-number\n", "\xff"])
def test_a_run_whose_beat_is_lost_died_just_now(tmp_path: Path, beat: str) -> None:
    assert is_about_now(last_alive(tmp_path, dead_run(tmp_path, beat)))


def test_a_beat_that_cannot_be_written_takes_back_the_last(tmp_path: Path) -> None:
    with running(RUN_ON_A_FULL_DISK, tmp_path) as child:
        run_id = child.read()
        assert run_id
        before = Moment.now()
        child.kill()
    died = last_alive(tmp_path, run_id)
    assert died is not None
    assert died.seconds >= before.seconds


def test_a_program_that_a_run_started_does_not_keep_it_alive(tmp_path: Path) -> None:
    with running(RUN_WITH_A_CHILD, tmp_path) as child:
        (run_id,) = {child.read(), child.read()} - {"ready"}
        child.kill()
        assert last_alive(tmp_path, run_id) is not None
        child.tell()  # lets the other one end


def test_who_asks_at_the_same_time_finds_the_dead_dead(tmp_path: Path) -> None:
    run_id = dead_run(tmp_path, Moment("an earlier boot", 1.0).text())

    def ask(_: int) -> bool:
        return all(last_alive(tmp_path, run_id) is not None for _ in range(200))

    with ThreadPoolExecutor(8) as askers:
        assert all(askers.map(ask, range(8)))


def test_a_run_that_begins_while_others_clear_up_lives(tmp_path: Path) -> None:
    ended = threading.Event()

    def clear_up() -> None:
        while not ended.is_set():
            for file in tmp_path.glob("*.lock"):
                forget(tmp_path, file.stem)

    with ThreadPoolExecutor(2) as clearing:
        cleared = [clearing.submit(clear_up) for _ in range(2)]
        try:
            for _ in range(200):
                with RunLock(tmp_path) as run:
                    assert last_alive(tmp_path, run.run_id) is None
                    assert (tmp_path / f"{run.run_id}.lock").exists()
        finally:
            ended.set()
        for task in cleared:
            task.result()


def test_only_the_dead_are_forgotten(tmp_path: Path) -> None:
    run_id = dead_run(tmp_path, "")
    with RunLock(tmp_path) as run:
        forget(tmp_path, run.run_id)
        forget(tmp_path, run_id)
        forget(tmp_path, "never-was")
        assert [file.stem for file in tmp_path.iterdir()] == [run.run_id]


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(JournalError, match="file/runs"), RunLock(tmp_path / "file/runs"):
        pass


def test_a_lock_that_cannot_be_asked_for_is_no_answer(tmp_path: Path) -> None:
    (tmp_path / "odd.lock").mkdir()
    with pytest.raises(JournalError, match=r"odd\.lock"):
        last_alive(tmp_path, "odd")
    with pytest.raises(JournalError, match=r"odd\.lock"):
        forget(tmp_path, "odd")
