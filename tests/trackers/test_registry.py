"""Which class stands behind an id, and what is said where none can."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UsageError
from trackers.described.described_tracker import DescribedTracker
from trackers.mh_tracker import MHTracker
from trackers.registry import FAMILIES, TrackerManager, find_adapter, load_module
from trackers.unit3d_tracker import Unit3dTracker

BUILT_IN = TrackerManager().builtin_ids()
BASES = {"GenericTracker": "trackers.generic_tracker", "Unit3dTracker": "trackers.unit3d_tracker"}


def module_text(cls: str, base: str = "GenericTracker", body: str = "pass") -> str:
    return f"from {BASES[base]} import {base}\nclass {cls}({base}):\n    {body}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Installs a distribution with these entry points and this module."""
    site = tmp_path / "site-packages"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    modules: list[str] = []

    def add(distribution: str, points: Mapping[str, str], text: str = "") -> None:
        info = site / f"{distribution}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        lines = "".join(f"{name} = {target}\n" for name, target in points.items())
        (info / "entry_points.txt").write_text(f"[mua_async.trackers]\n{lines}")
        (site / f"{distribution}.py").write_text(text)
        modules.append(distribution)

    yield add
    for name in modules:
        sys.modules.pop(name, None)


# The order


def test_an_id_that_nobody_made_a_module_for_is_generic() -> None:
    found = TrackerManager().find("NEW")
    assert (found.cls, found.origin, found.overrides) == (DescribedTracker, "family generic", False)


@pytest.mark.parametrize("family", [*FAMILIES, "UNIT3D"])
def test_type_names_a_family_and_goes_before_the_built_in_module(family: str) -> None:
    found = TrackerManager().find("MH", family)
    assert (found.cls, found.origin) == (FAMILIES[family.lower()], f"family {family.lower()}")


def test_a_built_in_site_is_found_in_any_case() -> None:
    for tracker_id in ("MH", "mh", "Mh"):
        found = TrackerManager().find(tracker_id)
        assert (found.cls, found.origin) == (MHTracker, "built in")
    assert {"MH", "SP", "YUS"} <= set(BUILT_IN)
    assert "TEMPLATE" not in BUILT_IN


def test_a_user_s_module_goes_before_all_and_says_so(folder: Path) -> None:
    path = write(folder, "mh_tracker.py", module_text("MHTracker", "Unit3dTracker"))
    found = TrackerManager(folder).find("MH", "generic")
    assert issubclass(found.cls, Unit3dTracker)
    assert (found.origin, found.overrides) == (str(path), True)
    assert TrackerManager(folder).user_ids() == ("MH",)


def test_an_installed_package_is_found_by_its_entry_point(install: Any) -> None:
    install("adapterx", {"XY": "adapterx:XYTracker"}, module_text("XYTracker"))
    found = TrackerManager().find("xy")
    assert found.cls.__name__ == "XYTracker"
    assert found.origin == "package adapterx (adapterx:XYTracker)"
    assert not found.overrides
    assert TrackerManager().user_ids() == ("XY",)


# Names


@pytest.mark.parametrize(
    ("tracker_id", "file", "cls"),
    [
        ("AB-2", "ab_2_tracker.py", "AB2Tracker"),
        ("AB-2", "ab_2_tracker.py", "AB_2Tracker"),
        ("AB_2", "ab_2_tracker.py", "Ab_2_Tracker"),
        ("ab2", "AB2_tracker.py", "ab2tracker"),
        ("4k", "4k_tracker.py", "_4KTracker"),
    ],
)
def test_ids_and_names_are_compared_without_case_and_dashes(
    folder: Path, tracker_id: str, file: str, cls: str
) -> None:
    write(folder, file, module_text(cls))
    assert TrackerManager(folder).find(tracker_id).cls.__name__ == cls


def test_helpers_and_imported_classes_are_not_the_site_s(folder: Path) -> None:
    text = module_text("Helper") + module_text("XYTracker", body="name = 'Mine'")
    write(folder, "xy_tracker.py", text)
    assert TrackerManager(folder).find("XY").cls.name == "Mine"


def test_a_module_may_use_dataclasses(folder: Path) -> None:
    text = "from __future__ import annotations\nimport dataclasses\n"
    text += "@dataclasses.dataclass\nclass A:\n    x: int\n"
    write(folder, "xy_tracker.py", text + module_text("XYTracker"))
    assert TrackerManager(folder).find("XY").cls.__name__ == "XYTracker"


def test_other_files_are_passed_by(folder: Path) -> None:
    write(folder, "notes.py", "raise SystemExit")
    write(folder, "_tracker.py", "raise SystemExit")
    write(folder, "..x_tracker.py", "raise SystemExit")
    (folder / "dir_tracker.py").mkdir()
    manager = TrackerManager(folder)
    assert manager.user_ids() == ()
    assert manager.find("DIR").cls is DescribedTracker
    assert TrackerManager(folder / "missing").user_ids() == ()


