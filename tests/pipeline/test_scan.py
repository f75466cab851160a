from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import ScanError
from pipeline.model.files import FileSet
from pipeline.scan import scan, scan_albums
from tests.support.audio import make_album, make_track

NOBODY = 65_534


def touch(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def albums(*paths: Path, one_album: bool = False) -> list[FileSet]:
    found = list(scan(paths, one_album=one_album))
    assert not [error for error in found if isinstance(error, ScanError)]
    return [album for album in found if isinstance(album, FileSet)]


def error(*paths: Path, one_album: bool = False) -> ScanError:
    (found,) = scan(paths, one_album=one_album)
    assert isinstance(found, ScanError)
    return found


def names(album: FileSet) -> list[str]:
    return ["/".join(file.parts) for file in album.files]


def roots(found: list[FileSet], below: Path) -> list[str]:
    return [str(album.root.relative_to(below)) for album in found]


def test_a_folder_with_audio_is_an_album_of_all_its_files(tmp_path: Path) -> None:
    touch(tmp_path, "Album/02.flac", "Album/01.flac", "Album/cover.jpg", "Album/Artwork/back.png")
    (tmp_path / "Album/empty.log").touch()
    (album,) = albums(tmp_path / "Album")
    assert names(album) == ["01.flac", "02.flac", "Artwork/back.png", "cover.jpg", "empty.log"]
    assert [file.parts[-1] for file in album.audio] == ["01.flac", "02.flac"]
    assert album.named
    assert not album.single
    assert album.name == "Album"
    assert album.size == 4


def test_files_carry_what_tells_a_later_change(tmp_path: Path) -> None:
    touch(tmp_path, "a.flac")
    (file,) = albums(tmp_path)[0].files
    status = (tmp_path / "a.flac").stat()
    assert (file.size, file.mtime_ns, file.ctime_ns, file.inode) == (
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_ino,
    )


def test_one_audio_file_is_an_album_of_its_own(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp3", "b.mp3", "cover.jpg")
    (album,) = albums(tmp_path / "a.mp3")
    assert album.single
    assert album.named
    assert names(album) == ["a.mp3"]
    assert album.name == "a.mp3"


@pytest.mark.parametrize("name", ["CD1", "cd 1", "Disc-1", "DISK_01", "CD1 - Bonus", "disc 12 (Live)"])
def test_disc_folders_make_one_album(tmp_path: Path, name: str) -> None:
    touch(tmp_path, f"Album/{name}/01.flac", "Album/CD2/01.flac", "Album/Scans/front.jpg")
    (album,) = albums(tmp_path)
    assert album.root == tmp_path / "Album"
    assert len(album.audio) == 2


def test_audio_in_the_folder_and_in_a_disc_folder_is_one_album(tmp_path: Path) -> None:
    touch(tmp_path, "01.flac", "CD2/01.flac")
    assert len(albums(tmp_path)[0].audio) == 2


@pytest.mark.parametrize("name", ["CDs", "Discography", "CD1a", "CD0", "Disc One", "CD2001"])
def test_other_names_are_no_disc_folders(tmp_path: Path, name: str) -> None:
    touch(tmp_path, f"{name}/01.flac")
    assert roots(albums(tmp_path), tmp_path) == [name]


def test_disc_tags_make_one_album_of_folders_of_any_name(tmp_path: Path) -> None:
    for disc, name in enumerate(["Studio", "The Concert"], start=1):
        tags = {"album": "Double", "albumartist": "A", "discnumber": str(disc)}
        make_track(tmp_path / name / "01.flac", tags=tags, seconds=0.1)
    touch(tmp_path, "Artwork/front.jpg")
    (album,) = albums(tmp_path)
    assert album.root == tmp_path
    assert names(album) == ["Artwork/front.jpg", "Studio/01.flac", "The Concert/01.flac"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"album": "X", "discnumber": "1"}, {"album": "Y", "discnumber": "2"}),
        ({"album": "X", "discnumber": "1"}, {"album": "X", "discnumber": "1"}),
        ({"album": "X", "discnumber": "1"}, {"album": "X", "discnumber": "3"}),
        ({"album": "X", "discnumber": "1"}, {"album": "X", "discnumber": "2", "albumartist": "B"}),
        ({"album": "X"}, {"album": "X"}),
        ({}, {}),
    ],
)
def test_folders_whose_disc_tags_do_not_fit_are_albums_of_their_own(
    tmp_path: Path, first: dict[str, str], second: dict[str, str]
) -> None:
    make_track(tmp_path / "1" / "01.flac", tags={"albumartist": "A", **first}, seconds=0.1)
    make_track(tmp_path / "2" / "01.flac", tags={"albumartist": "A", **second}, seconds=0.1)
    assert roots(albums(tmp_path), tmp_path) == ["1", "2"]


