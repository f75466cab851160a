"""What a user says of an album in a file beside it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.errors import TagError
from pipeline.model.album import Media
from pipeline.model.files import FileSet
from pipeline.sidecar import SIZE_LIMIT, read_sidecar


def written(folder: Path, text: str | bytes) -> FileSet:
    """An album in the folder with this sidecar."""
    path = folder / "Album.release.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return FileSet(folder / "Album", ())


def refused(folder: Path, text: str | bytes) -> str:
    with pytest.raises(TagError) as caught:
        read_sidecar(written(folder, text))
    assert caught.value.reason == "sidecar"
    assert caught.value.path == folder / "Album.release.toml"
    assert "Album.release.toml" in caught.value.message
    return caught.value.message


def test_a_sidecar_is_read(tmp_path: Path) -> None:
    text = 'year = 1966\r\nmedia = "vinyl"\ntags = ["Rock", "Folk, World"]\nscene = "A-B-1966-GRP"\n'
    assert read_sidecar(written(tmp_path, text)) == {
        "year": 1966,
        "media": Media.VINYL,
        "genres": ("Rock", "Folk, World"),
        "scene": "A-B-1966-GRP",
    }


def test_text_with_a_byte_order_mark(tmp_path: Path) -> None:
    assert read_sidecar(written(tmp_path, "\ufefflabel = 'Ö'")) == {"label": "Ö"}


def test_without_a_sidecar_nothing_is_said(tmp_path: Path) -> None:
    assert read_sidecar(FileSet(tmp_path / "Album", ())) == {}
    assert read_sidecar(FileSet(tmp_path / ("x" * 250), ())) == {}
    assert read_sidecar(written(tmp_path, "")) == {}


def test_the_sidecar_of_a_single_file(tmp_path: Path) -> None:
    (tmp_path / "song.flac.release.toml").write_text("year = 1966")
    assert read_sidecar(FileSet(tmp_path / "song.flac", (), single=True)) == {"year": 1966}


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    message = refused(tmp_path, "yaer = 1966\nlabel = 5\nmedia = 'Tape'\n[more]\nx = 1")
    assert all(words in message for words in ("did you mean year?", "label: must be", "media=Tape", "more"))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("year = ", "is no TOML"),
        ("year = 1\nyear = 2", "is no TOML"),
        (f"tags = {'[' * 20_000}", "is no TOML"),
        (f"year = {'9' * 5000}", "is no TOML"),
        (b"label = '\xff'", "is no UTF-8 text"),
        (f"year = 0x{'f' * 9000}", "year: must be"),
        ("#" * (SIZE_LIMIT + 1), "is larger than 64 KiB"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, text: str | bytes, problem: str) -> None:
    assert problem in refused(tmp_path, text)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "Album.release.toml")
    with pytest.raises(TagError, match="is no file"):
        read_sidecar(FileSet(tmp_path / "Album", ()))
