"""`tracker test` of several trackers: all are asked, whatever one of them says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal

from tests.support.program import Program


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
