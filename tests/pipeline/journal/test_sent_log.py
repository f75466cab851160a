"""The log of what was sent: on the disk, whole lines, whoever else writes and whenever it is killed."""

from __future__ import annotations

import fcntl
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import JournalError
from pipeline.journal.sent_log import SentLog
from tests.support.children import running

APPEND = """
import sys
from pathlib import Path
from pipeline.journal.sent_log import SentLog
log = SentLog(Path(sys.argv[1]))
input()
for number in range(int(sys.argv[3])):
    log.append({"who": sys.argv[2], "number": number, "long": "x" * 9000})
    print(number, flush=True)
"""
FILL = """
import resource, sys
from pathlib import Path
from pipeline.errors import JournalError
from pipeline.journal.sent_log import SentLog
log = SentLog(Path(sys.argv[1]))
log.append({"number": 1})
resource.setrlimit(resource.RLIMIT_FSIZE, (20, resource.RLIM_INFINITY))
try:
    log.append({"number": 2})
except JournalError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.append({"number": 3})
"""
NUMBERS = 60


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sent.jsonl"


@pytest.fixture
def log(path: Path) -> SentLog:
    return SentLog(path)


def test_what_is_appended_is_read(log: SentLog, path: Path) -> None:
    log.append({"name": "Ö\n\udcff", "revision": 1})
    entries, offset = log.read_from(0)
    assert entries == [{"name": "Ö\n\udcff", "revision": 1}]
    assert offset == path.stat().st_size
    assert log.read_from(offset) == ([], offset)
    log.append({"revision": 2})
    assert log.read_from(offset) == ([{"revision": 2}], path.stat().st_size)


def test_only_its_owner_reads_it(log: SentLog, path: Path) -> None:
    before = os.umask(0)
    try:
        log.append({})
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_missing_log_is_empty(log: SentLog) -> None:
    assert log.read_from(0) == log.read_from(77) == ([], 0)


def test_a_torn_line_waits_for_its_end(log: SentLog, path: Path) -> None:
    path.write_bytes(b'{"number": 1}\n{"number": 2')
    assert log.read_from(0) == ([{"number": 1}], 14)


def test_a_torn_line_does_not_spoil_the_next(log: SentLog, path: Path) -> None:
    path.write_bytes(b'{"number": 1}\n{"numb')
    _, offset = log.read_from(0)
    log.append({"number": 3})
    assert log.read_from(offset) == ([{"number": 3}], path.stat().st_size)


def test_a_shorter_file_is_read_from_its_start(log: SentLog, path: Path) -> None:
    path.write_bytes(b'{"number": 1}\n')
    assert log.read_from(15) == ([{"number": 1}], 14)


@given(st.lists(st.binary(max_size=30)))
def test_lines_that_make_no_sense_are_passed_over(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]
) -> None:
    path = tmp_path_factory.getbasetemp() / "odd.jsonl"
    odd = b"\n".join([*lines, b"[1]", b"\0\0", b'{"a": \xff}', b""])
    path.write_bytes(odd + b'{"number": 1}\n' + odd)
    entries, offset = SentLog(path).read_from(0)
    assert {"number": 1} in entries
    assert all(isinstance(entry, dict) for entry in entries)
    assert offset == path.stat().st_size


def test_processes_do_not_write_into_each_other(log: SentLog, path: Path) -> None:
    with running(APPEND, path, "a", NUMBERS) as first, running(APPEND, path, "b", NUMBERS) as second:
        first.tell()
        second.tell()
        first.end()
        second.end()
    entries, _ = log.read_from(0)
    found = sorted((str(entry["who"]), int(str(entry["number"]))) for entry in entries)
    assert found == [(who, number) for who in "ab" for number in range(NUMBERS)]
    assert len(path.read_bytes().splitlines()) == 2 * NUMBERS


def test_a_line_that_another_is_writing_is_waited_for(log: SentLog, path: Path) -> None:
    with path.open("ab", buffering=0) as other, ThreadPoolExecutor(1) as thread:
        fcntl.flock(other, fcntl.LOCK_EX)
        other.write(b'{"number": ')
        appending = thread.submit(log.append, {"number": 2})
        with pytest.raises(TimeoutError):
            appending.result(0.1)
        other.write(b"1}\n")
        fcntl.flock(other, fcntl.LOCK_UN)
        appending.result()
    assert log.read_from(0)[0] == [{"number": 1}, {"number": 2}]


def test_a_killed_process_has_what_it_appended(log: SentLog, path: Path) -> None:
    for turn in range(3):
        with running(APPEND, path, turn, 10**6) as child:
            child.tell()
            told = [child.read() for _ in range(5)]
            child.kill()
            while line := child.read():
                told.append(line)
        entries, _ = log.read_from(0)
        assert set(told) <= {str(entry["number"]) for entry in entries if entry["who"] == str(turn)}


def test_a_full_disk_is_told_and_spoils_nothing(log: SentLog, path: Path) -> None:
    with running(FILL, path) as child:
        told = child.end()
    assert str(path) in told
    assert [entry["number"] for entry in log.read_from(0)[0]] == [1, 3]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_a_full_disk_has_a_hint() -> None:
    with pytest.raises(JournalError, match="/dev/full: No space") as caught:
        SentLog(Path("/dev/full")).append({})
    assert "space" in caught.value.hint


def test_a_log_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"missing/sent\.jsonl"):
        SentLog(tmp_path / "missing/sent.jsonl").append({})
    with pytest.raises(JournalError, match=tmp_path.name):
        SentLog(tmp_path).read_from(0)
