"""Regular expressions of users, matched with pages of strangers: bounded, whatever they are."""

from __future__ import annotations

import time

import pytest

from trackers.described import patterns
from trackers.described.patterns import (
    PatternFault,
    find_all,
    find_in_each,
    fits,
    fits_nothing,
    pattern_problem,
)


async def test_one_that_backtracks_forever_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 0.5)
    begun = time.monotonic()
    with pytest.raises(PatternFault, match=r"longer than 0\.5 s"):
        await find_all(r"(a+)+$", "a" * 64 + "!")
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r'value="([^"]+)"', 'value="a" value="b"', ["a", "b"]),
        (r"\d+", "1 22", ["1", "22"]),
        (r"a|(b)", "a b", ["b"]),
        (r"x", "", []),
        (r"(夜.)", "夜明け \ud800", ["夜明"]),
    ],
)
async def test_the_first_group_or_all_of_it_is_found(pattern: str, text: str, found: list[str]) -> None:
    assert await find_all(pattern, text) == found


async def test_the_pieces_of_a_page_are_searched_each_by_itself() -> None:
    assert await find_in_each("a(.)", ["ab ac", "", "ad"]) == [["b", "c"], [], ["d"]]


async def test_an_expression_whose_group_is_empty_fits_all_the_same() -> None:
    assert await fits("stored( twice)?", "is stored")
    assert not await fits("stored", "is lost")


@pytest.mark.parametrize(
    ("pattern", "nothing"), [("", True), (".*", True), ("^(?!.*error)", True), ("(a)?", True), ("a|b", False)]
)
def test_what_fits_an_empty_page_is_known(pattern: str, nothing: bool) -> None:
    assert fits_nothing(pattern) is nothing


async def test_a_page_is_searched_up_to_a_length() -> None:
    assert await find_all("end", " " * patterns.LONGEST_TEXT + "end") == []


@pytest.mark.parametrize("pattern", ["(", "[", "*", "(?P<1>a)", "a" * 1001, "[[a]", "x{1,99999999999}"])
def test_what_is_no_expression_is_told(pattern: str) -> None:
    assert "regular expression" in (pattern_problem(pattern) or "")
