"""`config import`: what the old tool was told is taken over, and each setting is accounted for."""

from __future__ import annotations

import json
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mua_async.cli import run
from mua_async.config.old_file import OldFile, read_old_file
from mua_async.config.old_tool import translate
from mua_async.config.schema import check_tracker
from pipeline.errors import UsageError

KEY, PASSKEY = "k3y-of-the-user-0001", "passkey0passkey0passkey0passkey0"
ANNOUNCE = f"https://mine.example/announce/{PASSKEY}"
OLD: dict[str, Any] = {
    "app_name": "Music-Upload-Tool",
    "uploader_name": "somebody",
    "description": {"template": "perfect_album", "include_cover_in_description": True},
    "qbittorrent": {"enabled": True, "host": "http://localhost:8080", "password": "s3cret-of-the-client"},
    "torrent": {"piece_size": "auto"},
    "trackers": {
        "mine": {
            "enabled": "true",
            "name": "Mine",
            "base_url": "https://mine.example/",
            "announce_url": ANNOUNCE,
            "api_key": KEY,
            "upload_url": "https://mine.example/api/torrents/upload",
            "anon": "no",
            "use_api": True,
            "category_ids": {"ALBUM": "5", "MOVIE": "1"},
            "format_ids": {"FLAC": "1"},
            "type_ids": {"FLAC": "16", "REMUX": "2"},
            "resolution_ids": {"1080P": "3", "OTHER": "10"},
            "category_endpoint": "api/categories",
            "cover_field_name": "torrent-cover",
            "description_template": "yus_default.txt",
            "username": "",
        }
    },
}
TAKEN = {
    "enabled": True,
    "name": "Mine",
    "url": "https://mine.example/",
    "announce_url": ANNOUNCE,
    "api_key": KEY,
    "upload_url": "https://mine.example/api/torrents/upload",
    "anon": False,
    "category_ids": {"ALBUM": "5"},
    "format_ids": {"FLAC": "16"},
    "resolution_ids": {"OTHER": "10"},
    "cover_field": "torrent-cover",
    "type": "unit3d",
    "description_template": "perfect_description",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def import_file(file: Path, name: str, text: str, *options: str) -> int:
    old = file.with_name(name)
    old.write_text(text, encoding="utf-8")
    return run(["config", "import", str(old), "--config", str(file), *options])


def test_every_setting_is_accounted_for(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert import_file(file, "old.json", json.dumps(OLD)) == 0
    document = tomllib.loads(file.read_text())
    assert document == {"uploader": "somebody", "trackers": {"MINE": TAKEN}}
    assert file.stat().st_mode & 0o777 == 0o600
    shown = capsys.readouterr()
    assert shown.err == ""
    for line in (
        "renamed: uploader_name: is `uploader` here",
        "renamed: description:",
        "left out: qbittorrent: no client of that kind is supported yet",
        "left out: torrent:",
        "taken: trackers.MINE.api_key: as it is: env:NAME or keyring:",
        "renamed: trackers.MINE.base_url: is `url` here",
        "renamed: trackers.MINE.type_ids: is `format_ids` here",
        "left out: trackers.MINE.type_ids: REMUX: no kind of music",
        "left out: trackers.MINE.format_ids: `type_ids` says what is sent",
        "left out: trackers.MINE.category_ids: MOVIE",
        "renamed: trackers.MINE.cover_field_name: is `cover_field` here",
        "left out: trackers.MINE.category_endpoint:",
        "left out: trackers.MINE.description_template:",
        "left out: trackers.MINE.username: it is empty",
        'taken: trackers.MINE.type: "unit3d", as upload_url tells',
    ):
        assert f"\n{line}" in f"\n{shown.out}", line
    for key in (*OLD.keys() - {"trackers"}, *(f"trackers.MINE.{key}" for key in OLD["trackers"]["mine"])):
        assert f": {key}" in shown.out
    for secret in (KEY, PASSKEY, "s3cret-of-the-client"):
        assert secret not in shown.out


def test_python_is_read_and_never_run(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran = file.with_name("ran")
    text = f"""\
import os
open({str(ran)!r}, "w")
KEY = {KEY!r}
other = {{"uploader_name": "not me"}}
config = {{
    "uploader_name": "so" "mebody",
    "output_dir": os.path.join("data", "out"),
    "trackers": {{
        "MINE": {{
            "enabled": True, "url": "https://mine.example", "api_key": KEY,
            "announce_url": "https://mine.example/announce/" + open("/etc/hostname").read(),
        }},
    }},
}}
"""
    assert import_file(file, "config.py", text) == 1
    assert not ran.exists()
    document = tomllib.loads(file.read_text())
    assert document["uploader"] == "somebody"
    assert document["trackers"]["MINE"] == {"enabled": True, "url": "https://mine.example", "api_key": KEY}
    shown = capsys.readouterr().out
    assert "refused: output_dir: it is computed (line 7), and the file is not run" in shown
    assert "refused: trackers.MINE.announce_url: it is computed (line 11)" in shown
    assert "problem: trackers.MINE.announce_url is missing" in shown


def test_the_ids_that_the_old_tool_shipped_are_not_taken(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = {
        "url": "https://seedpool.org",
        "announce_url": f"https://seedpool.org/announce/{PASSKEY}",
        "api_key": KEY,
        "api_auth_type": "param",
        "category_ids": {"ALBUM": "1"},
        "format_ids": {"FLAC": "1"},
        "resolution_ids": {"1080p": "3"},
    }
    assert import_file(file, "config.json", json.dumps({"trackers": {"SP": table}}), "--json") == 0
    written = tomllib.loads(file.read_text())["trackers"]["SP"]
    assert written.keys() == {"url", "announce_url", "api_key", "api_auth_type"}
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    fates = {line["place"]: line["fate"] for line in lines if line["event"] == "setting_imported"}
    assert fates["trackers.SP.category_ids"] == fates["trackers.SP.format_ids"] == "left out"
    assert lines[-1]["event"] == "config_checked"


def test_the_advanced_example_of_the_old_guide(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = {
        "api_auth_type": "bearer",
        "api_format": "json",
        "custom_endpoint": "special/upload",
        "category_ids": {"ALBUM": "5", "SINGLE": "6"},
        "format_ids": {"FLAC": "10", "MP3": "11"},
    }
    assert import_file(file, "config.json", json.dumps({"trackers": {"MH": table}})) == 1
    assert tomllib.loads(file.read_text())["trackers"] == {"MH": table}
    assert "problem: trackers.MH.url is missing" in capsys.readouterr().out


def test_what_is_wrong_is_refused_and_the_rest_taken(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trackers = {
        "M1": {"enabled": "maybe", "url": "http://m1.example", "api_key": "YOUR_API_KEY", "odd": 1},
        "../x": {},
        "M2": "none",
        "M3": {"enabled": "no", "category_ids": 5},
    }
    assert import_file(file, "config.json", json.dumps({"trackers": trackers, "uploader_name": ""})) == 1
    assert tomllib.loads(file.read_text())["trackers"] == {"M1": {}, "M3": {"enabled": False}}
    shown = capsys.readouterr().out
    for line in (
        "refused: trackers.M1.enabled: must be true or false",
        "refused: trackers.M1.url: must begin with https://",
        "left out: trackers.M1.api_key: it is the example's placeholder",
        "left out: trackers.M1.odd: nothing here goes by that name",
        "refused: trackers.../x: is no tracker id",
        "refused: trackers.M2: must be a table",
        "refused: trackers.M3.category_ids: must be a table of ids",
        "left out: uploader_name: it names nobody",
    ):
        assert line in shown


def test_a_table_that_is_there_is_never_overwritten(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = '# mine\nuploader = "me"\n[trackers.Mine]\nname = "kept"\n'
    file.write_text(text)
    assert import_file(file, "old.json", json.dumps(OLD)) == 2
    assert "has MINE already" in capsys.readouterr().err
    assert file.read_text() == text
    assert import_file(file, "old.json", json.dumps({"uploader_name": "other"})) == 0
    assert "the configuration names one already" in capsys.readouterr().out
    assert file.read_text() == text


def test_the_uploader_is_added_before_the_tables(file: Path) -> None:
    text = "# head\n[trackers.SP]  # here\nanon = true\n# end\n"
    file.write_text(text)
    assert import_file(file, "old.json", json.dumps({"uploader_name": "me"})) == 0
    assert tomllib.loads(file.read_text()) == {"uploader": "me", "trackers": {"SP": {"anon": True}}}
    assert all(line in file.read_text() for line in text.splitlines())


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("config.json", "{", "no valid JSON"),
        ("config.py", "config = {", "no valid Python"),
        ("config.py", "config = {'a': '\0'}", "config.py: no valid Python"),
        ("config.py", "config = " + "-" * 100000 + "1", "config.py: no valid Python"),
        ("config.py", "config = load()", "no dictionary called `config`"),
        ("config.yaml", "", "neither config.json nor config.py"),
    ],
)
def test_a_file_that_cannot_be_read(
    file: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, told: str
) -> None:
    assert import_file(file, name, text) == 2
    assert told in capsys.readouterr().err
    assert not file.exists()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
NAMES = st.sampled_from([*OLD["trackers"]["mine"], "timeouts", "rate_limit"]) | st.text(max_size=8)


@given(st.dictionaries(st.sampled_from(["MH", "mh", "SP", "x y"]), st.dictionaries(NAMES, VALUES) | VALUES))
def test_whatever_the_old_file_holds_what_is_taken_can_be_loaded(trackers: dict[str, Any]) -> None:
    imported = translate(OldFile({"trackers": trackers}))
    for name, table in imported.tables.items():
        assert check_tracker(name, table) == ()


@given(st.text(max_size=60))
def test_python_of_any_kind_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("old") / "config.py"
    path.write_text(f"config = {{{text}}}", encoding="utf-8", errors="replace")
    with suppress(UsageError):
        read_old_file(path)
