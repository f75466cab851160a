"""`mua-async hash` as its user sees it: files, refusals, exit codes."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import torf

from mua_async.cli import run

Hash = Callable[..., int]


@pytest.fixture
def album(tmp_path: Path) -> Path:
    return make_album(tmp_path / "Artist - Album")


def make_album(root: Path) -> Path:
    root.mkdir(parents=True)
    (root / "1.flac").write_bytes(bytes(range(256)) * 1000)
    (root / "2.flac").write_bytes(bytes(range(255)) * 1000)
    (root / "empty.txt").touch()
    return root


@pytest.fixture
def hash_(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hash:
    """Runs the command with a home of its own; returns the exit code."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("MUA_ASYNC_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.delenv("MUA_ASYNC_HASH_ENGINE", raising=False)
    (tmp_path / "config.toml").write_text(
        """
        [trackers.MH]
        announce_url = "https://mh.example/announce/secret-key"
        url = "https://mh.example"
        source_name = "MH"
        [trackers.OTHER]
        url = "https://other.example"
        """
    )
    return lambda *arguments: run(["hash", *map(str, arguments)])


def test_a_private_torrent_that_torf_agrees_with(album: Path, hash_: Hash) -> None:
    assert (
        hash_(album, "--announce", "https://a.example/ann", "--source", "SRC", "--piece-length", "64K") == 0
    )
    made = torf.Torrent.read(Path("Artist - Album.torrent"))
    expected = torf.Torrent(
        album, piece_size=65536, private=True, source="SRC", trackers=["https://a.example/ann"]
    )
    expected.generate()
    assert made.infohash == expected.infohash
    assert made.private
    assert str(made.trackers[0][0]) == "https://a.example/ann"
    assert stat.S_IMODE(os.stat("Artist - Album.torrent").st_mode) == 0o600


def test_a_torrent_for_each_tracker_in_a_folder_that_is_made(
    album: Path, hash_: Hash, tmp_path: Path
) -> None:
    folder = tmp_path / "new" / "torrents"
    assert hash_(album, "--tracker", "mh", "-o", folder) == 0
    made = torf.Torrent.read(folder / "Artist - Album.[MH].torrent")
    assert (made.source, str(made.trackers[0][0])) == ("MH", "https://mh.example/announce/secret-key")


def add_tracker(folder: Path, name: str, rules: str) -> None:
    """A module of the user's beside the configuration, with rules of its own, and its table."""
    (folder / "trackers").mkdir(exist_ok=True)
    (folder / "trackers" / f"{name}_tracker.py").write_text(
        "from pipeline.model.rules import SiteRules\n"
        "from trackers.generic_tracker import GenericTracker\n"
        f"class {name.title()}Tracker(GenericTracker):\n    rules = SiteRules({rules})\n"
    )
    with open(folder / "config.toml", "a") as config:
        config.write(f"""
        [trackers.{name.upper()}]
        url = "https://{name}.example"
        announce_url = "https://{name}.example/announce"
        source_name = "{name}"
        """)


def test_trackers_with_pieces_of_different_lengths(tmp_path: Path, hash_: Hash) -> None:
    album = make_album(tmp_path / "Album")
    (album / "3.flac").write_bytes(bytes(range(251)) * 140_000)
    add_tracker(tmp_path, "small", "piece_length_max=16384")
    assert hash_(album, "--tracker", "MH", "--tracker", "SMALL") == 0
    for name, source, length in (("MH", "MH", 32768), ("SMALL", "small", 16384)):
        made = torf.Torrent.read(Path(f"Album.[{name}].torrent"))
        expected = torf.Torrent(album, piece_size=length, private=True, source=source)
        expected.generate()
        assert (made.piece_size, made.infohash) == (length, expected.infohash)


def test_a_wanted_piece_length_that_makes_the_torrent_too_large_is_refused(
    tmp_path: Path, hash_: Hash, capsys: pytest.CaptureFixture[str]
) -> None:
    album = make_album(tmp_path / "Album")
    (album / "3.flac").write_bytes(bytes(4_000_000))
    add_tracker(tmp_path, "small", "torrent_bytes_max=4000")
    assert hash_(album, "--tracker", "SMALL", "--piece-length", "16K") == 1
    assert "more than 4000 bytes (the site takes no larger one: choose longer" in capsys.readouterr().err
    assert os.listdir() == []
    assert hash_(album, "--tracker", "SMALL", "--piece-length", "128K") == 0


def test_a_library_and_a_single_file(tmp_path: Path, hash_: Hash) -> None:
    for number in range(20):
        make_album(tmp_path / "library" / f"Album {number:02}")
    single = make_album(tmp_path / "singles") / "1.flac"
    assert hash_(tmp_path / "library", single) == 0
    assert sorted(os.listdir()) == ["1.flac.torrent", *(f"Album {number:02}.torrent" for number in range(20))]


