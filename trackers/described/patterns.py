"""A user's regular expressions, matched with what a site says in bounded time."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import warnings
from pathlib import Path

from anyio import to_thread

PROCESS = Path(__file__).with_name("pattern_process.py")
LONGEST_PATTERN = 1_000
LONGEST_TEXT = 1024 * 1024
"""Characters of a site's text that are searched."""
SECONDS = 5.0
"""Most of it is for a busy machine to start a process."""


class PatternFault(Exception):
    """The expression could not be matched in time."""


def pattern_problem(pattern: str) -> str | None:
    """Why the text is no regular expression that can be used; None if it is."""
    if len(pattern) > LONGEST_PATTERN:
        return f"is too long for a regular expression: at most {LONGEST_PATTERN} characters"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # an expression that a later Python reads otherwise
            re.compile(pattern)
    except (re.error, Warning, OverflowError, RecursionError) as error:
        return f"is no regular expression: {error}"
    return None


def groups_in(pattern: str) -> int:
    """How many groups a regular expression has."""
    return re.compile(pattern).groups


async def find_all(pattern: str, text: str) -> list[str]:
    """What the first group, or the whole expression, matches, in order; raises PatternFault."""
    return await to_thread.run_sync(_find_all, pattern, text[:LONGEST_TEXT])


def _find_all(pattern: str, text: str) -> list[str]:
    try:
        ended = subprocess.run(  # noqa: S603 - our own file, by this Python
            [sys.executable, "-I", "-S", "-W", "ignore", str(PROCESS)],
            input=json.dumps([pattern, text]).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=True,
            start_new_session=True,  # a Ctrl-C lets uploads in flight finish, and this is part of one
        )
    except subprocess.TimeoutExpired:
        raise PatternFault(f"takes longer than {SECONDS:g} s") from None
    except (OSError, subprocess.CalledProcessError) as error:
        raise PatternFault(f"cannot be matched ({type(error).__name__})") from None
    found: list[str | None] = json.loads(ended.stdout)
    return [text for text in found if text is not None]