def test_tagged_discs_beside_other_audio_are_albums_of_their_own(tmp_path: Path) -> None:
    for disc in (1, 2):
        tags = {"album": "Double", "albumartist": "A", "discnumber": str(disc)}
        make_track(tmp_path / f"Double {disc}" / "01.flac", tags=tags, seconds=0.1)
    touch(tmp_path, "Box/Set/Album/01.flac")
    assert roots(albums(tmp_path), tmp_path) == ["Box/Set/Album", "Double 1", "Double 2"]


def test_a_broken_file_makes_no_disc_and_no_crash(tmp_path: Path) -> None:
    touch(tmp_path, "1/01.flac", "2/01.flac")
    assert roots(albums(tmp_path), tmp_path) == ["1", "2"]


def test_a_library_gives_its_albums_in_order_unnamed(tmp_path: Path) -> None:
    make_album(tmp_path / "Artist B" / "Album", tracks=1, seconds=0.1)
    make_album(tmp_path / "Artist A" / "Second", tracks=1, discs=2, seconds=0.1)
    make_album(tmp_path / "Artist A" / "First", tracks=1, seconds=0.1)
    touch(tmp_path, "notes.txt")
    found = albums(tmp_path)
    assert roots(found, tmp_path) == ["Artist A/First", "Artist A/Second", "Artist B/Album"]
    assert not any(album.named for album in found)


def test_a_library_is_not_collected_before_the_first_album(tmp_path: Path) -> None:
    touch(tmp_path, "A/01.flac", "B/01.flac")
    found = scan([tmp_path])
    next(found)
    touch(tmp_path, "B/02.flac")
    second = next(found)
    assert isinstance(second, FileSet)
    assert names(second) == ["01.flac", "02.flac"]


@pytest.mark.parametrize("below", ["Bonus", "CD1/Extras", "Artwork/deeper"])
def test_audio_in_and_below_a_folder_is_refused(tmp_path: Path, below: str) -> None:
    touch(tmp_path, "Album/01.flac", f"Album/{below}/02.flac")
    found = error(tmp_path / "Album")
    assert found.reason == "ambiguous_folder"
    assert found.path == tmp_path / "Album"
    assert below in found.message
    assert "--one-album" in found.hint


def test_disc_folders_beside_other_audio_are_refused(tmp_path: Path) -> None:
    touch(tmp_path, "CD1/01.flac", "Bonus/01.flac")
    assert error(tmp_path).reason == "ambiguous_folder"


def test_an_ambiguous_folder_in_a_library_ends_alone(tmp_path: Path) -> None:
    touch(tmp_path, "A/01.flac", "B/01.flac", "B/more/02.flac", "C/01.flac")
    first, second, third = scan([tmp_path])
    assert isinstance(first, FileSet)
    assert isinstance(second, ScanError)
    assert second.path == tmp_path / "B"
    assert isinstance(third, FileSet)


def test_one_album_takes_all_audio_below_each_path(tmp_path: Path) -> None:
    touch(tmp_path, "A/01.flac", "A/more/deep/02.flac", "B/x/01.flac", "B/y/01.flac")
    first, second = albums(tmp_path / "A", tmp_path / "B", one_album=True)
    assert names(first) == ["01.flac", "more/deep/02.flac"]
    assert names(second) == ["x/01.flac", "y/01.flac"]
    assert second.named


def test_junk_and_hidden_files_are_left_out(tmp_path: Path) -> None:
    touch(tmp_path, "01.flac", "._01.flac", ".DS_Store", "Thumbs.db", "desktop.ini", "shop.URL", "a.torrent")
    touch(tmp_path, "02.flac.part", "03.flac.!qB", "x.tmp", "Album.release.toml", "rip.log")
    touch(tmp_path, ".hidden/04.flac", "@eaDir/01.flac", "__MACOSX/01.flac")
    assert names(albums(tmp_path)[0]) == ["01.flac", "rip.log"]