def test_what_is_there_is_overwritten_only_with_force(
    album: Path, hash_: Hash, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("Artist - Album.torrent").write_bytes(b"mine")
    assert hash_(album) == 1
    assert "exists (--force overwrites it)" in capsys.readouterr().err
    assert Path("Artist - Album.torrent").read_bytes() == b"mine"
    assert hash_(album, "--force") == 0
    assert torf.Torrent.read(Path("Artist - Album.torrent")).name == "Artist - Album"


def test_two_albums_of_one_name_do_not_overwrite_each_other(
    tmp_path: Path, hash_: Hash, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hash_(make_album(tmp_path / "a" / "Same"), make_album(tmp_path / "b" / "Same"), "--force") == 1
    assert "another album's torrent in this run" in capsys.readouterr().err
    assert os.listdir() == ["Same.torrent"]


@pytest.mark.parametrize("below", ["", "torrents", "deep/er"])
def test_the_output_is_never_inside_the_album(
    album: Path, hash_: Hash, capsys: pytest.CaptureFixture[str], below: str
) -> None:
    before = sorted(album.rglob("*"))
    assert hash_(album.parent, "-o", album / below) == 2
    assert "lies in the album" in capsys.readouterr().err
    assert sorted(album.rglob("*")) == before


def test_a_folder_that_cannot_be_made_is_told_before_anything_is_hashed(
    tmp_path: Path, album: Path, hash_: Hash, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert hash_(album, "-o", tmp_path / "file" / "torrents", "--json") == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "file/torrents cannot be written: Not a directory (name another folder" in captured.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told_before_anything_is_hashed(
    tmp_path: Path, album: Path, hash_: Hash, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    assert hash_(album, "-o", tmp_path / "locked", "--json") == 2
    assert "locked cannot be written: Permission denied" in capsys.readouterr().err


def test_the_output_may_lie_in_a_library(album: Path, hash_: Hash) -> None:
    assert hash_(album.parent, "-o", album.parent / "torrents") == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--tracker", "MH", "--announce", "https://a.example"), "not for use with --tracker"),
        (("--tracker", "OTHER"), "trackers.OTHER.announce_url is missing"),
        (("--piece-length", "100K"), "100K is no power of two from 16 KiB to 128 MiB"),
        (("--piece-length", "8K"), "8K is no power of two"),
        (("--piece-length", "256M"), "256M is no power of two"),
        (("--piece-length", "1G"), "1G is no power of two"),
        (("--piece-length", "one"), "one is no power of two"),
        (("--tracker", "MH", "--announce", ""), "'--announce': must be a whole address"),
        (("--announce", "a.example"), "'--announce': must be a whole address"),
        (("--announce", "ftp://a.example"), "'--announce': must begin with"),
        (("--source", ""), "'--source': is empty"),
    ],
)
def test_wrong_arguments_make_nothing(
    album: Path, hash_: Hash, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    assert hash_(album, *arguments) == 2
    assert message in capsys.readouterr().err
    assert os.listdir() == []


def test_a_missing_path_makes_nothing(album: Path, hash_: Hash) -> None:
    assert hash_(album, album / "nothing") == 2
    assert os.listdir() == []


@pytest.mark.parametrize(
    ("text", "length"), [("65536", 65536), ("16k", 16384), ("1MiB", 2**20), ("128 M", 2**27)]
)
def test_piece_lengths_are_binary(album: Path, hash_: Hash, text: str, length: int) -> None:
    assert hash_(album, "--piece-length", text) == 0
    assert torf.Torrent.read(Path("Artist - Album.torrent"), validate=False).piece_size == length


def test_a_link_to_nothing_is_a_missing_path(tmp_path: Path, hash_: Hash) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    assert hash_(tmp_path / "link") == 2


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--json",), 1)])
def test_a_full_disk_behind_stdout(
    album: Path, hash_: Hash, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], code: int
) -> None:
    with open("/dev/full", "w") as full:
        monkeypatch.setattr("sys.stdout", full)
        assert hash_(album, *options) == code
    assert os.listdir() == ["Artist - Album.torrent"]


def test_a_name_that_is_not_utf8_is_refused_with_the_file(
    album: Path, hash_: Hash, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(os.fsdecode(os.fsencode(album) + b"/caf\xe9.flac")).write_bytes(b"x" * 100)
    assert hash_(album) == 1
    assert "caf\\xe9.flac has a name that is not UTF-8" in capsys.readouterr().err
    assert os.listdir() == []


def test_one_broken_album_leaves_the_others_alone(
    tmp_path: Path, hash_: Hash, capsys: pytest.CaptureFixture[str]
) -> None:
    good, empty = make_album(tmp_path / "Good"), tmp_path / "Empty"
    empty.mkdir()
    (empty / "1.flac").touch()
    assert hash_(empty, good) == 1
    assert "holds nothing but empty files" in capsys.readouterr().err
    assert os.listdir() == ["Good.torrent"]


def test_json_lines(album: Path, hash_: Hash, capsys: pytest.CaptureFixture[str]) -> None:
    assert hash_(album, "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in lines] == [
        "run_started",
        "album_found",
        "bytes_hashed",
        "pieces_hashed",
        "torrent_ready",
        "run_finished",
    ]
    assert not any("content_id" in line for line in lines)  # no tags were read
    assert lines[-2]["path"] == str(Path.cwd() / "Artist - Album.torrent")
    assert (lines[-1]["exit_code"], lines[-1]["counts"]["done"]) == (0, 1)


@pytest.mark.parametrize("engine", ["auto", "hashlib"])
def test_the_engine_is_chosen_by_the_environment(
    album: Path, hash_: Hash, monkeypatch: pytest.MonkeyPatch, engine: str, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MUA_ASYNC_HASH_ENGINE", engine)
    assert hash_(album) == 0
    run(["doctor"])
    assert ("hashing: hashlib" in capsys.readouterr().out) or engine == "auto"


def test_a_wrong_engine_is_refused(
    album: Path, hash_: Hash, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MUA_ASYNC_HASH_ENGINE", "fast")
    assert hash_(album) == 2
    assert "'fast' is no hashing engine" in capsys.readouterr().err
