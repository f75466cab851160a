"""Whether a tracker still gets albums in this run: one that is dead, or refuses all alike, is left alone."""

from __future__ import annotations

from attrs import define, field

from .errors import KeyRefused, NameTaken, NotSent, Rejected, TrackerError, Unknown

EQUAL_REFUSALS = 3
"""In a row: one wrong id must not be sent five thousand times."""


@define
class Switch:
    """Follows the verdicts of one tracker."""

    give_up_after: int = 5
    """Failures in a row."""
    off: str = ""
    """Why nothing more is sent there; empty as long as it is on."""
    _failures: int = field(default=0, init=False)
    _refusal: str = field(default="", init=False)
    _refusals: int = field(default=0, init=False)

    def note(self, error: TrackerError | None) -> None:
        """Takes in how an upload ended; None is a success."""
        match error:
            case KeyRefused():
                self.off = f"it takes nothing from this account: {error.message}"
            case NameTaken():
                self._failures = 0  # that is about one album
            case Rejected():
                self._failures = 0
                self._count_refusal(error.message)
            case NotSent() | Unknown():
                self._failures += 1
                if self._failures >= self.give_up_after:
                    self.off = f"{self._failures} uploads in a row failed, the last one: {error.message}"
            case None:
                self._failures, self._refusals = 0, 0

    def _count_refusal(self, message: str) -> None:
        self._refusals = self._refusals + 1 if message == self._refusal else 1
        self._refusal = message
        if self._refusals >= EQUAL_REFUSALS:
            self.off = f"{self._refusals} uploads in a row were refused alike: {message}"
