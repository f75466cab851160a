"""Reads the Retry-After header."""

from __future__ import annotations

import math
from email.utils import parsedate_to_datetime
from time import time

DEFAULT = 10.0
LONGEST = 3600.0
"""Seconds, both."""


def retry_after(value: str | None, default: float = DEFAULT) -> float:
    """Seconds from a Retry-After header, which is a number or a date; the default where it is neither."""
    if value is None:
        return default
    try:
        seconds = float(value)
    except ValueError:
        seconds = _until(value)
    return min(max(seconds, 0.0), LONGEST) if math.isfinite(seconds) else default


def _until(date: str) -> float:
    try:
        return parsedate_to_datetime(date).timestamp() - time()
    except (TypeError, ValueError, OverflowError):
        return math.nan
