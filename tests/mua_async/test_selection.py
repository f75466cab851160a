"""From ids to trackers that are ready."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from mua_async.config.configuration import Configuration, read_configuration
from mua_async.options import Common
from mua_async.selection import chosen_ids, find_tracker, is_enabled, known_ids, select
from pipeline.errors import UsageError
from pipeline.secret import Secret

BUILT_IN = {
    *("DIC", "DP", "LST", "LT", "MH", "MS", "NORDICQ"),
    *("OPS", "PEERGARDEN", "RED", "SP", "YUS", "ZNTH"),
}
READY = {"url": "https://mh.example", "announce_url": "https://mh.example/announce/KEY0", "api_key": "KEY1"}


@pytest.fixture
def common(tmp_path: Path) -> Common:
    environ = {"MH_KEY": "KEY1"}
    places = tmp_path / "config.toml", tmp_path / "data"
    return Common(environ, False, False, False, *places)


def configured(trackers: Mapping[str, Mapping[str, object]], **settings: object) -> Configuration:
    return read_configuration(Path("config.toml"), {"trackers": trackers, **settings})


def test_ids_are_taken_once_in_any_case() -> None:
    configuration = configured({"MH": READY}, default_trackers=["sp"])
    assert chosen_ids(configuration, ["mh", "MH", "Sp"]) == ("MH", "SP")
    assert chosen_ids(configuration, []) == ("SP",)


def test_all_is_every_enabled_one_beside_those_named() -> None:
    configuration = configured({"AA": READY, "BB": {**READY, "enabled": False}, "CC": {"nonsense": 1}})
    assert chosen_ids(configuration, ["all"]) == ("AA", "CC")
    assert chosen_ids(configuration, ["XX", "ALL", "AA"]) == ("XX", "AA", "CC")


def test_ready_trackers_come_with_their_class_and_their_secrets(common: Common) -> None:
    configuration = configured({"MH": {**READY, "api_key": "env:MH_KEY"}, "NEW": READY})
    first, second = select(common, configuration, ["mh", "new"]).trackers
    assert (first.cls.__name__, first.config.api_key) == ("MHTracker", Secret("KEY1"))
    assert (second.cls.__name__, second.found.origin) == ("DescribedTracker", "family generic")


def test_what_is_missing_is_told_for_every_tracker(common: Common) -> None:
    configuration = configured({"MH": {}, "OFF": {"enabled": False}, "BAD": {"uurl": "x"}})
    with pytest.raises(UsageError) as caught:
        select(common, configuration, ["MH", "OFF", "BAD", "MHH"])
    told = "\n".join(caught.value.problems)
    for part in ("trackers.MH.url", "trackers.MH.api_key", "trackers.OFF is disabled", "trackers.BAD.uurl"):
        assert part in told
    assert "no tracker is called MHH (did you mean MH?" in told


def test_a_disabled_table_is_disabled_however_broken(common: Common) -> None:
    configuration = configured({"OFF": {"enabled": False, "nonsense": 1}})
    with pytest.raises(UsageError, match="is disabled"):
        find_tracker(common, configuration, "off", Secret)


def test_a_dry_run_does_without_keys(common: Common) -> None:
    configuration = configured({"MH": {**READY, "api_key": "env:NO_SUCH_KEY"}})
    selection = select(common, configuration, ["MH"], dry_run=True)
    (tracker,) = selection.trackers
    assert tracker.config.api_key is None
    assert tracker.config.announce_url
    assert "trackers.MH.api_key: the environment variable NO_SUCH_KEY is not set" in selection.warnings[0]


def test_a_dry_run_takes_no_broken_table(common: Common) -> None:
    with pytest.raises(UsageError) as caught:
        select(common, configured({"MH": {"nonsense": 1}}), ["MH"], dry_run=True)
    assert "trackers.MH.nonsense" in caught.value.problems[0]


def test_a_broken_table_that_is_not_used_is_a_warning(common: Common) -> None:
    configuration = configured({"MH": READY, "BAD": {"nonsense": 1}})
    (warning,) = select(common, configuration, ["MH"]).warnings
    assert warning.startswith("trackers.BAD.nonsense")


def test_a_tracker_that_is_off_in_words_is_off() -> None:
    tables = {
        "AA": {**READY, "enabled": "no"},
        "BB": {**READY, "enabled": "yes"},
        "CC": {**READY, "enabled": "x"},
    }
    assert [name for name in tables if is_enabled(configured(tables), name)] == ["BB", "CC"]


def test_a_module_of_the_users_is_known_without_a_table(common: Common) -> None:
    folder = common.locations.trackers_folder
    folder.mkdir()
    (folder / "own_tracker.py").write_text(
        "from trackers.generic_tracker import GenericTracker\nclass OwnTracker(GenericTracker): pass\n"
    )
    assert known_ids(common, configured({"AA": READY})) == tuple(sorted({"AA", "OWN", *BUILT_IN}))
    found = find_tracker(common, configured({}), "own", Secret)
    assert found.cls.__name__ == "OwnTracker"


def test_a_module_that_cannot_be_imported_is_a_problem(common: Common) -> None:
    folder = common.locations.trackers_folder
    folder.mkdir()
    (folder / "own_tracker.py").write_text("import no_such_module_of_theirs\n")
    with pytest.raises(UsageError) as caught:
        select(common, configured({"OWN": READY}), ["OWN"])
    assert "own_tracker.py cannot be imported: ModuleNotFoundError" in caught.value.problems[0]