def test_an_id_is_shown_once_however_its_file_is_spelled(folder: Path, install: Any) -> None:
    write(folder, "ab_2_tracker.py", module_text("AB2Tracker"))
    install("adapterx", {"AB-2": "adapterx:AB2Tracker"})
    manager = TrackerManager(folder)
    assert len(manager.user_ids()) == 1
    assert manager.known_ids(("AB-2", "mh")) == tuple(sorted({"AB-2", "mh", *BUILT_IN} - {"MH"}))


# What is wrong


def problem(folder: Path | None, tracker_id: str, family: str | None = None) -> str:
    with pytest.raises(UsageError) as caught:
        TrackerManager(folder).find(tracker_id, family)
    assert caught.value.__cause__ is None
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (module_text("YXTracker"), "has no class XYTracker: found YXTracker in xy_tracker.py"),
        (module_text("Other"), "has no class XYTracker: found Other in xy_tracker.py"),
        ("", "found no class at all in xy_tracker.py"),
        ("class XYTracker: pass", "XYTracker is no subclass of GenericTracker"),
        ("import nothing_of_that_name", "ModuleNotFoundError: No module named 'nothing_of_that_name'"),
        ("def broken(:", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError"),
        ("import sys; sys.exit('bye')", "SystemExit: bye"),
        (module_text("XYTracker", body="api_auth_type = 'bearr'"), "XYTracker.api_auth_type must be one of"),
        (module_text("XYTracker", body="category_ids = {1, 2}"), "XYTracker.category_ids must be a table"),
    ],
)
def test_a_broken_module_is_named_with_what_is_wrong(folder: Path, text: str, words: str) -> None:
    path = write(folder, "xy_tracker.py", text)
    told = problem(folder, "XY")
    assert str(path) in told
    assert words in told
    assert TrackerManager(folder).find("MH").cls is MHTracker


def test_two_files_for_one_id_are_both_named(folder: Path) -> None:
    paths = [write(folder, name, module_text("ABTracker")) for name in ("AB_tracker.py", "ab_tracker.py")]
    told = problem(folder, "AB")
    assert all(str(path) in told for path in paths)


def test_a_file_and_a_package_for_one_id_are_both_named(folder: Path, install: Any) -> None:
    path = write(folder, "xy_2_tracker.py", module_text("XY2Tracker"))
    install("adapterx", {"XY-2": "adapterx:XY2Tracker"}, module_text("XY2Tracker"))
    told = problem(folder, "XY-2")
    assert str(path) in told
    assert "adapterx" in told


def test_two_packages_for_one_id_are_both_named(install: Any) -> None:
    install("adapterx", {"XY": "adapterx:XYTracker"}, module_text("XYTracker"))
    install("adaptery", {"XY": "adaptery:XYTracker"}, module_text("XYTracker"))
    told = problem(None, "XY")
    assert "adapterx" in told
    assert "adaptery" in told


@pytest.mark.parametrize(
    ("target", "text", "words"),
    [
        ("adapterx:XYTracker", "1 / 0", "ZeroDivisionError"),
        ("adapterx:Missing", module_text("XYTracker"), "Missing"),
        ("adapterx:name", "name = 'XY'", "is no class"),
        ("adapterx:XYTracker", "class XYTracker: pass", "no subclass"),
    ],
)
def test_a_broken_package_is_named(install: Any, target: str, text: str, words: str) -> None:
    install("adapterx", {"XY": target}, text)
    told = problem(None, "XY")
    assert "package adapterx" in told
    assert words in told


def test_a_broken_package_keeps_nobody_else_from_working(install: Any) -> None:
    install("adapterx", {"XY": "adapterx:XYTracker"}, "1 / 0")
    assert TrackerManager().find("MH").cls is MHTracker


def test_an_unknown_family_is_told_with_those_that_are() -> None:
    assert "there are generic, unit3d" in problem(None, "XY", "unit4d")


@pytest.mark.parametrize(
    ("tracker_id", "words"),
    [
        ("YUZ", "did you mean YUS?"),
        ("myown", "did you mean MY-OWN?"),
        ("QQQQ", f"known are {', '.join(sorted(('MY-OWN', *BUILT_IN)))};"),
        ("../x", "is no tracker id"),
        ("", "is no tracker id"),
    ],
)
def test_an_unknown_id_is_told_with_the_one_that_was_meant(tracker_id: str, words: str) -> None:
    error = TrackerManager().unknown_id(tracker_id, ("MY-OWN",))
    assert words in str(error)


# Files with a slip of the pen in their names


@pytest.mark.parametrize(
    "name", ["mh_traker.py", "mhtracker.py", "mh-tracker.py", "mh.py", "MH_Tracker_.py", "mh_trackr.py"]
)
def test_a_file_that_was_perhaps_meant_is_told(folder: Path, name: str) -> None:
    write(folder, name, "raise SystemExit")
    told = f"looked for mh_tracker.py in {folder}, found {name}"
    assert TrackerManager(folder).find("MH").origin == f"built in; {told}"
    with pytest.raises(UsageError, match="there is no mh_tracker") as caught:
        find_adapter("MH", folder)
    assert told in str(caught.value)


