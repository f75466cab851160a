"""Sliding windows over the starts of requests: the limit belongs to the account, so all calls share one."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import anyio

from pipeline.errors import JournalError, NotSent

from .tracker_config import Rate

WIDENED_BY = 0.02
WIDENED_AT_LEAST = 0.25
"""Seconds: a window is taken a little wider than the site's, since wake-ups and networks jitter."""

Windows = Sequence[tuple[int, float]]
"""Of each how many requests may start in it, and its width in seconds."""


class Limiter(Protocol):
    """Lets at most `count` requests start in any `seconds`, for every rate; waiters go in their order.

    A leaky bucket would not do: it lets a burst through and then refills while the burst still counts.
    """

    async def acquire(self, on_wait: Callable[[float], None]) -> None:
        """Returns when a request may start; `on_wait` is told of each wait beforehand, in seconds."""
        ...


class SlidingWindow:
    """A limiter for this process alone: it forgets with it."""

    def __init__(self, rates: Sequence[Rate]) -> None:
        self._windows = [(width, deque[float](maxlen=count)) for count, width in widened(rates)]
        self._turn = anyio.Lock()

    async def acquire(self, on_wait: Callable[[float], None]) -> None:
        async with self._turn:
            while (wait := self.wait(anyio.current_time())) > 0:
                on_wait(wait)
                await anyio.sleep(wait)
            self.start(anyio.current_time())

    def wait(self, now: float) -> float:
        """Seconds from `now` until a request may start; 0 or less where it may start at once."""
        return max((_until_free(width, starts, now) for width, starts in self._windows), default=0.0)

    def start(self, now: float) -> None:
        """Counts a request that starts `now`."""
        for _, starts in self._windows:
            starts.append(now)


class SharedWindow:
    """A limiter that keeps its count elsewhere, so that other processes count with it.

    `take` counts a start and gives 0, or gives the seconds until there may be room for it.
    """

    def __init__(self, rates: Sequence[Rate], take: Callable[[Windows], Awaitable[float]]) -> None:
        self._windows = widened(rates)
        self._take = take
        self._turn = anyio.Lock()

    async def acquire(self, on_wait: Callable[[float], None]) -> None:
        """Raises NotSent where the count cannot be kept: what is not counted may cost the account."""
        async with self._turn:
            while (wait := await self._take_slot()) > 0:
                on_wait(wait)
                await anyio.sleep(wait)

    async def _take_slot(self) -> float:
        try:
            return await self._take(self._windows)
        except JournalError as error:
            raise NotSent(
                f"the request cannot be counted, and so was not made: {error.message}",
                hint=error.hint,
                retryable=False,
            ) from error


def widened(rates: Sequence[Rate]) -> Windows:
    """The windows that keep the rates for certain."""
    return [(rate.count, rate.seconds + max(rate.seconds * WIDENED_BY, WIDENED_AT_LEAST)) for rate in rates]


def _until_free(width: float, starts: deque[float], now: float) -> float:
    return 0.0 if len(starts) < (starts.maxlen or 0) else starts[0] + width - now
