"""`tracker remove`: the table goes, all else stays, and what is left elsewhere is told."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from mua_async.cli import run
from tests.support.terminal import converse

TEXT = """\
# my trackers
default_trackers = ["MH", "sp"]  # both

# the first one
[trackers.MH]
url = "https://musichaven.example"  # its address
note = '''
[trackers.SP]
# not a header, and no comment
'''
api_key = "keyring:mua-async/MH"

[trackers.MH.category_ids]
ALBUM = "5"
# of the next

[trackers.sp]  # Seedpool
api_key = "a-key-in-the-file"
# at the end
"""
WITHOUT_MH = """\
# my trackers
default_trackers = ["sp"]  # both

# the first one
# of the next

[trackers.sp]  # Seedpool
api_key = "a-key-in-the-file"
# at the end
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(TEXT)
    return path


def remove(file: Path, *arguments: str) -> int:
    return run(["tracker", "remove", *arguments, "--config", str(file)])


def test_the_table_goes_and_the_comments_of_others_stay(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert remove(file, "mh", "--yes") == 0
    assert file.read_text() == WITHOUT_MH
    assert file.stat().st_mode & 0o777 == 0o600
    shown = capsys.readouterr().out
    assert f"MH was taken out of {file}" in shown
    assert "default_trackers named it too; they are now SP" in shown
    assert "api_key is still where it was: keyring:mua-async/MH" in shown


def test_the_last_default_goes_too(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert remove(file, "MH", "--yes") == 0
    assert remove(file, "SP", "--yes") == 0
    assert "they are now none" in capsys.readouterr().out
    document = tomllib.loads(file.read_text())
    assert document == {"default_trackers": []}
    assert [line for line in file.read_text().splitlines() if "#" in line] == [
        "# my trackers",
        "default_trackers = []  # both",
        "# the first one",
        "# of the next",
        "# at the end",
    ]


def test_a_module_that_is_left_is_told(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (file.parent / "trackers").mkdir()
    (file.parent / "trackers/mh_tracker.py").write_text("")
    assert remove(file, "MH", "--yes", "--json") == 0
    line = json.loads(capsys.readouterr().out)
    assert line["event"] == "tracker_removed"
    assert any("your module of MH" in note for note in line["notes"])


def test_nobody_is_there_to_ask(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert remove(file, "MH") == 2
    assert "--yes removes without asking" in capsys.readouterr().err
    assert file.read_text() == TEXT


@pytest.mark.parametrize(
    ("tracker_id", "told"), [("YUS", "tracker YUS is not configured"), ("ZZ9", "no tracker is called ZZ9")]
)
def test_there_is_nothing_to_remove(
    file: Path, capsys: pytest.CaptureFixture[str], tracker_id: str, told: str
) -> None:
    assert remove(file, tracker_id, "--yes") == 2
    assert told in capsys.readouterr().err
    assert file.read_text() == TEXT


def test_a_terminal_is_asked(file: Path) -> None:
    command = ["tracker", "remove", "MH", "--config", str(file)]
    talk = converse(command, [("Take MH out", "")])
    assert talk.code == 1
    assert file.read_text() == TEXT
    talk = converse(command, [("Take MH out", "perhaps"), ("Take MH out", "Yes")])
    assert talk.code == 0
    assert talk.says("write yes or no")
    assert file.read_text() == WITHOUT_MH


def test_json_stays_json(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text('{"default_trackers": ["MH"], "trackers": {"MH": {}, "SP": {"anon": true}}}')
    assert remove(file, "MH", "--yes") == 0
    assert json.loads(file.read_text()) == {"default_trackers": [], "trackers": {"SP": {"anon": True}}}
