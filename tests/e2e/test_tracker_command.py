"""`tracker test` asks the site, and uploads nothing."""

from __future__ import annotations

import pytest

from tests.support.program import Program


@pytest.mark.parametrize(("tracker_id", "proved"), [("MH", None), ("SP", True)])
def test_a_key_that_is_good(program: Program, tracker_id: str, proved: bool | None) -> None:
    """A generic site has no question that would prove it."""
    site = program.add_site(tracker_id)
    finished = program("tracker", "test", tracker_id, "--json")
    assert finished.code == 0
    assert [(line["check"], line["ok"]) for line in finished.lines] == [
        ("configuration", True),
        ("key", proved),
    ]
    assert not [request for request in site.requests if request.method != "GET"]


def test_a_key_that_is_not(program: Program) -> None:
    program.add_site("SP", {"api_key": "another-key"})
    finished = program("tracker", "test", "SP")
    assert finished.code == 1
    assert finished.says("SP: key: PROBLEM", "does not accept the key", "trackers.SP.api_key")


def test_offline_asks_nobody(program: Program) -> None:
    site = program.add_site("SP")
    assert program("tracker", "test", "SP", "--offline").code == 0
    assert site.requests == []
