"""Where configuration, adapters and data are looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from mua_async.config.locations import find_locations
from pipeline.errors import UsageError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path


def test_nothing_there(home: Path) -> None:
    places = find_locations({})
    assert places.config is None
    assert places.config_folder.name == "mua-async"
    assert places.trackers_folder == places.config_folder / "trackers"
    assert places.data.is_absolute()


@pytest.mark.parametrize("name", ["config.toml", "config.json"])
def test_either_file_is_found(name: str) -> None:
    folder = find_locations({}).config_folder
    folder.mkdir(parents=True)
    (folder / name).touch()
    assert find_locations({}).config == folder / name


def test_both_files_are_an_error() -> None:
    folder = find_locations({}).config_folder
    folder.mkdir(parents=True)
    (folder / "config.toml").touch()
    (folder / "config.json").touch()
    with pytest.raises(UsageError, match="holds both config"):
        find_locations({})
    assert find_locations({}, Path("/x/config.toml")).config == Path("/x/config.toml")


def test_options_win_over_the_environment(home: Path) -> None:
    environ = {"MUA_ASYNC_CONFIG": "~/a/config.toml", "MUA_ASYNC_DATA_DIR": "~/d"}
    places = find_locations(environ)
    assert places.config == home / "a" / "config.toml"
    assert places.trackers_folder == home / "a" / "trackers"
    assert places.data == home / "d"
    places = find_locations(environ, Path("/b/config.json"), Path("/e"))
    assert (places.config, places.data) == (Path("/b/config.json"), Path("/e"))
    assert places.trackers_folder == Path("/b/trackers")


def test_empty_variables_are_as_good_as_none() -> None:
    assert find_locations({"MUA_ASYNC_CONFIG": "", "MUA_ASYNC_DATA_DIR": ""}) == find_locations({})


def test_relative_paths_are_made_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    places = find_locations({}, Path("config.toml"), Path("data"))
    assert places.config == tmp_path / "config.toml"
    assert places.data == tmp_path / "data"


def test_home_of_nobody() -> None:
    with pytest.raises(UsageError, match="write the whole path"):
        find_locations({}, Path("~no-such-user-here/config.toml"))
