"""Every hashing engine that this machine has, and engines that misbehave."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pipeline.hashing import multibuffer
from pipeline.hashing.engines import HASHLIB, EngineKind, HashlibEngine, Unavailable
from pipeline.hashing.job import Stripe


def _all_engines() -> Iterator[tuple[str, EngineKind]]:
    yield "hashlib", HASHLIB
    for name in multibuffer.LABELS:
        try:
            yield name, multibuffer.load(name)
        except Unavailable:
            continue


ENGINES = dict(_all_engines())


def observed(after: Callable[[Sequence[Stripe]], None]) -> EngineKind:
    """hashlib, with `after` called in the worker's thread behind each batch."""

    class Observed(HashlibEngine):
        def hash_stripes(self, stripes: Sequence[Stripe]) -> None:
            super().hash_stripes(stripes)
            after(stripes)

    return EngineKind("observed", Observed, trusted=True)


def _spoil(stripes: Sequence[Stripe]) -> None:
    for stripe in stripes:
        for digests in stripe.job.digests.values():
            digests[:] = bytes(byte ^ 1 for byte in digests)


def lying() -> EngineKind:
    """An engine whose digests are all wrong, and which nobody trusts."""
    return EngineKind("lying", observed(_spoil).make)
