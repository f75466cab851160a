"""What a CD ripper's log says of its rip."""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen

from .files import AlbumFile


class LogChecksum(StrEnum):
    """Whether a log is as its ripper wrote it."""

    GOOD = "good"
    BAD = "bad"
    MISSING = "missing"
    UNCHECKED = "unchecked"
    """There is one, and nothing here can check it."""


@frozen
class RipLog:
    """A log beside the audio; the file itself is kept byte for byte."""

    file: AlbumFile
    ripper: str
    """`EAC`, `XLD`... with its version, as the log names it."""
    checksum: LogChecksum
    score: int | None = None
    """0 to 100, as Gazelle sites count; None where it cannot be told."""
    deductions: tuple[str, ...] = ()
    """What the score was lowered for."""
