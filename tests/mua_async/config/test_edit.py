"""Changing the file: comments and order stay, and a broken file is never left behind."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from mua_async.config.configuration import load_configuration
from mua_async.config.edit import remove_tracker, set_tracker
from mua_async.config.locations import find_locations
from mua_async.config.manager import ConfigManager
from pipeline.errors import UsageError

TEXT = """\
# my trackers
uploader = "me"  # that is me

[trackers.MH]  # MusicHaven
# asked for on Monday
url = "https://musichaven.example"  # the new host
api_key = "env:MH_API_KEY"

[trackers.MH.category_ids]
ALBUM = "5"  # all of them
SINGLE = "6"

# where torrents go
[clients.watched]
type = "watch"
path = "/watch"

[trackers.sp]
url = "https://seedpool.example"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(TEXT)
    return path


def table(path: Path, tracker_id: str) -> dict[str, object]:
    return dict(load_configuration(path).table(tracker_id))


def test_one_value_changes_and_all_else_stays(file: Path) -> None:
    changed = {**table(file, "MH"), "url": "https://new.example"}
    set_tracker(file, "mh", changed)
    assert file.read_text() == TEXT.replace("https://musichaven.example", "https://new.example")


def test_a_value_below_changes(file: Path) -> None:
    set_tracker(file, "MH", {**table(file, "MH"), "category_ids": {"ALBUM": "5", "EP": "9"}})
    text = file.read_text()
    assert 'ALBUM = "5"  # all of them' in text
    assert table(file, "MH")["category_ids"] == {"ALBUM": "5", "EP": "9"}
    assert "# where torrents go\n[clients.watched]" in text


def test_a_key_is_added_and_one_taken_out(file: Path) -> None:
    values = {**table(file, "MH"), "enabled": False}
    del values["api_key"]
    set_tracker(file, "MH", values)
    assert table(file, "MH") == values
    assert "# asked for on Monday" in file.read_text()