def test_an_unknown_id_is_told_with_the_file_that_was_perhaps_meant(folder: Path) -> None:
    write(folder, "mysite_traker.py", "raise SystemExit")
    told = str(TrackerManager(folder).unknown_id("MYSITE", ()))
    assert f"looked for mysite_tracker.py in {folder}, found mysite_traker.py" in told


@pytest.mark.parametrize("name", ["ms_tracker.py", "notes.py", "test_mh_tracker.py", "mh_tracker.txt"])
def test_a_file_that_was_meant_for_something_else_is_not(folder: Path, name: str) -> None:
    write(folder, name, "raise SystemExit")
    assert TrackerManager(folder).find("MH").origin == "built in"


def test_an_adapter_s_test_beside_it_is_no_adapter(folder: Path) -> None:
    write(folder, "mh_tracker.py", module_text("MHTracker"))
    write(folder, "test_mh_tracker.py", "raise SystemExit")
    assert TrackerManager(folder).user_ids() == ("MH",)
    assert find_adapter("mh", folder).__name__ == "MHTracker"


def test_a_broken_module_leaves_the_other_trackers_alone(folder: Path) -> None:
    write(folder, "aa_tracker.py", "1 / 0")
    write(folder, "bb_tracker.py", "class BBTracker: pass")
    write(folder, "cc_tracker.py", module_text("CCTracker"))
    assert TrackerManager(folder).user_ids() == ("AA", "BB", "CC")
    assert "ZeroDivisionError" in problem(folder, "AA")
    assert "BBTracker is no subclass of GenericTracker" in problem(folder, "BB")
    assert TrackerManager(folder).find("CC").cls.__name__ == "CCTracker"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import asyncio; raise asyncio.CancelledError('here')", "CancelledError: here"),
        ("class Odd(BaseException): pass\nraise Odd('here')", "Odd: here"),
        ("import pytest; pytest.importorskip('no_such_module')", "could not import 'no_such_module'"),
        ("raise SystemExit(3)", "SystemExit: 3"),
    ],
)
def test_whatever_a_module_raises_is_told(folder: Path, install: Any, text: str, words: str) -> None:
    write(folder, "aa_tracker.py", text)
    install("adapterx", {"XY": "adapterx:XYTracker"}, text)
    assert words in problem(folder, "AA")
    assert words in problem(None, "XY")
    assert not [name for name in sys.modules if name.endswith("aa_tracker")]


def test_a_module_that_never_comes_to_an_end_is_stopped(folder: Path) -> None:
    path = write(
        folder, "aa_tracker.py", "while True:\n    try:\n        pass\n    except Exception:\n        pass"
    )
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(UsageError, match=r"aa_tracker\.py cannot be imported: it takes longer than 0\.1 s"):
        load_module(path, seconds=0.1)
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_what_modules_print_does_not_go_to_stdout(
    folder: Path, install: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder, "aa_tracker.py", f"print('of the file')\n{module_text('AATracker')}")
    install("adapterx", {"XY": "adapterx:XYTracker"}, f"print('of the package')\n{module_text('XYTracker')}")
    manager = TrackerManager(folder, prints=sys.stderr)
    manager.find("AA")
    manager.find("XY")
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "of the file\nof the package\n"


@pytest.mark.parametrize("name", ["../x", "my site", "_x", "ä"])
def test_a_package_whose_entry_point_is_no_id_is_told(install: Any, name: str) -> None:
    install("adapterx", {name: "adapterx:XYTracker", "XY": "adapterx:XYTracker"}, module_text("XYTracker"))
    manager = TrackerManager()
    assert manager.user_ids() == ("XY",)
    (told,) = manager.misnamed_packages().items()
    assert told[0] == name
    assert "package adapterx" in told[1]
    assert "is no tracker id" in told[1]


# No id reaches the file system


@given(
    st.text(max_size=20) | st.sampled_from(["../x", "/etc/passwd", "x/../../mh", "..", "a\0b", "mh_tracker"])
)
def test_any_text_finds_a_class_and_opens_no_file(tracker_id: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trackers.registry.load_module", _refuse)
        cls = TrackerManager(Path("/")).find(tracker_id).cls
    assert cls is DescribedTracker or tracker_id.upper() in BUILT_IN


def test_an_id_with_a_path_does_not_reach_another_folder(tmp_path: Path) -> None:
    inner = tmp_path / "trackers"
    inner.mkdir()
    write(tmp_path, "x_tracker.py", "raise SystemExit")
    for tracker_id in ("../x", f"..{os.sep}x", str(tmp_path / "x")):
        assert TrackerManager(inner).find(tracker_id).cls is DescribedTracker


def _refuse(path: Path) -> NoReturn:
    raise AssertionError(f"{path} was opened")
