"""Looks for the kit's keys in whatever an adapter says."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout

from ..auth import basic_credentials
from .stand import SECRETS, CheckFailed

SPELLINGS = frozenset(
    spelling for secret in SECRETS for spelling in (secret, basic_credentials("conformance", secret))
)


def expect_no_secret(where: str, *texts: str) -> None:
    for text in texts:
        if any(spelling in text for spelling in SPELLINGS):
            raise CheckFailed(f"a key or password stands in {where}")


@contextmanager
def recorded() -> Iterator[io.StringIO]:
    """What is logged and printed meanwhile, whatever the level."""
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with redirect_stdout(said), redirect_stderr(said):
            yield said
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
