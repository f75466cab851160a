"""No window of a site's limit ever holds more requests than it allows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import JournalError, NotSent
from pipeline.events import Event, UploadWaiting
from pipeline.journal.slots import Slots
from pipeline.model.upload import UploadRequest, UploadResult
from tests.support.raw_site import answering, raw_site
from tests.support.requests import SOON, album_request, tracker_config
from trackers.connect import connect
from trackers.generic_tracker import GenericTracker
from trackers.limiter import WIDENED_AT_LEAST, Limiter, SharedWindow, SlidingWindow
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


def in_memory() -> Limiter:
    return SlidingWindow([Rate(1, 0.01)])


def shared() -> Limiter:
    """Another process is quicker once: there are two waits for each of ours."""
    waits = iter([0.0, 0.002, 0.001, 0.0, 0.002, 0.001, 0.0])

    async def take(windows: Sequence[tuple[int, float]]) -> float:
        assert windows == [(1, 0.01 + WIDENED_AT_LEAST)]
        return next(waits)

    return SharedWindow([Rate(1, 0.01)], take)


@pytest.mark.parametrize("make", [in_memory, shared])
async def test_waiters_go_in_their_order_and_each_wait_is_told_of(make: Callable[[], Limiter]) -> None:
    window = make()
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


# Shared with other processes and later runs

DAY = 86400.0
STORED = b'{"success": true, "id": 7}'


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> UploadRequest:
    return album_request(tmp_path_factory.mktemp("music") / "First Light", tracks=1)


async def test_a_shared_limit_takes_windows_a_little_wider() -> None:
    seen: list[tuple[int, float]] = []

    async def take(windows: Sequence[tuple[int, float]]) -> float:
        seen.extend(windows)
        return 0.0

    await SharedWindow([Rate(5, 10.0), Rate(200, DAY)], take).acquire(lambda wait: None)
    assert seen == [(5, 10.0 + WIDENED_AT_LEAST), (200, DAY * 1.02)]


async def test_a_request_that_cannot_be_counted_is_not_made() -> None:
    async def take(windows: Sequence[tuple[int, float]]) -> float:
        raise JournalError("journal.db cannot be written: the disk is full", hint="free some space")

    with pytest.raises(NotSent, match=r"cannot be counted, .*the disk is full") as caught:
        await SharedWindow([Rate(1, 1.0)], take).acquire(lambda wait: None)
    assert caught.value.hint == "free some space"
    assert not caught.value.retryable


async def test_two_tables_of_one_account_share_its_daily_quota(album: UploadRequest, tmp_path: Path) -> None:
    events: list[Event] = []
    clock: Iterator[float] = iter([1_800_000_000.0, 1_800_000_060.0])

    async with (
        raw_site(answering(200, STORED)) as site,
        Slots(tmp_path / "slots.db", clock.__next__) as slots,
    ):

        def limiter_for(account: str, rates: Sequence[Rate]) -> Limiter:
            return SharedWindow(rates, lambda windows: slots.take(account, windows))

        first, second = (
            connect(
                GenericTracker,
                tracker_config(site.url, tracker_id, rate_limit=(Rate(1, DAY),)),
                events.append,
                retries=SOON,
                limiter_for=limiter_for,
            )
            for tracker_id in ("XY", "OLD-XY")
        )
        async with first, second, anyio.create_task_group() as group:
            assert isinstance(await first.upload(album), UploadResult)
            group.start_soon(second.upload, album)
            while not (waits := [event for event in events if isinstance(event, UploadWaiting)]):
                await anyio.lowlevel.checkpoint()
            group.cancel_scope.cancel()
    assert site.posts == 1
    assert [(wait.reason, wait.seconds) for wait in waits] == [("rate limit", DAY * 1.02 - 60)]
