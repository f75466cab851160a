"""`tracker create`: what it writes works as written, and it writes over nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mua_async.commands.tracker.create import command
from mua_async.generator import AdapterFamily, create_adapter
from pipeline.errors import UsageError
from trackers.class_data import class_data
from trackers.conformance.checks import CHECKS
from trackers.gazelle_tracker import GazelleTracker
from trackers.generic_tracker import GenericTracker
from trackers.registry import TrackerManager
from trackers.template_tracker import TemplateTracker
from trackers.unit3d_tracker import Unit3dTracker

ROOT = Path(__file__).parents[2]
HOOKS = {
    "_build_form_data",
    "upload",
    "_handle_error_response",
    "_parse_result",
    "_prepare_cover",
    "_login",
    "find_existing",
}
FAMILIES = [
    (AdapterFamily.GENERIC, GenericTracker),
    (AdapterFamily.UNIT3D, Unit3dTracker),
    (AdapterFamily.GAZELLE, GazelleTracker),
]


def run(*arguments: str, folder: Path) -> str:
    finished = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


@pytest.fixture
def generated(tmp_path: Path) -> Path:
    """A folder with an adapter of each family, one of a built-in site, and their tests."""
    folder = tmp_path / "trackers"
    create_adapter("MH", folder)
    create_adapter("XY-2", folder, AdapterFamily.UNIT3D)
    create_adapter("4k", folder)
    create_adapter("DP", folder)
    create_adapter("OPS", folder)
    create_adapter("XY-3", folder, AdapterFamily.GAZELLE)
    return folder


def test_the_template_shows_every_hook() -> None:
    assert set(vars(TemplateTracker)) >= HOOKS | {
        "api_auth_type",
        "api_format",
        "category_ids",
        "format_ids",
        "rules",
    }


@pytest.mark.parametrize(("family", "base"), FAMILIES)
def test_the_program_finds_the_class_with_the_data_of_its_family(
    tmp_path: Path, family: AdapterFamily, base: type[GenericTracker]
) -> None:
    create_adapter("xy-2", tmp_path, family)
    cls = TrackerManager(tmp_path).find("XY-2").cls
    assert cls.__bases__ == (base,)
    assert (cls.name, cls.source_name) == ("XY-2", "XY-2")
    assert (cls.custom_endpoint, cls.rules, cls.family) == (base.custom_endpoint, base.rules, base.family)
    assert (cls.category_ids, cls.format_ids) == (base.category_ids, base.format_ids)
    assert set(vars(cls)) >= HOOKS


@pytest.mark.parametrize("tracker_id", TrackerManager().builtin_ids())
def test_an_adapter_for_a_built_in_id_has_its_data(tmp_path: Path, tracker_id: str) -> None:
    create_adapter(tracker_id, tmp_path)
    manager = TrackerManager(tmp_path)
    found, ours = manager.find(tracker_id), manager.builtin(tracker_id)
    assert ours is not None
    assert found.overrides
    assert found.cls.__bases__ == ours.__bases__
    assert class_data(found.cls) == class_data(ours)
    assert found.cls.rules == ours.rules


def test_a_built_in_site_that_is_said_to_run_something_else_lends_no_data(tmp_path: Path) -> None:
    create_adapter("SP", tmp_path, AdapterFamily.GENERIC)
    cls = TrackerManager(tmp_path).find("SP").cls
    assert (cls.name, cls.url, cls.category_ids) == ("SP", None, {})


def test_the_tests_pass_as_generated(generated: Path) -> None:
    said = run("pytest", "-q", "-p", "no:cacheprovider", str(generated), folder=generated)
    assert f"{len([*generated.glob('test_*.py')]) * len(CHECKS)} passed" in said


def test_pytest_skips_a_declared_deviation(generated: Path) -> None:
    test = generated / "test_mh_tracker.py"
    test.write_text(f"{test.read_text()}    deviations = {{'keeps_secrets': 'it has none'}}\n")
    said = run("pytest", "-q", "-rs", "-p", "no:cacheprovider", str(test), folder=generated)
    assert f"{len(CHECKS) - 1} passed, 1 skipped" in said
    assert "it has none" in said


def test_ruff_has_nothing_to_say(generated: Path) -> None:
    """Neither with its defaults, nor with what many select beside them, nor with the rules that we have."""
    for tracker_id in TrackerManager().builtin_ids():
        create_adapter(tracker_id, generated, force=True)
    for chosen in ([], ["--select", "E,F,W,I,B,UP,RUF,SIM,C4,PIE,RET,ARG"]):
        run("ruff", "check", "--no-cache", "--isolated", *chosen, ".", folder=generated)
    run("ruff", "check", "--no-cache", "--config", str(ROOT / "pyproject.toml"), ".", folder=generated)
    run("ruff", "format", "--no-cache", "--isolated", "--check", ".", folder=generated)


@pytest.mark.slow
def test_mypy_has_nothing_to_say(generated: Path) -> None:
    cache = str(generated / "cache")
    run("mypy", "--strict", "--cache-dir", cache, *map(str, generated.glob("*.py")), folder=generated)


# What is refused


@pytest.mark.parametrize(
    ("tracker_id", "words"),
    [
        ("../x", "is no tracker id"),
        ("/tmp/x", "is no tracker id"),
        ("a/b", "is no tracker id"),
        ("", "is no tracker id"),
        ("x\n", "is no tracker id"),
        ("-x", "is no tracker id"),
        ("x" * 65, "at most 64 characters"),
        ("generic", "is no site's id"),
        ("UNIT3D", "is no site's id"),
        ("template", "is no site's id"),
        ("test-mh", "taken for a test"),
    ],
)
def test_an_id_that_is_none_writes_nothing(tmp_path: Path, tracker_id: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        create_adapter(tracker_id, tmp_path / "trackers")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["mh_tracker.py", "test_mh_tracker.py"])
def test_what_is_there_stays_as_it_is(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(UsageError, match=f"{name} exists already"):
        create_adapter("MH", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"
    create_adapter("MH", tmp_path, force=True)
    assert (tmp_path / name).read_text() != "mine"


def test_a_link_to_nowhere_is_there_too(tmp_path: Path) -> None:
    (tmp_path / "mh_tracker.py").symlink_to(tmp_path / "elsewhere.py")
    with pytest.raises(UsageError, match="exists already"):
        create_adapter("MH", tmp_path)


def test_a_second_module_for_the_id_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "MH_Tracker.py").write_text("mine")
    with pytest.raises(UsageError, match="is a module for MH already"):
        create_adapter("MH", tmp_path, force=True)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written into"):
        create_adapter("MH", tmp_path / "file")


# The command


def create(*arguments: str) -> object:
    return command.main(list(arguments), standalone_mode=False)


def test_it_writes_beside_the_configuration_and_says_what_comes_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert create("mh", "--config", str(tmp_path / "config.toml")) == 0
    said = capsys.readouterr().out
    home = tmp_path / "trackers"
    assert sorted(path.name for path in home.iterdir()) == ["mh_tracker.py", "test_mh_tracker.py"]
    assert f"Written: {home / 'mh_tracker.py'}" in said
    assert "stands in for the built-in MH" in said
    for step in ("python -m pytest", "tracker add MH", "tracker test MH", "--tracker MH --debug"):
        assert step in said
    assert "Copy" not in said


def test_a_tracker_that_is_configured_is_not_to_be_added(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[trackers.XY]\n")
    assert create("xy", "--config", str(config)) == 0
    assert "tracker add" not in capsys.readouterr().out
    config.write_text("broken")
    assert create("zz", "--config", str(config)) == 0
    assert "tracker add ZZ" in capsys.readouterr().out


def test_into_another_folder_it_says_where_the_program_looks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = str(tmp_path / "config.toml")
    assert create("XY", "--into", str(tmp_path / "work"), "--config", config, "--json") == 0
    line = json.loads(capsys.readouterr().out)
    assert line["event"] == "tracker_created"
    assert line["files"] == [
        str(tmp_path / "work" / name) for name in ("xy_tracker.py", "test_xy_tracker.py")
    ]
    assert any(f"Copy xy_tracker.py into {tmp_path / 'trackers'}" in step for step in line["next"])


def test_an_adapter_of_the_family_gazelle_is_made(tmp_path: Path) -> None:
    assert create("XY", "--family", "gazelle", "--into", str(tmp_path)) == 0
    assert "class XYTracker(GazelleTracker):" in (tmp_path / "xy_tracker.py").read_text()
