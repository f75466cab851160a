"""The files of an album that one site gets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.file_sets import files_for, left_out, release_with
from pipeline.model.files import FileSet
from pipeline.model.rules import SiteRules
from tests.support.releases import make_file, make_release
from tests.support.site_rules import GAZELLE


def file_set(*names: str) -> FileSet:
    return make_release(extra=[make_file(name) for name in names]).album.files


def names_for(files: FileSet, rules: SiteRules) -> list[str]:
    return ["/".join(file.parts) for file in files_for(files, rules).files]


def test_nothing_left_out_is_the_same_set() -> None:
    files, release = file_set("cover.jpg", "rip.log"), make_release()
    assert files_for(files, SiteRules()) is files
    assert left_out(files, SiteRules()) == ()
    assert release_with(release, release.album.files) is release


@pytest.mark.parametrize(
    "name",
    [
        ".DS_Store", ".ds_store", "CD1/THUMBS.DB", "._cover.jpg", "@eaDir/cover.jpg",
        "CD1/__macosx/a/b/cover.jpg", "album.torrent", "shop.URL", "cover.jpg.part", ".Trash-1000/cover.jpg",
    ],
)  # fmt: skip
def test_junk_is_left_out(name: str) -> None:
    files = file_set(name, "cover.jpg")
    assert names_for(files, SiteRules()) == ["01.flac", "02.flac", "cover.jpg"]
    assert [file.parts[-1] for file in left_out(files, SiteRules())] == [name.rpartition("/")[2]]


@pytest.mark.parametrize("name", ["DS_Store", "Thumbs.db.txt", "torrent", "My Trash.txt", "a_.jpg"])
def test_what_only_looks_like_junk_stays(name: str) -> None:
    files = file_set(name)
    assert files_for(files, SiteRules()) is files


def test_a_site_may_call_other_things_junk() -> None:
    files = file_set("sox.log", "Scans [raw]/a.jpg", ".DS_Store")
    assert names_for(files, SiteRules(junk=("sox.log", "* [[]raw]"))) == ["01.flac", "02.flac", ".DS_Store"]
    assert names_for(files, SiteRules(junk=())) == [
        *names_for(file_set(), SiteRules()),
        *("sox.log", "Scans [raw]/a.jpg", ".DS_Store"),
    ]


def test_files_with_other_extensions_are_left_out() -> None:
    files = file_set("rip.LOG", "scan.webp", "README", ".nfo", "back.jpeg")
    assert names_for(files, GAZELLE) == ["01.flac", "02.flac", "rip.LOG", "back.jpeg"]


def test_audio_is_never_left_out() -> None:
    files = file_set("@eaDir/x.flac", "bonus.ogg", "a.part/b.mp3")
    assert files_for(files, GAZELLE) is files


def test_the_set_is_of_the_same_folder_and_smaller() -> None:
    files = FileSet(file_set().root, file_set("a.url").files, named=True)
    smaller = files_for(files, SiteRules())
    assert (smaller.root, smaller.named, smaller.size) == (files.root, True, files.size - 20_000_000)


def test_a_release_is_seen_with_the_files_that_the_site_gets() -> None:
    release = make_release(extra=[make_file("a.url")])
    files = files_for(release.album.files, SiteRules())
    assert release_with(release, files).album.files is files


NAMES = st.sampled_from(["a", ".DS_Store", "@eaDir", "x.url", "b.jpg", "c.flac", "d.webp", "._e", "README"])


@given(st.lists(st.lists(NAMES, min_size=1, max_size=3).map("/".join), max_size=8, unique=True))
def test_what_is_sent_and_what_is_left_out_make_the_album(paths: list[str]) -> None:
    files = file_set(*paths)
    sent, left = files_for(files, GAZELLE), left_out(files, GAZELLE)
    assert sorted((*sent.files, *left), key=files.files.index) == list(files.files)
    assert [file for file in files.files if file in sent.files] == list(sent.files)
    assert sent.audio == files.audio
    assert files_for(sent, GAZELLE) is sent
