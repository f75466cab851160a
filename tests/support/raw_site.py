"""Servers that answer as no web framework would: broken, late, endless, or not at all."""

from __future__ import annotations

import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager, suppress

import anyio
from anyio.abc import SocketAttribute, SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream
from attrs import define, field, frozen

LARGEST_HEAD = 64 * 1024
LEFT = (anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream, anyio.IncompleteRead)


@frozen
class Head:
    """A request's first line and headers, the names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]


@define
class Exchange:
    """One connection, from the server's side."""

    stream: SocketStream
    site: RawSite
    _buffered: BufferedByteReceiveStream = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._buffered = BufferedByteReceiveStream(self.stream)

    async def head(self) -> Head:
        """Reads up to the body, and notes that a request came."""
        text = (await self._buffered.receive_until(b"\r\n\r\n", LARGEST_HEAD)).decode("latin-1")
        first, *lines = text.split("\r\n")
        method, target, _ = first.split(" ")
        pairs = (line.partition(":") for line in lines)
        head = Head(method, target, {name.lower(): value.strip() for name, _, value in pairs})
        self.site.heads.append(head)
        return head

    async def body(self, size: int | None = None) -> bytes:
        """Reads so many bytes of the body, by default as many as the head announced."""
        if size is None:
            size = int(self.site.heads[-1].headers.get("content-length", "0"))
        return await self._buffered.receive_exactly(size) if size else b""

    async def request(self) -> Head:
        """Reads the request whole."""
        head = await self.head()
        self.site.bodies.append(await self.body())
        return head

    async def send(self, data: bytes) -> None:
        await self.stream.send(data)

    async def answer(
        self, status: int, body: bytes = b"", headers: Mapping[str, str] = {}, length: int | None = None
    ) -> None:
        """An answer that announces `length` bytes, by default as many as it has."""
        lines = {"Content-Length": str(len(body) if length is None else length), **headers}
        text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        await self.send(f"HTTP/1.1 {status} Whatever\r\n{text}\r\n".encode() + body)

    async def reset(self) -> None:
        """Ends the connection as a broken proxy does."""
        raw = self.stream.extra(SocketAttribute.raw_socket)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        await self.stream.aclose()


@define
class RawSite:
    """What came in so far."""

    port: int
    heads: list[Head] = field(factory=list)
    bodies: list[bytes] = field(factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def posts(self) -> int:
        return sum(head.method == "POST" for head in self.heads)


Script = Callable[[Exchange], Awaitable[None]]


@asynccontextmanager
async def raw_site(script: Script, port: int = 0) -> AsyncIterator[RawSite]:
    """Follows the script on each connection, and closes it then."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=port)
    site = RawSite(listener.extra(SocketAttribute.local_port))

    async def serve(stream: SocketStream) -> None:
        with suppress(*LEFT):
            async with stream:
                await script(Exchange(stream, site))

    async with aclosing(listener), anyio.create_task_group() as group:
        group.start_soon(listener.serve, serve)
        yield site
        group.cancel_scope.cancel()


def answering(status: int, body: bytes = b"", headers: Mapping[str, str] = {}) -> Script:
    """A site that reads every request and always says the same."""

    async def script(exchange: Exchange) -> None:
        await exchange.request()
        await exchange.answer(status, body, headers)

    return script


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
