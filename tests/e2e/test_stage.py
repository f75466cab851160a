"""Names that a site refuses, mended in a tree of links: the torrent is of that tree, the library stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.torrent import read_torrent
from tests.support.audio import make_album
from tests.support.program import Program, snapshot
from tests.support.seeding import offline_client, recheck


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """One of its names has a colon, which UNIT3D refuses."""
    folder = make_album(tmp_path / "library" / "The Testers - First Light", tracks=2, seconds=0.2)
    (folder / "01 - Track 1.flac").rename(folder / "01: Track 1?.flac")
    return folder


def test_the_torrent_is_of_the_tree_and_the_library_stays(program: Program, album: Path) -> None:
    site = program.add_site("SP")
    before = snapshot(album.parent)
    staged = program.folder / "staged"
    finished = program.watched().upload(album, "--stage", staged)
    assert finished.code == 0, finished.out
    (told,) = finished.events("album_staged")
    assert told["folder"] == str(staged / album.name)
    assert {line["album"] for line in finished.lines if "album" in line} == {str(album)}
    (stored,) = site.uploads
    names = {parts[-1] for parts, _ in read_torrent(stored.received_torrent).files}
    assert names == {"01 - Track 1.flac", "02 - Track 2.flac"}
    (torrent,) = program.watch.iterdir()
    with offline_client() as client:
        assert recheck(client, torrent.read_bytes(), staged).is_seeding
    assert snapshot(album.parent) == before


def test_without_it_the_album_is_refused_and_the_file_named(program: Program, album: Path) -> None:
    program.add_site("SP")
    finished = program.upload(album)
    assert finished.code == 1
    skipped = finished.verdict("SP")
    assert skipped["reason"] == "rules"
    assert "01: Track 1?.flac" in skipped["message"]


def test_a_folder_in_the_library_is_no_place_for_it(program: Program, album: Path) -> None:
    program.add_site("SP")
    finished = program.upload(album, "--stage", album / "staged")
    assert finished.code == 1
    (failed,) = finished.events("stage_failed")
    assert failed["stage"] == "stage"
    assert "choose a folder outside the library" in failed["hint"]
    assert not (album / "staged").exists()


def test_a_dry_run_makes_no_links(program: Program, album: Path) -> None:
    program.add_site("SP")
    finished = program("upload", album, "--stage", program.folder / "staged", "--debug", "--tracker", "SP")
    assert finished.code == 2
    assert finished.says("--stage makes links, and --debug writes nothing")
    assert not (program.folder / "staged").exists()
