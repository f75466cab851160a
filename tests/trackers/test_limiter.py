"""No window of a site's limit ever holds more requests than it allows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import anyio
from hypothesis import given
from hypothesis import strategies as st

from trackers.limiter import WIDENED_AT_LEAST, SlidingWindow
from trackers.tracker_config import Rate

RATES = st.lists(st.builds(Rate, st.integers(1, 5), st.sampled_from([0.5, 1.0, 10.0, 60.0])), max_size=3)
PAUSES = st.lists(st.sampled_from([0.0, 0.001, 0.3, 1.0, 7.0, 60.0]), max_size=40)


def starts_of(rates: Sequence[Rate], pauses: Sequence[float]) -> list[float]:
    """When requests that come after these pauses start, on a clock that only waiting moves."""
    window, now, starts = SlidingWindow(rates), 1000.0, list[float]()
    for pause in pauses:
        now += pause
        while (wait := window.wait(now)) > 0:
            now += wait
        window.start(now)
        starts.append(now)
    return starts


@given(RATES, PAUSES)
def test_no_window_holds_more_than_its_rate(rates: list[Rate], pauses: list[float]) -> None:
    starts = starts_of(rates, pauses)
    for rate in rates:
        for first, beyond in zip(starts, starts[rate.count :], strict=False):
            assert beyond - first > rate.seconds


@given(RATES, PAUSES)
def test_nobody_waits_longer_than_the_widest_window(rates: list[Rate], pauses: list[float]) -> None:
    starts = starts_of(rates, pauses)
    longest = max((rate.seconds * 1.02 + WIDENED_AT_LEAST for rate in rates), default=0.0)
    for (before, after), pause in zip(pairwise(starts), pauses[1:], strict=False):
        assert after - before <= max(pause, longest) + 1e-6


def test_a_burst_is_let_through_at_once_and_the_next_waits_for_the_window() -> None:
    assert starts_of([Rate(3, 10.0)], [0.0] * 4) == [1000.0, 1000.0, 1000.0, 1010.25]


def test_without_a_rate_nothing_waits() -> None:
    assert SlidingWindow(()).wait(0.0) <= 0


async def test_waiters_go_in_their_order_and_each_wait_is_told_of() -> None:
    window = SlidingWindow([Rate(1, 0.01)])
    order: list[int] = []
    waits: list[float] = []

    async def acquire(number: int) -> None:
        await window.acquire(waits.append)
        order.append(number)

    async with anyio.create_task_group() as group:
        for number in range(3):
            group.start_soon(acquire, number)
    assert order == [0, 1, 2]
    assert len(waits) >= 2
    assert all(0 < wait <= 0.01 + WIDENED_AT_LEAST for wait in waits)


async def test_a_waiter_that_is_cancelled_takes_no_place() -> None:
    window = SlidingWindow([Rate(1, 1000.0)])
    await window.acquire(lambda wait: None)
    with anyio.move_on_after(0.01):
        await window.acquire(lambda wait: None)
    assert window.wait(anyio.current_time() + 1000.0 * 1.02) <= 0
