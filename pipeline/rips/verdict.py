"""The score of a log, from a checker that runs in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from attrs import field, frozen

from ..text import printable

JUDGE = Path(__file__).with_name("judge.py")
SECONDS = 20
"""A log takes some milliseconds."""


def _within(score: int) -> int:
    return min(max(score, 0), 100)


def _lines(values: list[str]) -> tuple[str, ...]:
    return tuple(printable(value) for value in values)


@frozen
class Verdict:
    """What the checker found; `integrity` has cambia's word for each part of a log of several rips."""

    score: int = field(converter=_within)
    integrity: tuple[str, ...] = field(converter=tuple)
    deductions: tuple[str, ...] = field(converter=_lines)


def judge(log: bytes) -> Verdict | None:
    """Scores a log; None where the checker is missing, or cannot take this log. Blocks for some 0.1 s."""
    command = [sys.executable, "-P", str(JUDGE)]
    try:
        done = subprocess.run(  # noqa: S603 - our own program, given no arguments
            command,
            input=log,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            start_new_session=True,  # a Ctrl-C at the terminal is not for it
            check=True,
        )
        return Verdict(**json.loads(done.stdout))
    except (subprocess.SubprocessError, OSError, ValueError):
        return None
