"""What a judge of one file says of its audio."""

from __future__ import annotations

from attrs import frozen

from ..model.finding import Severity


@frozen
class Flaw:
    """A finding before it has its file; `clause` goes on where the file's name ends."""

    severity: Severity
    reason: str
    clause: str


def problem(reason: str, clause: str) -> Flaw:
    return Flaw(Severity.PROBLEM, reason, clause)


def warning(reason: str, clause: str) -> Flaw:
    return Flaw(Severity.WARNING, reason, clause)


def unjudged(reason: str, clause: str) -> Flaw:
    return Flaw(Severity.UNJUDGED, reason, clause)


def clock(seconds: float) -> str:
    """Minutes and seconds, as players show them."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"
