"""Time between processes: what has surely passed, whatever restarted in between."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.journal.moments import Moment

THEN = Moment("boot", 100.0)


def test_time_passes() -> None:
    first, second = Moment.now(), Moment.now()
    assert 0 <= first.elapsed(second) <= first.elapsed() < 60


def test_the_same_boot_counts_exactly() -> None:
    assert THEN.elapsed(Moment("boot", 130.5)) == 30.5


def test_after_a_restart_only_the_time_since_it_counts() -> None:
    assert THEN.elapsed(Moment("another", 20.0)) == 20.0
    assert THEN.elapsed(Moment("another", 500.0)) == 500.0


def test_a_restart_shows_where_no_boot_is_named() -> None:
    assert Moment("", 100.0).elapsed(Moment("", 20.0)) == 20.0


def test_a_moment_to_come_has_not_passed() -> None:
    assert THEN.elapsed(Moment("boot", 99.0)) == 0.0


@given(
    up=st.floats(0, 1e6),
    off=st.none() | st.floats(0, 1e6),
    later=st.floats(0, 1e6),
    named=st.tuples(st.booleans(), st.booleans()),
)
def test_never_more_than_has_passed(
    up: float, off: float | None, later: float, named: tuple[bool, bool]
) -> None:
    """The machine may have been off in between, and does not always name its start."""
    then = Moment("first" if named[0] else "", up)
    if off is None:
        now, passed = Moment("first" if named[1] else "", up + later), later
    else:
        now, passed = Moment("second" if named[1] else "", later), off + later
    assert 0 <= then.elapsed(now) <= passed + 1e-6


@given(st.builds(Moment, st.sampled_from(["", "8cbe6d5c-0f2b-4d0e-9a53-2f6a1c9fb0d1"]), st.floats(0, 1e12)))
def test_text_keeps_it_all(moment: Moment) -> None:
    assert Moment.parse(moment.text()) == moment


@pytest.mark.parametrize("text", ["", "boot", "12.5", "boot ", "boot x", "boot nan", "boot inf", "\0" * 80])
def test_other_text_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the type is all that is promised
        Moment.parse(text)
