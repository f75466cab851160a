"""`tracker test` of several trackers: all are asked, whatever one of them says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal

from mua_async.commands.tracker.site_ids import IdFinding
from tests.support.audio import make_album
from tests.support.program import Program

MH_MODULE = "from trackers.mh_tracker import MHTracker as Ours\nclass MHTracker(Ours):\n    pass\n"


def module_text(constructor: str) -> str:
    return (
        "from mua_async.adapter import GenericTracker\n"
        "class YUSTracker(GenericTracker):\n"
        "    def __init__(self, *arguments):\n"
        f"        {constructor}\n"
    )


@pytest.fixture
def program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Program]:
    with start_blocking_portal() as portal, Program(tmp_path, portal, capsys) as program:
        yield program


def test_all_are_tested_and_one_that_fails_is_told(program: Program) -> None:
    program.add_site("SP", {"api_key": "another-key"})
    program.add_site("YUS")
    program.add_site("MH", {"enabled": False})
    finished = program("tracker", "test", "all", "--json")
    assert finished.code == 1
    keys = [line for line in finished.lines if line["check"] == "key"]
    assert {line["tracker"]: line["ok"] for line in keys} == {"SP": False, "YUS": True}
    finished = program("tracker", "test", "SP", "yus")
    assert finished.code == 1
    assert finished.says("SP: key: PROBLEM", "YUS: key: ok")


def test_a_key_that_nothing_proves_is_not_called_good(program: Program) -> None:
    program.add_site("MH")
    finished = program("tracker", "test", "MH", "--json")
    assert finished.code == 0
    assert [line["ok"] for line in finished.lines] == [True, None]
    assert program("tracker", "test", "MH").says("MH: key: not proved: ")


def test_ids_are_compared_with_what_the_site_calls_them(program: Program, tmp_path: Path) -> None:
    categories = {"ALBUM": "5", "SINGLE": "6", "EP": "99"}
    names = {"category_names": {"5": "Music", "6": "Movies"}, "type_names": {"11": "FLAC", "16": "Full Disc"}}
    formats = {"FLAC": "11", "WAV": "16", "MP3": "13"}
    program.add_site("SP", {"category_ids": categories, "format_ids": formats}, **names)
    assert program("tracker", "test", "SP").code == 0, "an empty site tells nothing"
    album = make_album(tmp_path / "album")
    assert program.upload(album, "--release-type", "album").code == 0
    program.tables["SP"]["format_ids"] = {"FLAC": "16"}
    single = make_album(tmp_path / "single", title="Second Light", tracks=2)
    assert program.upload(single, "--release-type", "single").code == 0
    program.tables["SP"]["format_ids"] = formats
    finished = program("tracker", "test", "SP")
    assert finished.code == 0
    assert 'SP: category_ids: ok: ALBUM = 5 -> "Music"\n' in finished.out
    wrong = 'SINGLE = 6 -> "Movies": that does not look right, check trackers.SP.category_ids.SINGLE'
    assert f"SP: category_ids: warning: {wrong}\n" in finished.out
    told = 'trackers.SP.category_ids.EP = "99": the site has no such category'
    assert f"SP: category_ids: warning: {told}, or nothing is in it yet\n" in finished.out
    assert 'SP: format_ids: ok: FLAC = 11 -> "FLAC"\n' in finished.out
    assert 'SP: format_ids: warning: WAV = 16 -> "Full Disc"' in finished.out
    assert 'SP: format_ids: not proved: trackers.SP.format_ids.MP3 = "13"' in finished.out
    lines = program("tracker", "test", "SP", "--json").lines
    assert {line["verdict"]: line["ok"] for line in lines} == {
        "ok": True,
        "warning": None,
        "not proved": None,
    }
    quiet = program("tracker", "test", "SP", "--quiet").out
    assert [line.split(": ")[2] for line in quiet.splitlines()] == ["warning"] * 3


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("raise SystemExit(9)", "YUS: configuration: PROBLEM: "),
        (module_text("raise SystemExit(9)"), "YUS: configuration: PROBLEM: the adapter YUSTracker of YUS"),
    ],
)
@pytest.mark.parametrize("offline", [["--offline"], []])
def test_one_that_is_broken_leaves_the_others_to_be_tested(
    program: Program, module: str, words: str, offline: list[str]
) -> None:
    program.add_site("SP")
    program.add_site("YUS")
    (program.folder / "trackers").mkdir()
    (program.folder / "trackers/yus_tracker.py").write_text(module)
    finished = program("tracker", "test", "all", *offline)
    assert finished.code == 1
    assert finished.says(words, "SystemExit: 9", "SP: configuration: ok: complete")
    assert finished.says("SP: conformance: ok" if offline else "SP: key: ok")


def test_one_with_wrong_keys_in_its_table_leaves_the_others_to_be_tested(program: Program) -> None:
    program.add_site("SP")
    program.add_site("YUS", {"anon": 5})
    finished = program("tracker", "test", "all")
    assert finished.code == 1
    assert finished.says("YUS: configuration: PROBLEM: trackers.YUS.anon: must be true", "SP: key: ok")


@pytest.mark.parametrize("offline", [["--offline"], []])
def test_without_ids_nothing_can_be_uploaded(program: Program, offline: list[str]) -> None:
    program.add_site("SP", {"type": "unit3d"})
    finished = program("tracker", "test", "SP", *offline)
    assert finished.code == 1
    for table in ("category_ids", "format_ids"):
        assert finished.says(f"SP: configuration: PROBLEM: trackers.SP.{table} has no ids, so that nothing")
    assert not finished.says("complete")


def test_what_the_adapter_prints_is_not_for_scripts(program: Program) -> None:
    program.add_site("MH")
    (program.folder / "trackers").mkdir()
    (program.folder / "trackers/mh_tracker.py").write_text(f"print('hello')\n{MH_MODULE}")
    (program.folder / "trackers/test_mh_tracker.py").write_text("print('from the test')")
    finished = program("tracker", "test", "MH", "--offline", "--json")
    assert {line["event"] for line in finished.lines} == {"tracker_tested"}
    assert "hello" in finished.err
    assert "from the test" in finished.err


@pytest.mark.parametrize(
    ("table", "key", "name", "mismatch"),
    [
        ("category_ids", "ALBUM", "Music", False),
        ("category_ids", "ALBUM", "Musique", False),
        ("category_ids", "LIVE", "Music Videos", True),
        ("category_ids", "ALBUM", "Applications", True),
        ("category_ids", "ALBUM", "Audio Books", True),
        ("category_ids", "SOUNDTRACK", "Movie Soundtracks", False),
        ("category_ids", "ALBUM", "Lossless", False),
        ("format_ids", "FLAC", "FLAC 24 bit", False),
        ("format_ids", "FLAC", "MP3", True),
        ("format_ids", "FLAC", "Remux", True),
        ("format_ids", "FLAC", "Lossless", False),
        ("format_ids", "MP3", "Lossless", True),
        ("format_ids", "AAC", "M4A", False),
        ("format_ids", "*", "MP3", False),
        ("format_ids", "*", "WEB-DL", True),
        ("format_ids", "FLAC", "Other", False),
    ],
)
def test_which_names_do_not_fit(table: str, key: str, name: str, mismatch: bool) -> None:
    assert IdFinding(table, key, "1", name).mismatch is mismatch
