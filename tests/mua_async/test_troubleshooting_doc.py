"""`docs/trackers.md` shows what is printed where something is wrong with a tracker."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal

from tests.support.audio import make_album
from tests.support.program import Program

DOCUMENT = (Path(__file__).parents[2] / "docs" / "trackers.md").read_text("utf-8")
SECTION = re.compile(
    r"^### (?P<title>[^\n]+)\n(?:(?!^#).)*?"
    r"^```console\n\$ mua-async (?P<command>[^\n]+)\n(?P<shown>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
TROUBLES = DOCUMENT.partition("## When something is wrong")[2]
SHOWN = {match["title"]: (match["command"], match["shown"]) for match in SECTION.finditer(TROUBLES)}
HOME = "~/.config/mua-async"
"""How the document calls the folder of the configuration."""
ADAPTER = "from mua_async.adapter import GenericTracker\n\n\nclass {}(GenericTracker):\n    pass\n"


@pytest.fixture
def program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Program]:
    (tmp_path / "trackers").mkdir()
    with start_blocking_portal() as portal, Program(tmp_path, portal, capsys) as program:
        program.tables["SP"] = {"enabled": False}
        yield program


def write(program: Program, name: str, text: str) -> None:
    (program.folder / "trackers" / name).write_text(text)


def misnamed_file(program: Program) -> None:
    write(program, "mysite_traker.py", ADAPTER.format("MySiteTracker"))


def misnamed_class(program: Program) -> None:
    write(program, "mysite_tracker.py", ADAPTER.format("MySiteTraker"))


def no_adapter(program: Program) -> None:
    write(program, "mysite_tracker.py", "class MySiteTracker:\n    pass\n")


def broken_import(program: Program) -> None:
    write(program, "mysite_tracker.py", "import musicsite\n")


def two_modules(program: Program) -> None:
    for name in ("MYSITE_tracker.py", "mysite_tracker.py"):
        write(program, name, ADAPTER.format("MySiteTracker"))


def no_key(program: Program) -> None:
    program.tables["YUS"] = {}


def no_variable(program: Program) -> None:
    announce = "https://yu-scene.net/announce/0123456789abcdef"
    program.tables["YUS"] = {"api_key": "env:YUS_KEY", "announce_url": announce}


def wrong_key(program: Program) -> None:
    program.add_site("YUS", {"api_key": "another-key"})


def missing_id(program: Program) -> None:
    program.add_site("MYSITE", {"category_ids": {"ALBUM": "5"}})


SCENES: Mapping[str, Callable[[Program], None]] = {
    "The module is not found": misnamed_file,
    "The class is not found": misnamed_class,
    "The class is no adapter": no_adapter,
    "The module cannot be imported": broken_import,
    "Two modules for one id": two_modules,
    "Keys are missing": no_key,
    "A key cannot be looked up": no_variable,
    "The site does not take the key": wrong_key,
    "An id is missing": missing_id,
}


def test_every_trouble_has_its_scene() -> None:
    assert list(SHOWN) == list(SCENES)


@pytest.mark.parametrize("title", SCENES)
def test_the_document_shows_what_is_printed(program: Program, title: str) -> None:
    SCENES[title](program)
    command, shown = SHOWN[title]
    album = make_album(program.folder / "music" / "First Light", seconds=0.2)
    finished = program(*(str(album) if word == "ALBUM" else word for word in command.split()))
    printed = (finished.out + finished.err).replace(str(program.folder), HOME)
    assert re.fullmatch(re.escape(shown).replace(re.escape("[...]"), ".*"), printed, re.DOTALL), printed
