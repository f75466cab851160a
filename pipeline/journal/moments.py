"""Time that other processes understand, and that no clock which is set can bend."""

from __future__ import annotations

import math
import time
from functools import lru_cache
from pathlib import Path
from typing import Self

from attrs import frozen

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@frozen
class Moment:
    """A reading of the machine's monotonic clock, in seconds, and of which boot it counts from.

    The boot is empty where the system does not name it.
    """

    boot: str
    seconds: float

    @classmethod
    def now(cls) -> Self:
        return cls(_boot_id(), time.monotonic())

    def elapsed(self, now: Moment | None = None) -> float:
        """The seconds that have surely passed since; in truth it may be more.

        Of a moment before the machine's last start only the time since that start is sure. A start that
        cannot be seen, where no boot is named, makes the answer too small, never too great: both readings
        count from their own start.
        """
        now = now or Moment.now()
        named = self.boot and now.boot
        restarted = self.boot != now.boot if named else now.seconds < self.seconds
        return now.seconds if restarted else max(0.0, now.seconds - self.seconds)

    def text(self) -> str:
        return f"{self.boot} {self.seconds!r}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads what `text` wrote; ValueError for anything else."""
        boot, space, number = text.rpartition(" ")
        seconds = float(number)
        if not space or not math.isfinite(seconds):
            raise ValueError(f"{text!r} is no moment")
        return cls(boot, seconds)


@lru_cache(maxsize=1)
def _boot_id() -> str:
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""
