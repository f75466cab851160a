"""Libraries: what is sent, what is asked first, and how albums and trackers overlap."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.support.audio import make_album
from tests.support.program import Program, untouched
from trackers.sandbox import Fault


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Three albums of one track."""
    folder = tmp_path / "library"
    for title in ("Alpha", "Beta", "Gamma"):
        make_album(folder / title, title=title, tracks=1, seconds=0.1)
    return folder


def names(program: Program, tracker_id: str) -> list[str]:
    """The folders that a site has got, in the order of the alphabet."""
    return sorted(upload.registered.name for upload in program.sites[tracker_id].uploads)


def test_nothing_is_sent_without_a_yes(program: Program, library: Path) -> None:
    site = program.add_site("SP")
    finished = program.upload(library)
    assert finished.code == 2
    assert finished.out == ""
    assert "error: nothing was sent: the PATHs hold more than one album (--yes sends" in finished.err
    assert site.requests == []


def test_a_yes_sends_all(program: Program, library: Path) -> None:
    for tracker_id in ("MH", "SP"):
        program.add_site(tracker_id)
    with untouched(library):
        finished = program.watched().upload(library, "--yes")
    assert finished.code == 0
    assert finished.counts == {"done": 6}
    assert names(program, "MH") == names(program, "SP") == ["Alpha", "Beta", "Gamma"]
    assert len(list(program.watch.iterdir())) == 6


def test_albums_that_are_named_need_no_yes(program: Program, library: Path) -> None:
    program.add_site("SP")
    assert program.upload(library / "Alpha", library / "Beta").code == 0
    assert names(program, "SP") == ["Alpha", "Beta"]


def test_a_library_of_one_album_needs_no_yes(program: Program, album: Path) -> None:
    program.add_site("SP")
    assert program.upload(album.parent, "--limit", "1").counts == {"done": 1}


def test_limit_takes_the_first_and_no_more(program: Program, library: Path) -> None:
    program.add_site("SP")
    (library / "Alpha/01 - Track 1.flac").write_bytes(b"")
    finished = program.upload(library, "--yes", "--limit", "2")
    assert len(finished.events("album_found")) == 2
    assert names(program, "SP") == ["Beta"]
    assert finished.counts == {"done": 1, "failed": 1}


def test_a_broken_album_ends_alone(program: Program, library: Path) -> None:
    program.add_site("MH")
    program.add_site("SP")
    (library / "Beta/01 - Track 1.flac").write_bytes(b"fLaC but not really")
    finished = program.upload(library, "--yes")
    assert finished.code == 1
    assert finished.counts == {"done": 4, "failed": 2}
    (failed,) = finished.events("stage_failed")
    assert failed["album"] == str(library / "Beta")
    assert names(program, "MH") == names(program, "SP") == ["Alpha", "Gamma"]


