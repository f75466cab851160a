"""A file is written whole, for its owner only, or not at all."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from pipeline.errors import MuaError
from pipeline.files import write_private


def test_a_torrent_is_saved_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "Album.[MH].torrent"
    write_private(path, b"data")
    assert path.read_bytes() == b"data"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_file_is_replaced_and_its_mode_too(tmp_path: Path) -> None:
    path = tmp_path / "Album.torrent"
    path.write_bytes(b"old and longer")
    path.chmod(0o644)
    write_private(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_name_of_255_bytes_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 247 + ".torrent")
    write_private(path, b"data")
    assert path.read_bytes() == b"data"


def test_a_file_where_a_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(MuaError, match=r"/file cannot be written: File exists") as caught:
        write_private(tmp_path / "file" / "Album.torrent", b"data")
    assert caught.value.hint


def test_nothing_is_left_where_writing_failed(tmp_path: Path) -> None:
    taken = tmp_path / "Album.torrent"
    taken.mkdir()
    with pytest.raises(MuaError, match="cannot be written"):
        write_private(taken, b"data")
    assert list(tmp_path.iterdir()) == [taken]
    assert taken.is_dir()
