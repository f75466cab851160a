"""The site that an adapter is checked against: it notes what comes in, and answers what it is told to."""

from __future__ import annotations

import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from enum import Enum, auto

import anyio
from anyio.abc import SocketAttribute, SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream
from attrs import define, field, frozen

from ..request import Answer
from .wire import carries_torrent, values_in

HOST = "127.0.0.1"
LARGEST_HEAD = 64 * 1024
LARGE = 4 * 1024 * 1024
"""Bytes of a body that no check but that of a lost connection sends."""
CUT = 1000
"""Bytes that an answer announces and does not have when it is cut off."""
LEFT = (anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream, anyio.IncompleteRead)


@frozen
class SiteRequest:
    """A request as it came in; `target` is path and query, names of headers are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def creates(self) -> bool:
        """It brings a torrent."""
        return carries_torrent(self.body)

    def values(self) -> Iterator[bytes]:
        """What its fields hold."""
        return values_in(self.target, self.headers.get("content-type", ""), self.body)


class Fate(Enum):
    """What becomes of a creating request."""

    ANSWERED = auto()
    CUT_OFF = auto()
    """The answer ends before it is whole."""
    LOST_BEFORE = auto()
    """The connection breaks while the body is still being sent."""
    LOST_AFTER = auto()
    """The body is read whole, then the connection breaks."""


@define
class KitSite:
    """Answers a creating request with `verdict`, all others as `respond` says."""

    url: str
    verdict: Answer
    respond: Callable[[SiteRequest], Answer]
    fate: Fate = Fate.ANSWERED
    requests: list[SiteRequest] = field(factory=list)

    @property
    def created(self) -> list[SiteRequest]:
        return [request for request in self.requests if request.creates]

    async def serve(self, stream: SocketStream) -> None:
        with suppress(*LEFT):
            async with stream:
                await self._exchange(stream)

    async def _exchange(self, stream: SocketStream) -> None:
        buffered = BufferedByteReceiveStream(stream)
        method, target, headers = _parse(await buffered.receive_until(b"\r\n\r\n", LARGEST_HEAD))
        size = int(headers.get("content-length", "0"))
        if self.fate is Fate.LOST_BEFORE and size > LARGE:
            await _reset(stream)
            return
        request = SiteRequest(method, target, headers, await buffered.receive_exactly(size) if size else b"")
        self.requests.append(request)
        if not request.creates:
            await stream.send(_encoded(self.respond(request)))
        elif self.fate is Fate.LOST_AFTER:
            await _reset(stream)
        else:
            await stream.send(_encoded(self.verdict, CUT if self.fate is Fate.CUT_OFF else 0))


@asynccontextmanager
async def kit_site(
    verdict: Callable[[str], Answer], respond: Callable[[SiteRequest], Answer]
) -> AsyncIterator[KitSite]:
    """A site on a free port; `verdict` is given its address."""
    listener = await anyio.create_tcp_listener(local_host=HOST)
    port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - a socket's, no database's
    url = f"http://{HOST}:{port}"
    site = KitSite(url, verdict(url), respond)
    async with aclosing(listener), anyio.create_task_group() as group:
        group.start_soon(listener.serve, site.serve)
        yield site
        group.cancel_scope.cancel()


def _parse(head: bytes) -> tuple[str, str, Mapping[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    pairs = (line.partition(":") for line in lines)
    return method, target, {name.lower(): value.strip() for name, _, value in pairs}


def _encoded(answer: Answer, missing: int = 0) -> bytes:
    headers = {**answer.headers, "Content-Length": str(len(answer.body) + missing), "Connection": "close"}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {answer.status} Checked\r\n{lines}\r\n".encode() + answer.body


async def _reset(stream: SocketStream) -> None:
    """Ends the connection as a broken proxy does: closing without lingering sends an RST."""
    raw = stream.extra(SocketAttribute.raw_socket)  # noqa: S610 - a socket's, no database's
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    await stream.aclose()