def test_audio_that_cannot_be_uploaded_yet_still_counts(tmp_path: Path) -> None:
    touch(tmp_path, "01.flac", "02.WV")
    assert [file.audio for file in albums(tmp_path)[0].files] == [True, True]


@pytest.mark.parametrize("name", ["empty", "scans", "cover.jpg", "film.mp4"])
def test_a_path_without_audio(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    touch(tmp_path, "scans/front.jpg", "cover.jpg", "film.mp4")
    found = error(tmp_path / name)
    assert found.reason == "no_audio"
    assert found.path == tmp_path / name
    assert error(tmp_path / name, one_album=True).reason == "no_audio"


def test_a_missing_path(tmp_path: Path) -> None:
    touch(tmp_path, "a.flac")
    assert error(tmp_path / "gone").reason == "missing"
    assert error(tmp_path / "a.flac" / "below").reason == "missing"


def test_an_album_named_twice_is_found_once_and_is_named(tmp_path: Path) -> None:
    touch(tmp_path, "Library/A/01.flac", "Library/B/01.flac")
    (tmp_path / "link").symlink_to(tmp_path / "Library" / "A")
    library = tmp_path / "Library"
    found = albums(library, library / "A", library / "A", tmp_path / "link", library / "." / "B" / ".." / "A")
    assert roots(found, tmp_path) == ["Library/A", "Library/B"]
    assert [album.named for album in found] == [True, False]


def test_links_in_a_named_path_are_kept(tmp_path: Path) -> None:
    touch(tmp_path, "Album/01.flac")
    (tmp_path / "Link").symlink_to(tmp_path / "Album")
    assert albums(tmp_path / "Link")[0].root == tmp_path / "Link"


def test_a_relative_path_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "Album/01.flac")
    monkeypatch.chdir(tmp_path / "Album")
    assert albums(Path())[0].root == tmp_path / "Album"
    assert albums(Path("../Album"))[0].name == "Album"


def test_links_to_files_are_taken_and_links_to_folders_are_not(tmp_path: Path) -> None:
    touch(tmp_path, "Album/01.flac", "elsewhere/picture.jpg")
    (tmp_path / "elsewhere" / "real.flac").write_bytes(b"12345")
    (tmp_path / "Album" / "02.flac").symlink_to(tmp_path / "elsewhere" / "real.flac")
    (tmp_path / "Album" / "loop").symlink_to(tmp_path / "Album")
    (tmp_path / "Album" / "self").symlink_to("self")
    (tmp_path / "Album" / "gone.txt").symlink_to("nowhere")
    (album,) = albums(tmp_path / "Album")
    assert names(album) == ["01.flac", "02.flac"]
    assert album.files[1].size == 5


@pytest.mark.parametrize("target", ["nowhere", "02.flac"])
def test_a_track_whose_link_leads_nowhere_is_not_left_out_silently(tmp_path: Path, target: str) -> None:
    touch(tmp_path, "01.flac")
    (tmp_path / "02.flac").symlink_to(target)
    found = error(tmp_path)
    assert found.reason == "unreadable"
    assert found.path == tmp_path / "02.flac"


def test_a_pipe_in_place_of_a_track_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "01.flac")
    os.mkfifo(tmp_path / "02.flac")
    assert error(tmp_path).reason == "unreadable"
    assert error(tmp_path / "02.flac").reason == "no_audio"


