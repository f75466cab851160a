"""Watch folders: what is put into them, and what keeps one from being used."""

from __future__ import annotations

import stat
from pathlib import Path

from mua_async.clients import WatchFolder, folder_problem, watch_folder_problem
from pipeline.model.pieces import Torrent

TORRENT = Torrent("First Light", b"the site's", "0123456789abcdef", 16384)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_a_torrent_appears_whole_and_private(tmp_path: Path) -> None:
    report = await WatchFolder("box", tmp_path).add(TORRENT, "MH")
    assert report.seeds is None
    assert report.path == tmp_path / "First Light [MH 01234567].torrent"
    assert report.path.read_bytes() == b"the site's"
    assert stat.S_IMODE(report.path.stat().st_mode) == 0o600
    assert names(tmp_path) == [report.path.name]


async def test_two_trackers_do_not_meet(tmp_path: Path) -> None:
    for tracker in ("MH", "SP"):
        await WatchFolder("box", tmp_path).add(TORRENT, tracker)
    assert len(names(tmp_path)) == 2


async def test_a_folder_that_goes_away_is_a_report(tmp_path: Path) -> None:
    (tmp_path / "watch").write_text("a file")
    report = await WatchFolder("box", tmp_path / "watch").add(TORRENT, "MH")
    assert report.seeds is False
    assert f"{tmp_path}/watch" in report.message
    assert "cannot be written" in report.message


def test_folders_that_can_be_used(tmp_path: Path) -> None:
    assert folder_problem(tmp_path) is None
    assert folder_problem(tmp_path / "a/b/c") is None
    assert watch_folder_problem(tmp_path / "a") is None


def test_folders_that_cannot(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("nowhere")
    assert "file is no folder" in str(folder_problem(tmp_path / "file/data"))
    assert "link is no folder" in str(folder_problem(tmp_path / "link"))
    assert f"{tmp_path}/disk does not exist" in str(watch_folder_problem(tmp_path / "disk/watch"))
