"""How a sandbox listens on a port of this machine."""

from __future__ import annotations

import socket

import anyio
from aiohttp import web

from pipeline.errors import UsageError

HOST = "127.0.0.1"
SHUTDOWN_TIMEOUT = 0.2
"""Seconds that a request under way has when the site closes."""


class LocalServer:
    """Serves one application from `open` to `close`; `closing` is set when it ends, for answers that hang."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def open(self, application: web.Application) -> str:
        """Returns its address; UsageError where the port cannot be had."""
        listener = listen(self._port)
        self.closing = anyio.Event()
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=SHUTDOWN_TIMEOUT)
        await self._runner.setup()
        await web.SockSite(self._runner, listener).start()
        return f"http://{HOST}:{listener.getsockname()[1]}"

    async def close(self) -> None:
        self.closing.set()
        with anyio.CancelScope(shield=True):
            await self._runner.cleanup()


def listen(port: int) -> socket.socket:
    """On this machine only; UsageError where the port cannot be had."""
    try:
        return socket.create_server((HOST, port))
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"the sandbox cannot listen on {HOST}:{port}: {error}",
            hint="choose another port, or 0 for any free one",
        ) from error
