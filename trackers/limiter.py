"""A sliding window over the starts of requests: the limit belongs to the account, so all calls share one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

import anyio

from .tracker_config import Rate

WIDENED_BY = 0.02
WIDENED_AT_LEAST = 0.25
"""Seconds: a window is taken a little wider than the site's, since wake-ups and networks jitter."""


class SlidingWindow:
    """Lets at most `count` requests start in any `seconds`, for every rate; waiters go in their order.

    A leaky bucket would not do: it lets a burst through and then refills while the burst still counts.
    """

    def __init__(self, rates: Sequence[Rate]) -> None:
        self._windows = [(rate, deque[float](maxlen=rate.count)) for rate in rates]
        self._turn = anyio.Lock()

    async def acquire(self, on_wait: Callable[[float], None]) -> None:
        """Returns when a request may start; `on_wait` is told of each wait beforehand, in seconds."""
        async with self._turn:
            while (wait := self.wait(anyio.current_time())) > 0:
                on_wait(wait)
                await anyio.sleep(wait)
            self.start(anyio.current_time())

    def wait(self, now: float) -> float:
        """Seconds from `now` until a request may start; 0 or less where it may start at once."""
        return max((_until_free(rate, starts, now) for rate, starts in self._windows), default=0.0)

    def start(self, now: float) -> None:
        """Counts a request that starts `now`."""
        for _, starts in self._windows:
            starts.append(now)


def _until_free(rate: Rate, starts: deque[float], now: float) -> float:
    if len(starts) < rate.count:
        return 0.0
    width = rate.seconds + max(rate.seconds * WIDENED_BY, WIDENED_AT_LEAST)
    return starts[0] + width - now
