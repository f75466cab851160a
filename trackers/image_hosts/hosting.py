"""Finds each picture a place in the web: once for all trackers, and once for all runs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Protocol, Self

import anyio
from attrs import define, field, frozen

from pipeline.model.release import Cover
from pipeline.text import printable

from ..client import TrackerSession
from ..limiter import SlidingWindow
from ..redaction import make_redactor
from ..tracker_config import Timeouts, TrackerConfig
from .settings import ImageHostConfig
from .upload import HostFault, send_picture

FAILURES_IN_A_ROW = 3
"""After which a host is left alone for the rest of a run."""
STAND_IN = "<address of the cover>"


class NotHosted(Exception):
    """No host took the picture; the text says what became of it at each."""


@frozen
class Hosted:
    url: str
    host: str
    """Its name in the configuration."""
    before: bool = False
    """It lay there already."""


class Hosting(Protocol):
    async def place(self, cover: Cover, hosts: Sequence[str] | None) -> Hosted:
        """Where the cover lies: at one of `hosts`, tried in their order, or of all. Raises NotHosted."""
        ...


class PictureMemory(Protocol):
    """What remembers where pictures lie, by the SHA-256 of their bytes."""

    async def find_picture(self, digest: bytes, hosts: Sequence[str]) -> tuple[str, str] | None:
        """Host and address, at the first of the hosts that has it."""
        ...

    async def note_picture(self, digest: bytes, host: str, url: str) -> None: ...


class Rehearsal:
    """The hosting of a dry run: asks nobody."""

    async def place(self, cover: Cover, hosts: Sequence[str] | None) -> Hosted:
        return Hosted(STAND_IN, "")


@define
class _Host:
    """A host that is open, and how it has done so far."""

    config: ImageHostConfig
    session: TrackerSession
    failures: int = 0


@define
class ImageHosts:
    """The user's hosts, open for the length of a run."""

    configs: Sequence[ImageHostConfig]
    memory: PictureMemory
    _hosts: dict[str, _Host] = field(factory=dict, init=False)
    _turns: dict[bytes, tuple[anyio.Lock, int]] = field(factory=dict, init=False)
    """Of pictures that are being placed: who else wants one waits, and finds it remembered."""
    _stack: AsyncExitStack = field(factory=AsyncExitStack, init=False)

    async def __aenter__(self) -> Self:
        for config in self.configs:
            session = await self._stack.enter_async_context(_session(config))
            self._hosts[config.name] = _Host(config, session)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stack.__aexit__(exc_type, exc, traceback)

    async def place(self, cover: Cover, hosts: Sequence[str] | None) -> Hosted:
        digest = hashlib.sha256(cover.data).digest()
        names = [name for name in (hosts or self._hosts) if name in self._hosts]
        lock, waiting = self._turns.get(digest, (anyio.Lock(), 0))
        self._turns[digest] = lock, waiting + 1
        try:
            async with lock:
                return await self._remembered(digest, names) or await self._placed(cover, digest, names)
        finally:
            lock, waiting = self._turns.pop(digest)
            if waiting > 1:
                self._turns[digest] = lock, waiting - 1

    async def _remembered(self, digest: bytes, names: Sequence[str]) -> Hosted | None:
        known = await self.memory.find_picture(digest, names)
        return known and Hosted(known[1], known[0], before=True)

    async def _placed(self, cover: Cover, digest: bytes, names: Sequence[str]) -> Hosted:
        faults = []
        for name in names:
            host = self._hosts[name]
            try:
                url = await self._send(host, cover)
            except HostFault as fault:
                faults.append(f"{name}: {fault}")
                continue
            await self.memory.note_picture(digest, name, url)
            return Hosted(url, name)
        raise NotHosted(printable("; ".join(faults)) or "no image host is configured")

    async def _send(self, host: _Host, cover: Cover) -> str:
        if host.failures >= FAILURES_IN_A_ROW:
            raise HostFault(f"left alone after {host.failures} failures in a row")
        try:
            url = await send_picture(host.config, host.session, cover)
        except HostFault:
            host.failures += 1
            raise
        host.failures = 0
        return url


def _session(host: ImageHostConfig) -> TrackerSession:
    """A session like a tracker's: nothing is sent twice, no redirect followed, the key masked."""
    config = TrackerConfig(
        id=host.name,
        url=host.shape.url,
        api_key=host.api_key,
        timeouts=Timeouts(connect=host.timeout, send=host.timeout, answer=host.timeout),
    )
    return TrackerSession(config, SlidingWindow(()), make_redactor(config))
