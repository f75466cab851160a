"""How Gazelle counts requests: one counter for all listed actions, living as long as its first one says."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping

ACTIONS: Mapping[str, tuple[int, float]] = {
    "add_log": (5, 10.0),
    "artist": (15, 30.0),
    "browse": (5, 10.0),
    "request": (4, 60.0),
    "torrentgroup": (15, 60.0),
}
"""How many, in how many seconds; the others, an upload among them, are never limited (OPS's table)."""


class ActionCounter:
    """The first call makes it, and it is read before it goes up: two more than the rate pass."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._count = 0
        self._until = -math.inf

    def refuses(self, action: str) -> bool:
        """Counts a call of the action; whether it is one too many."""
        if action not in ACTIONS:
            return False
        rate, seconds = ACTIONS[action]
        now = self._clock()
        if now >= self._until:
            self._count, self._until = 0, now + seconds
            return False
        before, self._count = self._count, self._count + 1
        return before > rate
