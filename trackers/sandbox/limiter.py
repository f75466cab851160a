"""The fixed window of a site's request limit."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping

from attrs import frozen


@frozen
class Hit:
    """What the limiter says of one request; `retry_after` is in seconds, None where it was let through."""

    limit: int
    remaining: int
    retry_after: int | None = None

    @property
    def headers(self) -> Mapping[str, str]:
        headers = {"X-RateLimit-Limit": str(self.limit), "X-RateLimit-Remaining": str(self.remaining)}
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
            headers["X-RateLimit-Reset"] = str(int(time.time()) + self.retry_after)
        return headers


class FixedWindow:
    """Lets `count` requests through in a window that opens with the first; refused ones do not prolong it."""

    def __init__(self, count: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._count = count
        self._seconds = seconds
        self._clock = clock
        self._end = -math.inf
        self._used = 0

    def hit(self) -> Hit:
        now = self._clock()
        if now >= self._end:
            self._end, self._used = now + self._seconds, 0
        if self._used >= self._count:
            return Hit(self._count, 0, retry_after=max(1, math.ceil(self._end - now)))
        self._used += 1
        return Hit(self._count, self._count - self._used)
