"""Bounds the memory of decoded pictures: by their pixels, not only by their number."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from attrs import define, field

from .opening import MAX_PIXELS


@define
class PictureRoom:
    """Shared by all albums of a run."""

    pixels: int = MAX_PIXELS
    """That may be decoded at once; one picture alone may always be."""
    threads: anyio.CapacityLimiter = field(
        factory=lambda: anyio.CapacityLimiter(os.cpu_count() or 1), init=False
    )
    _used: int = field(default=0, init=False)
    _changed: anyio.Condition = field(factory=anyio.Condition, init=False)

    @asynccontextmanager
    async def of(self, pixels: int) -> AsyncIterator[None]:
        """Waits until so many more may be decoded, and keeps the room while the context is open."""
        async with self._changed:
            while self._used and self._used + pixels > self.pixels:
                await self._changed.wait()
            self._used += pixels
        try:
            yield
        finally:
            with anyio.CancelScope(shield=True):
                async with self._changed:
                    self._used -= pixels
                    self._changed.notify_all()
