"""Which engine hashes: the one that is asked for, or the fastest that works here."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve

from ..errors import UsageError
from .engines import HASHLIB, EngineKind, Unavailable

CHOICES = ("auto", "multibuffer", "hashlib")


def load_multibuffer() -> EngineKind:
    """The engine of the C extension; raises Unavailable where there is none."""
    from .multibuffer import load

    return load()


def find_engine(choice: str = "auto", load: Callable[[], EngineKind] = load_multibuffer) -> EngineKind:
    """The engine of that name; `auto` is the fastest that works here and has proved itself.

    Raises UsageError for a name that is none, and where `multibuffer` is asked for and cannot be had.
    """
    if choice not in CHOICES:
        raise UsageError(f"{choice!r} is no hashing engine", hint=f"choose {', '.join(CHOICES)}")
    if choice == "hashlib":
        return HASHLIB
    try:
        return load()
    except Unavailable as error:
        if choice == "multibuffer":
            raise UsageError(
                f"the multibuffer engine cannot be used: {error}", hint="`auto` takes hashlib instead"
            ) from error
        return evolve(HASHLIB, note=f"multibuffer cannot be used: {error}")
