from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest
from anyio import CapacityLimiter, create_task_group, fail_after, lowlevel

from pipeline.integrity.verify import verify, verify_album, verify_track
from pipeline.model.album import Album
from pipeline.model.audio import Codec
from pipeline.model.finding import Severity
from tests.support.audio import encode, make_album, make_track
from tests.support.integrity import album_of, judged, reasons, track_of


@pytest.fixture
def album(tmp_path: Path) -> Album:
    """Three tracks, of which the second is damaged and the third is not there."""
    files = sorted(make_album(tmp_path / "First Light").glob("*.flac"))
    data = bytearray(files[1].read_bytes())
    data[-500] ^= 1
    files[1].write_bytes(data)
    tracks = [track_of(path, number=number) for number, path in enumerate(files, 1)]
    files[2].unlink()
    return album_of(*tracks)


EXPECTED = [("crc_error", 1), ("unreadable", 2)]


def test_findings_come_in_file_order_and_name_their_files(album: Album) -> None:
    done: list[int] = []
    findings = verify_album(album, stopped=threading.Event(), progress=done.append)
    paths = [track.file.path for track in album.tracks]
    assert [(finding.reason, paths.index(finding.path)) for finding in findings] == EXPECTED
    assert all(finding.message.startswith(f"{finding.path.name} ") for finding in findings)
    assert {finding.severity for finding in findings} == {Severity.PROBLEM}
    assert sum(done) == album.files.size


async def test_the_async_face_finds_the_same(album: Album) -> None:
    done: list[int] = []
    findings = await verify(album, CapacityLimiter(2), done.append)
    assert findings == verify_album(album, stopped=threading.Event())
    assert sum(done) == album.files.size


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes with names here")
async def test_cancelled_it_leaves_at_once_though_a_read_hangs(tmp_path: Path) -> None:
    path, limiter = tmp_path / "track.flac", CapacityLimiter(1)
    os.mkfifo(path)
    watchdog = threading.Timer(20, release, [path])
    watchdog.start()
    async with create_task_group() as tasks:
        tasks.start_soon(verify, album_of(track_of(path)), limiter)
        while not limiter.borrowed_tokens:
            await lowlevel.checkpoint()
        tasks.cancel_scope.cancel()
    assert watchdog.is_alive()
    watchdog.cancel()
    release(path)


def release(path: Path) -> None:
    """Lets a thread go on that waits for the other end of this pipe."""
    os.close(os.open(path, os.O_RDWR))


@pytest.mark.skipif(sys.platform != "linux", reason="what is open cannot be seen here")
async def test_cancelled_it_stops_its_threads(tmp_path: Path) -> None:
    path, limiter = tmp_path / "track.mp3", CapacityLimiter(1)
    path.write_bytes(encode(Codec.MP3))
    os.truncate(path, 64 << 30)  # zeros that would take long to read
    async with create_task_group() as tasks:
        tasks.start_soon(verify, album_of(track_of(path, Codec.MP3)), limiter)
        while not is_open(path):
            await lowlevel.checkpoint()
        tasks.cancel_scope.cancel()
    with fail_after(5):
        while is_open(path):
            await lowlevel.checkpoint()


def is_open(path: Path) -> bool:
    return any(os.path.realpath(handle) == str(path) for handle in Path("/proc/self/fd").iterdir())


def test_nothing_is_read_once_it_is_stopped(album: Album) -> None:
    stopped = threading.Event()
    stopped.set()
    assert verify_album(album, stopped=stopped) == ()
    assert verify_track(album.tracks[1], stopped) == ()


class SetAtLook(threading.Event):
    """Is set from a certain look at it on."""

    def __init__(self, look: int) -> None:
        super().__init__()
        self.looks, self._look = 0, look

    def is_set(self) -> bool:
        self.looks += 1
        return self.looks >= self._look


def test_a_stop_at_any_time_ends_a_file(tmp_path: Path) -> None:
    path = make_track(tmp_path / "track.flac", seconds=15.0)
    data = bytearray(path.read_bytes())
    data[30] ^= 1
    path.write_bytes(data)
    never = SetAtLook(1_000_000)
    assert reasons(verify_track(track_of(path), never)) == ["md5_mismatch"]
    assert never.looks >= 10
    assert all(verify_track(track_of(path), SetAtLook(look)) == () for look in range(1, never.looks + 1))


@pytest.mark.parametrize("codec", [Codec.WAV, Codec.ALAC, Codec.AAC, Codec.AIFF, Codec.WAVPACK])
def test_what_nothing_here_can_check_is_told_so(tmp_path: Path, codec: Codec) -> None:
    (finding,) = judged(make_track(tmp_path / "track", codec), codec)
    assert finding.severity is Severity.UNJUDGED
    assert str(codec) in finding.message


def test_a_file_that_is_no_audio_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "track.flac"
    path.write_bytes(b"not audio at all")
    (finding,) = judged(path)
    assert finding.severity is Severity.PROBLEM


def test_files_are_left_as_they_were(album: Album) -> None:
    path = album.tracks[0].file.path
    path.chmod(0o400)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    verify_album(album, stopped=threading.Event())
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert reasons(judged(path)) == []