def test_an_album_named_twice_runs_once(
    program: Program, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.add_site("SP")
    monkeypatch.chdir(library / "Alpha")
    link = library.parent / "link"
    link.symlink_to(library / "Alpha")
    ways: list[str | Path] = [library / "Alpha", f"{library}/Alpha/", ".", "../Alpha", link]
    finished = program.upload(*ways)
    assert finished.code == 0
    assert finished.counts == {"done": 1}
    assert len(finished.events("album_found")) == 1


@pytest.mark.parametrize("way", ["Alpha", "Alpha/", "./Alpha", "Beta/../Alpha"])
def test_albums_are_told_by_their_whole_path(
    program: Program, library: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    program.add_site("SP")
    monkeypatch.chdir(library)
    finished = program.upload(way)
    assert {line["album"] for line in finished.lines if "album" in line} == {str(library / "Alpha")}
    assert names(program, "SP") == ["Alpha"]


def test_links_are_not_resolved(program: Program, library: Path) -> None:
    program.add_site("SP")
    link = library.parent / "Linked"
    link.symlink_to(library / "Alpha")
    finished = program.upload(link)
    assert finished.events("album_found")[0]["album"] == str(link)
    assert names(program, "SP") == ["Linked"]


def test_the_current_folder_may_be_the_album(
    program: Program, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.add_site("SP")
    monkeypatch.chdir(library / "Alpha")
    assert program.upload(".").code == 0
    assert names(program, "SP") == ["Alpha"]


def test_copies_of_the_same_audio_are_sent_once(program: Program, library: Path) -> None:
    program.add_site("MH")
    shutil.copytree(library / "Alpha", library / "Alpha again")
    finished = program.upload(library, "--yes")
    assert finished.code == 0
    assert finished.counts == {"done": 3, "skipped": 1}
    (skipped,) = finished.events("upload_skipped")
    assert skipped["reason"] == "same_content"


def test_two_ids_of_one_site_get_one_upload(program: Program, album: Path) -> None:
    site = program.add_site("SP")
    program.tables["TWIN"] = {**program.tables["SP"], "type": "unit3d"}
    program.tables["TWIN"] |= {"category_ids": {"*": "5"}, "format_ids": {"*": "11"}}
    finished = program.upload(album, *program.to("SP", "TWIN"))
    assert finished.code == 1
    assert finished.counts == {"done": 1, "skipped": 1}
    assert finished.verdict("TWIN")["reason"] == "same_site"
    assert len(site.uploads) == 1


def test_a_slow_site_does_not_hold_up_another(program: Program, library: Path) -> None:
    program.add_site("SP", latency=0.3)
    program.add_site("YUS")
    finished = program.upload(library, "--yes")
    assert finished.code == 0
    done = [line["tracker"] for line in finished.events("upload_done")]
    assert (sorted(done), done[0], done[-1]) == (["SP"] * 3 + ["YUS"] * 3, "YUS", "SP")


def test_a_hanging_site_keeps_its_own_albums_only(program: Program, library: Path) -> None:
    program.add_site("SP", {"timeouts": {"answer": 0.2}}).fault = Fault.HANG
    program.add_site("YUS")
    finished = program.upload(library, "--yes")
    assert finished.code == 3
    assert finished.counts == {"done": 3, "unknown": 3}


def test_the_trackers_of_a_run(program: Program, album: Path) -> None:
    for tracker_id in ("MH", "SP", "YUS"):
        program.add_site(tracker_id)
    program.tables["YUS"]["enabled"] = False
    program.settings["default_trackers"] = ["sp"]
    assert program("upload", album, "--json").events("run_started")[0]["trackers"] == ["SP"]
    twice = program.upload(album, *program.to("mh", "MH", "sp"), "--debug")
    assert twice.events("run_started")[0]["trackers"] == ["MH", "SP"]
    every = program.upload(album, *program.to("all", "MH"), "--debug")
    assert every.events("run_started")[0]["trackers"] == ["MH", "SP"]


def test_a_broken_table_matters_to_those_who_use_it(program: Program, album: Path) -> None:
    program.add_site("SP")
    program.tables["AA"] = {"nonsense": 1}
    unused = program.upload(album, *program.to("SP"))
    assert unused.code == 0
    assert "warning: trackers.AA.nonsense" in unused.err
    assert program.upload(album, *program.to("all", "AA")).code == 2
    every = program.upload(album, *program.to("all"))
    assert (every.code, every.counts) == (1, {"existing": 1, "skipped": 1})
    left_out = every.verdict("AA")
    assert left_out["reason"] == "tracker_off"
    assert "trackers.AA.nonsense" in left_out["message"]
    program.tables["AA"]["enabled"] = False
    assert program.upload(album, *program.to("all")).code == 0


def test_names_in_any_script_reach_the_site(program: Program, tmp_path: Path) -> None:
    site = program.add_site("MH")
    album = make_album(
        tmp_path / "Sigur Rós — ( )", artist="Sigur Rós", title="Ágætis 🎵", tracks=1, seconds=0.1
    )
    finished = program.upload(album)
    assert finished.code == 0
    assert finished.events("tags_read")[0]["title"] == "Ágætis 🎵"
    assert site.uploads[0].name.startswith("Sigur Rós - Ágætis 🎵")
    assert site.uploads[0].registered.name == album.name


def test_an_album_that_starts_with_dots_is_seen_by_clients(program: Program, tmp_path: Path) -> None:
    program.add_site("MH")
    finished = program.watched().upload(make_album(tmp_path / "...And Dots", tracks=1, seconds=0.1))
    assert finished.code == 0
    (torrent,) = program.watch.iterdir()
    assert torrent.name.startswith("And Dots [MH ")


def test_a_single_file(program: Program, library: Path) -> None:
    site = program.add_site("MH")
    track = library / "Alpha/01 - Track 1.flac"
    finished = program.upload(track)
    assert finished.code == 0
    assert site.uploads[0].registered.folder is None
    assert finished.events("album_found")[0]["album"] == os.fspath(track)


def test_one_album_takes_all_below_as_one(program: Program, library: Path) -> None:
    site = program.add_site("MH")
    for title in ("Beta", "Gamma"):
        shutil.rmtree(library / title)
        make_album(library / title, title="Alpha", tracks=1, seconds=0.1, seed=len(title))
    assert program.upload(library, "--one-album").counts == {"done": 1}
    assert len(site.uploads[0].registered.files) == 3
