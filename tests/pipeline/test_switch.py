"""When a tracker gets nothing more in a run: it is dead, takes nothing from us, or refuses all alike."""

from __future__ import annotations

import pytest

from pipeline.errors import KeyRefused, NameTaken, NotSent, Rejected, TrackerError, Unknown
from pipeline.switch import Switch


def after(*verdicts: TrackerError | None, give_up_after: int = 3) -> str:
    """Why the tracker is off after these verdicts; empty while it is on."""
    switch = Switch(give_up_after)
    for verdict in verdicts:
        assert not switch.off
        switch.note(verdict)
    return switch.off


def test_a_tracker_begins_and_stays_on() -> None:
    assert after() == ""
    assert after(*[None] * 10) == ""


@pytest.mark.parametrize("dead", [NotSent("cannot be reached"), Unknown("no answer")])
def test_so_many_failures_in_a_row_switch_it_off(dead: TrackerError) -> None:
    assert after(dead, dead) == ""
    assert after(dead, dead, dead) == f"3 uploads in a row failed, the last one: {dead.message}"
    assert after(dead, give_up_after=1)


@pytest.mark.parametrize("alive", [None, Rejected("the name is too long")])
def test_a_site_that_answers_in_between_is_not_dead(alive: TrackerError | None) -> None:
    dead = NotSent("cannot be reached")
    assert after(dead, dead, alive, dead, Unknown("no answer")) == ""


def test_a_refused_key_switches_it_off_at_once() -> None:
    off = after(KeyRefused("MH does not accept the key"), give_up_after=100)
    assert off == "it takes nothing from this account: MH does not accept the key"


def test_three_equal_refusals_switch_it_off() -> None:
    refused = Rejected("the category is unknown")
    off = after(refused, refused, refused, give_up_after=100)
    assert off == "3 uploads in a row were refused alike: the category is unknown"


@pytest.mark.parametrize("between", [None, Rejected("another reason")])
def test_refusals_that_are_not_alike_do_not(between: TrackerError | None) -> None:
    refused = Rejected("the category is unknown")
    assert after(refused, refused, between, refused, refused) == ""


def test_a_failure_between_equal_refusals_changes_nothing() -> None:
    """It says nothing of what the site would have said."""
    refused = Rejected("the category is unknown")
    assert after(refused, NotSent("cannot be reached"), refused, refused)


def test_why_it_was_switched_off_first_is_kept() -> None:
    """Uploads that were under way then still bring their verdicts."""
    switch = Switch(1)
    switch.note(NotSent("cannot be reached"))
    switch.note(None)
    assert switch.off.endswith("cannot be reached")


def test_names_that_are_taken_say_nothing_of_other_albums() -> None:
    taken = NameTaken("The name has already been taken.")
    assert after(*[taken] * 5) == ""
    refused = Rejected("the category is unknown")
    assert after(refused, taken, refused, taken, refused) != ""