def test_names_of_any_bytes(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 \xff"))
    touch(folder, " spaces .flac", "日本.flac", "new\nline.flac")
    os.close(os.open(os.fsencode(folder) + b"/\xfe.flac", os.O_CREAT))
    (album,) = albums(tmp_path)
    assert album.root == folder
    assert [os.fsencode(name) for name in names(album)] == [
        b" spaces .flac",
        b"new\nline.flac",
        "日本.flac".encode(),
        b"\xfe.flac",
    ]


def test_a_very_deep_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deeper than Python recurses; taken down again, since pytest could not."""
    (tmp_path / "keep").touch()
    deep = tmp_path.joinpath(*["d"] * 1200)
    monkeypatch.chdir(tmp_path)
    try:
        for _ in range(1200):
            Path("d").mkdir()
            os.chdir("d")
        Path("01.flac").touch()
        (album,) = albums(tmp_path)
        (whole,) = albums(tmp_path, one_album=True)
    finally:
        Path("01.flac").unlink(missing_ok=True)
        os.chdir(tmp_path)
        os.removedirs(deep)
    assert album.root == deep
    assert len(whole.audio[0].parts) == 1201


@contextmanager
def ordinary_user() -> Iterator[Path]:
    """A folder of a user whom permission bits bind, which they do not for root."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        root = os.geteuid() == 0
        if root:
            os.chown(folder, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        try:
            yield folder
        finally:
            if root:
                os.seteuid(0)


def test_what_cannot_be_read_is_named_and_ends_alone() -> None:
    with ordinary_user() as library:
        touch(library, "A/01.flac", "B/01.flac", "C/01.flac", "C/art/x.jpg", "D/01.flac")
        (library / "A").chmod(0)
        (library / "B/01.flac").chmod(0)
        (library / "C/art").chmod(0)
        found = list(scan([library]))
        (library / "A").chmod(0o700)
        (library / "C/art").chmod(0o700)
    assert [(item.reason, item.path) for item in found if isinstance(item, ScanError)] == [
        ("unreadable", library / "A"),
        ("unreadable", library / "B/01.flac"),
        ("unreadable", library / "C/art"),
    ]
    assert [item.root for item in found if isinstance(item, FileSet)] == [library / "D"]


async def test_the_async_face_gives_the_same(tmp_path: Path) -> None:
    touch(tmp_path, "A/01.flac", "B/01.flac", "B/x/01.flac")
    first, second = [found async for found in scan_albums([tmp_path])]
    assert isinstance(first, FileSet)
    assert isinstance(second, ScanError)


NAMES = st.sampled_from(["a.flac", "b.mp3", "c.jpg", "CD1", "CD2", "Disc 3", "X", "Y", ".z", "cue.log"])


@settings(deadline=None)
@given(tree=st.sets(st.lists(NAMES, min_size=1, max_size=4).map(tuple), max_size=8))
def test_no_tree_loses_or_doubles_audio(tree: set[tuple[str, ...]]) -> None:
    """Every track that is not hidden is in one album, or below a folder that was refused."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for parts in tree:
            path = root.joinpath(*parts)
            if path.exists() or any(above.is_file() for above in path.parents):
                continue
            touch(root, "/".join(parts))
        tracks = [
            path
            for path in root.rglob("*")
            if path.suffix in {".flac", ".mp3"} and path.is_file() and ".z" not in path.parts
        ]
        found = list(scan([root]))
    refused = [item.path for item in found if isinstance(item, ScanError)]
    taken = [file.path for item in found if isinstance(item, FileSet) for file in item.audio]
    assert len(taken) == len(set(taken))
    left = set(tracks) - set(taken)
    assert all(any(path.is_relative_to(folder) for folder in refused) for path in left)
    assert not any(path.is_relative_to(folder) for path in taken for folder in refused if tracks)


def test_a_search_that_is_stopped_ends_at_the_next_folder(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / f"{number}/below/deeper/and/deeper").mkdir(parents=True)
    touch(tmp_path, "00/01.flac", "99/01.flac")
    stopped = Event()
    found = scan([tmp_path], stopped=stopped)
    assert isinstance(first := next(found), FileSet)
    assert first.root.name == "00"
    stopped.set()
    assert list(found) == []


class FaultyPath(type(Path())):  # type: ignore[misc]  # the class depends on the system
    """A path that nobody foresaw."""

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        raise ZeroDivisionError("oops")


def test_a_fault_under_one_path_names_it_and_spares_the_others(tmp_path: Path) -> None:
    touch(tmp_path, "A/01.flac", "B/01.flac", "C/01.flac")
    first, fault, last = scan([tmp_path / "A", FaultyPath(tmp_path / "B"), tmp_path / "C"])
    assert isinstance(fault, ScanError)
    assert (fault.path, fault.reason) == (tmp_path / "B", "unexpected")
    assert "unexpected ZeroDivisionError: oops" in str(fault)
    assert isinstance(first, FileSet)
    assert isinstance(last, FileSet)
