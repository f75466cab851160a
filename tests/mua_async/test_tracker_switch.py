"""`tracker enable` and `tracker disable`: one key changes, and nothing else of the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mua_async.cli import run

TEXT = """\
[trackers.MH]
url = "https://musichaven.example"  # the address
enabled = true  # for now

# Seedpool
[trackers.SP]
api_key = "env:SP_KEY"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(TEXT)
    path.chmod(0o600)
    return path


def switch(file: Path, *arguments: str) -> int:
    return run(["tracker", *arguments, "--config", str(file)])


def test_off_and_on(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert switch(file, "disable", "mh") == 0
    assert file.read_text() == TEXT.replace("enabled = true", "enabled = false")
    assert capsys.readouterr().out == "MH is disabled\n"
    assert switch(file, "test", "MH", "--offline") == 2
    assert "trackers.MH is disabled" in capsys.readouterr().err
    assert switch(file, "enable", "MH") == 0
    assert file.read_text() == TEXT
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_key_that_was_not_written_is_added(file: Path) -> None:
    assert switch(file, "disable", "SP") == 0
    assert file.read_text() == TEXT + "enabled = false\n"


def test_what_is_so_already_is_left(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = file.stat().st_mtime_ns
    assert switch(file, "enable", "SP") == 0
    assert capsys.readouterr().out == "SP is enabled already\n"
    assert switch(file, "enable", "SP", "--json") == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["event"], line["tracker"], line["changed"]) == ("tracker_enabled", "SP", False)
    assert file.stat().st_mtime_ns == before


def test_a_broken_table_can_be_switched_off(file: Path) -> None:
    file.write_text(TEXT + "nonsense = 1\n")
    assert switch(file, "disable", "SP") == 0
    assert "enabled = false" in file.read_text()


@pytest.mark.parametrize(
    ("tracker_id", "told"), [("YUS", "tracker add YUS"), ("ZZ9", "no tracker is called ZZ9")]
)
def test_what_has_no_table(
    file: Path, capsys: pytest.CaptureFixture[str], tracker_id: str, told: str
) -> None:
    for word in ("enable", "disable"):
        assert switch(file, word, tracker_id) == 2
        assert told in capsys.readouterr().err
    assert file.read_text() == TEXT
