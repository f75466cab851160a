"""A user's regular expressions, matched with what a site says in bounded time."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import warnings
from collections.abc import Iterable, Sequence
from functools import lru_cache, partial
from pathlib import Path

from anyio import to_thread

KEPT = 32
"""Searches whose finds are remembered: the same rules judge one answer several times."""
PROCESS = Path(__file__).with_name("pattern_process.py")
LONGEST_PATTERN = 1_000
LONGEST_TEXT = 1024 * 1024
"""Characters of a site's text that are searched."""
MOST_MATCHES = 100
"""Of an expression in one text; further ones are not looked for."""
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


def fits_nothing(pattern: str) -> bool:
    """Whether the expression fits an empty page; PatternFault where that takes too long. Blocks: 30 ms."""
    return bool(_search(pattern, ("",), whole=True)[0])


async def fits(pattern: str, text: str) -> bool:
    """Whether the expression fits somewhere in the text; raises PatternFault."""
    (found,) = await to_thread.run_sync(partial(_search, pattern, (text[:LONGEST_TEXT],), whole=True))
    return bool(found)


async def find_all(pattern: str, text: str) -> list[str]:
    """What the first group, or the whole expression, matches, in order; raises PatternFault."""
    (found,) = await find_in_each(pattern, [text])
    return list(found)


async def find_in_each(pattern: str, texts: Iterable[str]) -> Sequence[Sequence[str]]:
    """The same for each of the texts; all of them share the time that there is."""
    searched = tuple(text[:LONGEST_TEXT] for text in texts)
    return await to_thread.run_sync(partial(_search, pattern, searched, whole=False))


@lru_cache(maxsize=KEPT)
def _search(pattern: str, texts: tuple[str, ...], *, whole: bool) -> Sequence[Sequence[str]]:
    most = 1 if whole else MOST_MATCHES
    try:
        ended = subprocess.run(  # noqa: S603 - our own file, by this Python
            [sys.executable, "-I", "-S", "-W", "ignore", str(PROCESS)],
            input=json.dumps([pattern, texts, whole, most]).encode(),
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
    found: list[list[str]] = json.loads(ended.stdout)
    return found