def test_the_comment_of_the_next_table_stays_with_it(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    start, end = '[trackers.MH]\nname = "x"\n', "\n# the other one\n[trackers.SP]\nanon = true"
    path.write_text(start + end)
    set_tracker(path, "MH", {"name": "x", "enabled": False})
    set_tracker(path, "SP", {"anon": True, "enabled": True})
    assert path.read_text() == f"{start}enabled = false\n{end}\nenabled = true\n"


def test_the_id_keeps_the_spelling_of_the_file(file: Path) -> None:
    set_tracker(file, "SP", {"url": "https://sp.example"})
    assert "[trackers.sp]" in file.read_text()
    assert load_configuration(file).tracker_ids() == ("MH", "SP")


def test_a_new_tracker_comes_last(file: Path) -> None:
    set_tracker(file, "new", {"url": "https://new.example", "format_ids": {"FLAC": "1"}})
    added = '\n[trackers.NEW]\nurl = "https://new.example"\nformat_ids = {FLAC = "1"}\n'
    assert file.read_text() == TEXT + added


DESCRIBED = {
    "url": "https://new.example",
    "category_ids": {"ALBUM": "5"},
    "fields": {
        "title": "{{ name }}",
        "text": "{{ description }}",
        "made": "{{ release.year }}",
        "kind": "{{ category_id }}",
    },
    "answer": {
        "done": [{"status": 201}, {"json": "state", "equals": "ok"}],
        "refused": [{"status": [400, 403, 422]}],
    },
}
SECTIONS = """
[trackers.NEW]
url = "https://new.example"
category_ids = {ALBUM = "5"}

[trackers.NEW.fields]
title = "{{ name }}"
text = "{{ description }}"
made = "{{ release.year }}"
kind = "{{ category_id }}"

[trackers.NEW.answer]
done = [{status = 201}, {json = "state", equals = "ok"}]
refused = [{status = [400, 403, 422]}]
"""


def test_tables_that_are_long_get_a_header_of_their_own(file: Path) -> None:
    set_tracker(file, "new", DESCRIBED)
    assert file.read_text() == TEXT + SECTIONS
    set_tracker(file, "new", {**DESCRIBED, "enabled": False})
    ids = 'category_ids = {ALBUM = "5"}\n'
    assert file.read_text() == TEXT + SECTIONS.replace(ids, f"{ids}enabled = false\n")
    remove_tracker(file, "new")
    assert load_configuration(file).tracker_ids() == ("MH", "SP")


def test_the_line_ends_of_windows_stay(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(TEXT.replace("\n", "\r\n").encode())
    set_tracker(path, "MH", {**table(path, "MH"), "enabled": False})
    set_tracker(path, "new", DESCRIBED)
    remove_tracker(path, "SP")
    assert b"enabled = false\r\n" in path.read_bytes()
    assert b"\n" not in path.read_bytes().replace(b"\r\n", b"")


def test_a_tracker_is_taken_out(file: Path) -> None:
    remove_tracker(file, "SP")
    assert load_configuration(file).tracker_ids() == ("MH",)
    remove_tracker(file, "mh")
    assert load_configuration(file).tracker_ids() == ()
    assert 'uploader = "me"  # that is me' in file.read_text()


def test_there_is_nothing_to_take_out(file: Path) -> None:
    with pytest.raises(UsageError, match="has no tracker ZZ"):
        remove_tracker(file, "ZZ")
    with pytest.raises(UsageError, match="has no tracker MH"):
        remove_tracker(file.with_name("none.toml"), "MH")


@pytest.mark.parametrize(
    "text", ['trackers = {MH = {url = "https://a.example"}}\n', 'trackers.MH.url = "https://a.example"\n']
)
def test_other_ways_to_write_tables(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    set_tracker(path, "SP", {"url": "https://sp.example", "category_ids": {"ALBUM": 1}})
    set_tracker(path, "MH", {"url": "https://b.example"})
    assert table(path, "MH") == {"url": "https://b.example"}
    assert table(path, "SP") == {"url": "https://sp.example", "category_ids": {"ALBUM": 1}}
    remove_tracker(path, "MH")
    assert load_configuration(path).tracker_ids() == ("SP",)


@pytest.mark.parametrize(
    "broken", [{"url": "ftp://x"}, {"apikey": "x"}, {"api_key": "a\udcff"}, {"rate_limit": ["1/s", "often"]}]
)
def test_a_broken_table_is_refused_and_the_file_left_alone(file: Path, broken: Mapping[str, object]) -> None:
    with pytest.raises(UsageError) as caught:
        set_tracker(file, "NEW", broken)
    assert all(line.startswith("trackers.NEW.") for line in caught.value.problems)
    assert caught.value.problems
    assert file.read_text() == TEXT
    assert list(file.parent.iterdir()) == [file]


def test_a_broken_tracker_can_be_disabled(file: Path) -> None:
    file.write_text(TEXT + 'apikey = "x"\n')
    set_tracker(file, "SP", {**table(file, "SP"), "enabled": False})
    assert table(file, "SP")["enabled"] is False


def test_no_id(file: Path) -> None:
    with pytest.raises(UsageError, match="is no tracker id"):
        set_tracker(file, "../x", {})


def test_a_file_that_is_broken_elsewhere_is_left_alone(file: Path) -> None:
    file.write_text("uploader = 5\n")
    with pytest.raises(UsageError):
        set_tracker(file, "MH", {})
    assert file.read_text() == "uploader = 5\n"


def test_json(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    set_tracker(path, "MH", {"url": "https://musichaven.example", "name": "Müsic"})
    set_tracker(path, "SP", {"enabled": False})
    set_tracker(path, "mh", {**table(path, "MH"), "anon": True})
    remove_tracker(path, "SP")
    expected = {"trackers": {"MH": {"url": "https://musichaven.example", "name": "Müsic", "anon": True}}}
    assert json.loads(path.read_text(encoding="utf-8")) == expected
    assert '\n  "trackers"' in path.read_text(encoding="utf-8")
    assert "Müsic" in path.read_text(encoding="utf-8")


def test_the_file_is_the_owners_alone(tmp_path: Path, file: Path) -> None:
    file.chmod(0o644)
    set_tracker(file, "SP", {"enabled": False})
    assert file.stat().st_mode & 0o777 == 0o600
    new = tmp_path / "folder" / "config.toml"
    set_tracker(new, "SP", {"enabled": False})
    assert new.stat().st_mode & 0o777 == 0o600
    assert new.parent.stat().st_mode & 0o777 == 0o700


def test_a_link_stays_a_link(tmp_path: Path, file: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to(file)
    set_tracker(link, "SP", {"enabled": False})
    assert link.is_symlink()
    assert table(file, "SP") == {"enabled": False}


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "blocked").touch()
    with pytest.raises(UsageError, match="cannot be written"):
        set_tracker(tmp_path / "blocked" / "config.toml", "MH", {})


def test_the_manager_makes_the_first_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    manager = ConfigManager(find_locations({}))
    assert manager.load().tracker_ids() == ()
    manager.save_tracker("MH", {"url": "https://musichaven.example"})
    assert manager.path.name == "config.toml"
    manager = ConfigManager(find_locations({}))
    assert manager.load().tracker_ids() == ("MH",)
    manager.remove_tracker("MH")
    assert manager.load().tracker_ids() == ()


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(min_size=1),
        "anon": st.booleans(),
        "category_ids": st.dictionaries(
            st.sampled_from(["ALBUM", "EP", "*"]), st.integers() | st.text(min_size=1)
        ),
        "rate_limit": st.just("5/10s") | st.just(["5/10s", "30/m"]),
        "timeouts": st.dictionaries(
            st.sampled_from(["connect", "send"]), st.floats(1, 60) | st.integers(1, 60)
        ),
    },
)


@given(st.lists(st.tuples(st.sampled_from(["MH", "sp", "NEW"]), VALUES), max_size=4))
def test_what_was_saved_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, dict[str, object]]]
) -> None:
    path = tmp_path_factory.mktemp("config") / "config.toml"
    path.write_text(TEXT)
    for tracker_id, values in steps:
        problems: tuple[str, ...] = ()
        try:
            set_tracker(path, tracker_id, values)
        except UsageError as error:
            problems = error.problems or ("the file cannot be changed",)
        if problems:
            assert all(line.startswith(f"trackers.{tracker_id.upper()}.") for line in problems)
        else:
            assert table(path, tracker_id) == values
        assert 'uploader = "me"  # that is me' in path.read_text(encoding="utf-8")


