"""Hands a request's body to the transport and knows how much of it may have arrived."""

from __future__ import annotations

from collections.abc import AsyncIterator

import anyio
from attrs import define, field

from pipeline.errors import LOOK_FIRST, NotSent, TrackerError, Unknown

from .attempt import Attempt

CHUNK = 64 * 1024


@define
class Delivery:
    """One sending of a body; times are in seconds.

    The watchdog ends a send that makes no progress, and a wait for an answer that does not come: aiohttp has
    no time limit for a stalled send.
    """

    data: bytes = field(repr=False)
    send_timeout: float
    answer_timeout: float
    attempt: Attempt | None = None
    """The upload that is told of it, if it is one."""
    watchdog: anyio.CancelScope = field(factory=anyio.CancelScope)
    begun: bool = False
    last_byte_handed: bool = False

    async def chunks(self) -> AsyncIterator[bytes]:
        size = len(self.data)
        for start in range(0, size, CHUNK):
            end = min(start + CHUNK, size)
            self.begun = True
            if end == size:
                self._hand_last()
            else:
                self.watchdog.deadline = anyio.current_time() + self.send_timeout
            yield self.data[start:end]
            if self.attempt is not None:
                self.attempt.sent(end, size)

    def _hand_last(self) -> None:
        self.last_byte_handed = True
        self.watchdog.deadline = anyio.current_time() + self.answer_timeout
        if self.attempt is not None:
            self.attempt.handed_over()

    def overdue(self) -> str:
        """What the watchdog ended."""
        if self.last_byte_handed:
            return f"no answer within {self.answer_timeout:g} s"
        return f"it took no more bytes for {self.send_timeout:g} s"

    def verdict(self, host: str, reason: str, passing: bool = True) -> TrackerError:
        """What a broken exchange means: an incomplete request is no request, a complete one is in doubt."""
        if self.last_byte_handed:
            return Unknown(f"{host} may have got all of it and gave no answer: {reason}", hint=LOOK_FIRST)
        if self.begun:
            return NotSent(f"{host} broke off while it was being sent: {reason}", retryable=passing)
        return NotSent(f"{host} cannot be reached: {reason}", retryable=passing)
