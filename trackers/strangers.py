"""The code of strangers as it is imported: it may raise anything, print, or never come to an end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from types import FrameType
from typing import TextIO

from pipeline.errors import UsageError

LONGEST_IMPORT = 10.0
"""Seconds."""


class TooLong(BaseException):
    """Raised in the module that takes too long; no `except Exception` of its own keeps it."""


@contextmanager
def importing(
    origin: str, hint: str, *, seconds: float = LONGEST_IMPORT, prints: TextIO | None = None
) -> Iterator[None]:
    """UsageError for whatever goes wrong inside; `prints` gets what is printed, None leaves that alone."""
    try:
        with redirect_stdout(prints) if prints else nullcontext(), _no_longer_than(seconds):
            yield
    except KeyboardInterrupt:
        raise
    except TooLong:
        raise UsageError(
            f"{origin} cannot be imported: it takes longer than {seconds:g} s", hint=hint
        ) from None
    except BaseException as error:  # noqa: BLE001 - such as SystemExit, or pytest's own
        raise UsageError(f"{origin} cannot be imported: {told(error)}", hint=hint) from None


def told(error: BaseException) -> str:
    """What a stranger's code raised, in a line."""
    return f"{type(error).__name__}: {error}"


@contextmanager
def _no_longer_than(seconds: float) -> Iterator[None]:
    """Raises TooLong after that time, where alarms can be had: in the main thread of a POSIX system."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def give_up(signum: int, frame: FrameType | None) -> None:
        raise TooLong

    handler = signal.signal(signal.SIGALRM, give_up)
    before = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *before)
        signal.signal(signal.SIGALRM, handler)
