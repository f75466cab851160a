"""One album's attempt at one tracker: who is being served, and whether anything may have arrived."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from attrs import define

from pipeline.events import BytesSent, Cell, UploadStarted, UploadWaiting
from pipeline.ports import UploadLog


@define
class Attempt:
    """Follows the requests of one album at one tracker; the session reports to it."""

    cell: Cell
    log: UploadLog | None = None
    """Where it is written down that it is being sent."""
    may_create: bool = False
    """The one creating request of an upload is still to be made."""
    in_doubt: bool = False
    """The creating request was handed over whole, and there is no verdict on it yet."""
    status: int | None = None
    """What the site answered to the creating request."""

    async def begin(self, size: int) -> None:
        """The creating request has its turn: written down before the first of its `size` bytes goes out."""
        if self.log is not None:
            await self.log.begin()
        self.cell.report(UploadStarted, size=size)

    async def withdraw(self) -> None:
        """The creating request surely did not arrive; a wait may follow, and it be made again."""
        if self.log is not None:
            await self.log.withdraw()

    def handed_over(self) -> None:
        self.in_doubt, self.status = True, None

    def answered(self, status: int) -> None:
        self.status = status

    def refused_unread(self) -> None:
        """The site turned the creating request away before looking at it."""
        self.in_doubt, self.status = False, None

    def turned_away(self) -> None:
        """The site proved that it took nothing: the creating request may be made anew."""
        self.refused_unread()
        self.may_create = True

    def waiting(self, reason: str, seconds: float) -> None:
        self.cell.report(UploadWaiting, reason=reason, seconds=seconds)

    def sent(self, done: int, size: int) -> None:
        self.cell.report(BytesSent, done=done, size=size)


_current: ContextVar[Attempt | None] = ContextVar("current_attempt", default=None)


@contextmanager
def attempt_under_way(attempt: Attempt | None) -> Iterator[None]:
    """Makes `attempt` the one that the session's requests in this task belong to."""
    token = _current.set(attempt)
    try:
        yield
    finally:
        _current.reset(token)


def current_attempt() -> Attempt | None:
    """The attempt that this task works for; None outside a run, as in `tracker test`."""
    return _current.get()


def take_creation() -> Attempt:
    """The upload that this task works for, its one creating request now spent; RuntimeError for a second."""
    attempt = current_attempt()
    if attempt is None or not attempt.may_create:
        raise RuntimeError("an adapter may send one creating request for each upload, and none outside of it")
    attempt.may_create = False
    return attempt
