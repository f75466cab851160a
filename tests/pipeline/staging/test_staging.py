"""An album whose names a site refuses gets a tree of links with better ones; the library stays as it is."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import HashError, StageError
from pipeline.hashing.job import check_unchanged
from pipeline.model.files import FileSet
from pipeline.model.rules import SiteRules
from pipeline.rules.paths import path_problems
from pipeline.scan import scan
from pipeline.staging import links, stage
from tests.support.filesets import write_files, write_single

STRICT = SiteRules(
    path_length=180,
    inner_path_length=120,
    file_name_bytes=100,
    forbidden_characters='\\/?<>:*|"' + "".join(map(chr, range(32))),
    windows_names=True,
    forbidden_prefixes=("~", "INCOMPLETE~"),
)
GAZELLE = SiteRules(path_length=180, forbidden_characters=':?<>\\*|"', forbidden_prefixes=("INCOMPLETE~",))
LENIENT = SiteRules()


def staged_names(files: FileSet) -> list[str]:
    return [file.path.relative_to(files.root.parent).as_posix() for file in files.files]


def state(root: Path) -> dict[str, tuple[int, int, bytes]]:
    """What must not change of a library: names, sizes, times and bytes."""
    return {
        str(path): (
            path.stat().st_size,
            path.stat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in [root, *root.rglob("*")]
    }


@pytest.fixture
def library(tmp_path: Path) -> Path:
    (tmp_path / "library").mkdir()
    return tmp_path / "library"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "staging"


def test_names_that_are_taken_stay_where_they_are(library: Path, folder: Path) -> None:
    files = write_files(library / "Album", {"01 - Song.flac": b"1", "cover.jpg": b"2"})
    assert stage(files, [STRICT, GAZELLE], folder) is files
    assert stage(write_files(library / "A?", {"1?.flac": b"1"}), [], folder).root == library / "A?"
    assert not folder.exists()


@pytest.mark.parametrize(
    ("name", "repaired"),
    [
        ("01 - Title: Subtitle.flac", "01 - Title - Subtitle.flac"),
        ("01 - 12:34.flac", "01 - 12-34.flac"),
        ("01 - Who?.flac", "01 - Who.flac"),
        ("01 - Who ?.flac", "01 - Who.flac"),
        ('01 - "Heroes".flac', "01 - 'Heroes'.flac"),
        ("01 - A*B <C> D|E\\F.flac", "01 - AB -C- D-E-F.flac"),
        ("01 - zero\u200bwidth\x07.flac", "01 - zerowidth.flac"),
        ("~~INCOMPLETE~01.flac", "01.flac"),
        ("?.flac", "_.flac"),
        ("con.flac", "con_.flac"),
        ("LPT1", "LPT1_"),
        ("notes. .", "notes"),
        ("...", "_"),
        (".pad01", "01"),
        ("caf\udce9?.flac", "caf_.flac"),
        ("\u200b", "_"),
    ],
)
def test_a_refused_name_is_repaired(name: str, repaired: str, library: Path, folder: Path) -> None:
    files = write_files(library / "Album", {name: b"sound"})
    staged = stage(files, [STRICT], folder)
    assert staged_names(staged) == [f"Album/{repaired}"]
    assert staged.root == folder / "Album"
    assert staged.files[0].path.read_bytes() == b"sound"


def test_the_folders_are_repaired_too(library: Path, folder: Path) -> None:
    files = write_files(library / "Live: 1999?", {"CD1: Day/01.flac": b"1", "CD2: Night/01.flac": b"2"})
    assert staged_names(stage(files, [GAZELLE], folder)) == [
        "Live - 1999/CD1 - Day/01.flac",
        "Live - 1999/CD2 - Night/01.flac",
    ]


def test_a_single_file_is_staged_as_one(library: Path, folder: Path) -> None:
    staged = stage(write_single(library / "Why?.flac", b"1"), [STRICT], folder)
    assert staged.single
    assert staged.root == staged.files[0].path == folder / "Why.flac"
    assert staged.name == "Why.flac"


def test_one_tree_serves_all_sites(library: Path, folder: Path) -> None:
    files = write_files(library / "Album", {"~1.flac": b"1", "2<.flac": b"2"})
    only_tilde = SiteRules(forbidden_prefixes=("~",))
    only_angle = SiteRules(forbidden_characters="<")
    assert staged_names(stage(files, [only_tilde, LENIENT, only_angle], folder)) == [
        "Album/1.flac",
        "Album/2-.flac",
    ]


def test_names_that_would_become_the_same_are_told_apart(library: Path, folder: Path) -> None:
    contents = {
        "Why.flac": b"a",
        "Why?.flac": b"b",
        "why*.flac": b"c",
        "CD?/1.flac": b"d",
        "CD*/1.flac": b"e",
    }
    staged = stage(write_files(library / "Album", contents), [STRICT], folder)
    assert {name: (folder / name).read_bytes() for name in staged_names(staged)} == {
        "Album/Why.flac": b"a",
        "Album/Why (2).flac": b"b",
        "Album/why (3).flac": b"c",
        "Album/CD (2)/1.flac": b"d",
        "Album/CD/1.flac": b"e",
    }


def test_a_long_name_keeps_its_number_and_extension(library: Path, folder: Path) -> None:
    name = "01 - " + "long " * 40 + ".flac"
    staged = stage(write_files(library / "Album", {name: b"1"}), [STRICT], folder)
    (new,) = staged.files[0].parts
    assert new.startswith("01 - long long")
    assert new.endswith("long.flac")
    assert 90 < len(new) <= 100


@pytest.mark.parametrize(
    "letter", ["e\u0301", "\U0001f1eb\U0001f1f7", "\U0001f44d\U0001f3fd", "\u1112\u1161\u11ab"]
)
@pytest.mark.parametrize("room", range(10, 19))
def test_a_cut_tears_no_letter_from_its_accent(letter: str, room: int, library: Path, folder: Path) -> None:
    files = write_files(library / "A", {letter * 9 + ".mp3": b"1"})
    staged = stage(files, [SiteRules(inner_path_length=room)], folder)
    stem = staged.files[0].parts[0].removesuffix(".mp3")
    assert stem == letter * (len(stem) // len(letter))
    assert len(stem) + len(letter) > room - 4 or len(stem) == len(letter) * 9


def test_folders_that_leave_no_room_are_refused(library: Path, folder: Path) -> None:
    files = write_files(library / ("x" * 100), {"CD1/01 Song.flac": b"1"})
    with pytest.raises(StageError) as raised:
        stage(files, [SiteRules(path_length=106)], folder)
    assert raised.value.reason == "stage"
    assert raised.value.path == files.files[0].path
    assert not folder.exists()


def test_the_torrent_order_is_that_of_the_scan(library: Path, folder: Path) -> None:
    files = write_files(
        library / "Album", {":b.flac": b"1", "a.flac": b"2", "c?/1.flac": b"3", "Z.flac": b"4"}
    )
    staged = stage(files, [STRICT], folder)
    (found,) = [album for album in scan([staged.root], one_album=True) if isinstance(album, FileSet)]
    assert found == evolve(staged, named=True, staged_from=None)


def test_the_staged_files_pass_for_unchanged_and_the_library_stays(library: Path, folder: Path) -> None:
    files = write_files(library / "Album?", {"1?.flac": b"1" * 5000, "a/2.flac": b"2"})
    before = state(library)
    staged = stage(files, [STRICT], folder)
    check_unchanged(staged)
    assert state(library) == before
    assert {file.path.read_bytes() for file in staged.files} == {b"1" * 5000, b"2"}


def test_a_second_time_finds_the_same_tree(library: Path, folder: Path) -> None:
    files = write_files(library / "Album?", {"1?.flac": b"1", "2.flac": b"2"})
    first = stage(files, [STRICT], folder)
    (folder / "Album" / "2.flac").unlink()  # as after a crash
    second = stage(files, [STRICT], folder)
    third = stage(files, [STRICT], folder)
    assert staged_names(first) == staged_names(second)
    assert third == second


def test_a_symbolic_link_in_the_library_leads_to_the_music(library: Path, folder: Path) -> None:
    (library / "elsewhere.flac").write_bytes(b"sound")
    (library / "Album").mkdir()
    (library / "Album" / "1?.flac").symlink_to(library / "elsewhere.flac")
    (files,) = [album for album in scan([library / "Album"]) if isinstance(album, FileSet)]
    (staged,) = stage(files, [STRICT], folder).files
    assert not staged.path.is_symlink()
    assert staged.path.read_bytes() == b"sound"


@pytest.mark.parametrize("name", ["Album/other.txt", "Album/1.flac", "Album/1.flac/below", "Album/empty/"])
def test_what_stands_in_the_way_is_named_and_kept(name: str, library: Path, folder: Path) -> None:
    files = write_files(library / "Album", {"1?.flac": b"1"})
    other = folder / name
    other.parent.mkdir(parents=True)
    if name.endswith("/"):
        other.mkdir()
    else:
        other.write_bytes(b"mine")
    with pytest.raises(StageError, match="is in the way") as raised:
        stage(files, [STRICT], folder)
    assert str(raised.value.path) in str(other)
    assert other.is_dir() or other.read_bytes() == b"mine"


def test_a_symbolic_link_in_the_way_is_not_followed(library: Path, folder: Path) -> None:
    files = write_files(library / "Album", {"1?.flac": b"1"})
    (folder.parent / "target").mkdir()
    folder.mkdir()
    (folder / "Album").symlink_to(folder.parent / "target")
    with pytest.raises(StageError, match="is in the way"):
        stage(files, [STRICT], folder)
    assert not list((folder.parent / "target").iterdir())


@pytest.mark.parametrize("place", [".", "Album?", "Album?/staging", "link/staging"])
def test_staging_and_library_lie_apart(place: str, library: Path) -> None:
    files = write_files(library / "Album?", {"1?.flac": b"1"})
    (library / "link").symlink_to(library / "Album?")
    before = state(library)
    with pytest.raises(StageError, match="one lies in the other"):
        stage(files, [STRICT], library / place)
    assert state(library) == before


def test_a_file_that_has_changed_is_not_staged(library: Path, folder: Path) -> None:
    files = write_files(library / "Album?", {"1?.flac": b"1"})
    files.files[0].path.write_bytes(b"other")
    with pytest.raises(HashError, match="has changed"):
        stage(files, [STRICT], folder)


def test_a_file_that_is_gone_is_named(library: Path, folder: Path) -> None:
    files = write_files(library / "Album?", {"1?.flac": b"1"})
    files.files[0].path.unlink()
    with pytest.raises(HashError, match=r"1\?.flac has vanished"):
        stage(files, [STRICT], folder)


@pytest.mark.skipif(not os.path.isdir("/dev/shm"), reason="needs a second file system")
def test_another_file_system_is_refused_without_a_copy(library: Path) -> None:
    files = write_files(library / "Album?", {"1?.flac": b"1"})
    with TemporaryDirectory(dir="/dev/shm") as elsewhere:
        if os.stat(elsewhere).st_dev == os.stat(library).st_dev:
            pytest.skip("the temporary folder lies on the same file system")
        with pytest.raises(StageError, match="same file system as the music"):
            stage(files, [STRICT], Path(elsewhere))
        assert not [path for path in Path(elsewhere).rglob("*") if path.is_file()]


def test_a_reflink_that_fails_half_way_leaves_nothing(library: Path, folder: Path) -> None:
    """A folder cannot be read as a file, which is where a reflink begins."""
    folder.mkdir()
    with pytest.raises(OSError, match=os.strerror(errno.EISDIR)):
        links.link(library, folder / "target")
    assert not list(folder.iterdir())


AWKWARD = st.sampled_from(
    [
        ":",
        "?",
        "*",
        '"',
        "<",
        "|",
        "\\",
        ".",
        " ",
        "~",
        "_",
        "-",
        "'",
        "\u200b",
        "\x07",
        "e\u0301",
        "\U0001f1eb",
    ]
)
NAMES = (
    st.lists(
        st.one_of(AWKWARD, st.sampled_from(["con", "nul", ".pad", "01", "é", "音", "long " * 12, "a", "A"])),
        max_size=9,
    )
    .map(lambda pieces: "".join(pieces))
    .flatmap(lambda stem: st.sampled_from([stem, f"{stem}.flac", f"{stem}.mp3"]))
    .filter(lambda name: name not in {"", ".", ".."} and len(name.encode()) <= 120)
)
ALIKE = st.sampled_from(["a", "a?", "a*", "?a", "~a", "a.", "a.mp3", "a?.mp3", "A*.mp3"])
NAMES = st.one_of(NAMES, ALIKE)
FOLDERS = NAMES.filter(lambda name: len(name.encode()) <= 60)
PATHS: st.SearchStrategy[list[tuple[str, ...]]] = st.lists(
    st.one_of(st.tuples(NAMES), st.tuples(FOLDERS, NAMES)), min_size=1, max_size=8, unique=True
)
RULES = st.lists(
    st.builds(
        SiteRules,
        path_length=st.sampled_from([None, 180, 150]),
        inner_path_length=st.sampled_from([None, 120]),
        file_name_bytes=st.sampled_from([255, 80, 40]),
        forbidden_characters=st.sampled_from(
            ["", STRICT.forbidden_characters, GAZELLE.forbidden_characters, "'-a"]
        ),
        windows_names=st.booleans(),
        forbidden_prefixes=st.sampled_from([(), ("~",), ("INCOMPLETE~", "0"), ("-", "~a")]),
    ),
    min_size=1,
    max_size=3,
)


def without_clashes(paths: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """No name can be a file and a folder at once."""
    folders = {path[:1] for path in paths if len(path) > 1}
    return [path for path in paths if path not in folders]


@settings(max_examples=150)
@given(top=FOLDERS, paths=PATHS.map(without_clashes), rules=RULES)
def test_every_site_takes_the_staged_names(
    top: str, paths: list[tuple[str, ...]], rules: list[SiteRules]
) -> None:
    with TemporaryDirectory() as temporary:
        library, folder = Path(temporary, "library"), Path(temporary, "staging")
        contents = {"/".join(path): str(number).encode() for number, path in enumerate(paths)}
        files = write_files(library / top, contents)
        before = state(library)
        staged = stage(files, rules, folder)
        assert state(library) == before
        assert [path_problems(staged, each) for each in rules] == [[] for _ in rules]
        assert len({file.parts for file in staged.files}) == len(paths)
        assert {file.path.read_bytes() for file in staged.files} == set(contents.values())
        assert stage(evolve(files, files=files.files[::-1]), rules, folder).root == staged.root
        if staged is not files:
            check_unchanged(staged)
            assert stage(files, rules, folder) == staged
            assert stage(staged, rules, folder) is staged