LITERALS = st.sampled_from(
    [
        "1",
        '"x # y"',
        "'[a]'",
        "[1, # one\n  2,\n]",
        '"""\n[trackers.MH]\n# text\n"""',
        "{a = 1}",
        "1979-05-27",
    ]
)
HEADERS = ["trackers.MH", 'trackers."MH".category_ids', "trackers.sp", "trackers.sp.deep.er", "trackers.X2"]
TOP = ['uploader = "me"', 'default_trackers = ["MH", "sp"]']


@frozen
class Written:
    """A configuration with numbered comments in every place that can have one."""

    text: str
    inside: Mapping[str, set[str]]
    """The comments within the lines of a tracker."""

    def comments(self, without: str | None = None) -> list[str]:
        gone = self.inside[without] if without else set()
        return [comment for comment in numbered(self.text) if comment not in gone]


def numbered(text: str) -> list[str]:
    return re.findall("# c[0-9]+", text)


@st.composite
def documents(draw: st.DrawFn) -> Written:
    text = ""
    inside: dict[str, set[str]] = {}
    owner, last_statement = "", 0
    statements = draw(st.lists(st.sampled_from(TOP), unique=True))
    for header in draw(st.lists(st.sampled_from(HEADERS), unique=True)):
        literals = enumerate(draw(st.lists(LITERALS, max_size=3)))
        keys = [f"key{number} = {literal}" for number, literal in literals]
        statements += [f"[{header}]", *keys]
    for number, statement in enumerate(statements):
        before = len(numbered(text))
        text += draw(st.sampled_from(["", "\n", f"# c{number}1\n", f"# c{number}1\n\n"]))
        if statement.startswith("["):
            previous, owner = owner, statement.split(".")[1].strip('"]').upper()
            begins = last_statement if previous == owner else len(numbered(text))
        else:
            begins = before
        text += f"{statement}  # c{number}2\n"
        inside.setdefault(owner, set()).update(numbered(text)[begins:])
        last_statement = len(numbered(text))
    text += draw(st.sampled_from(["", "# c9\n", "\n# c9"]))
    return Written(text.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))), inside)


@given(documents(), st.sampled_from(["MH", "SP", "X2", "NEW"]))
def test_editing_keeps_every_comment_and_every_other_table(
    tmp_path_factory: pytest.TempPathFactory, written: Written, tracker_id: str
) -> None:
    path = tmp_path_factory.mktemp("config") / "config.toml"
    path.write_text(written.text, newline="")
    before = load_configuration(path)
    others = {name: before.table(name) for name in before.tracker_ids() if name != tracker_id}

    def check(comments: list[str]) -> None:
        after = load_configuration(path)
        assert {name: after.table(name) for name in others} == others
        assert after.uploader == before.uploader
        assert numbered(path.read_text()) == comments

    there = dict(before.table(tracker_id)) if before.has_table(tracker_id) else {}
    set_tracker(path, tracker_id, {**there, "enabled": False})
    assert table(path, tracker_id) == {**there, "enabled": False}
    check(written.comments())
    if before.has_table(tracker_id):
        path.write_text(written.text, newline="")
        remove_tracker(path, tracker_id)
        assert not load_configuration(path).has_table(tracker_id)
        check(written.comments(without=tracker_id))
