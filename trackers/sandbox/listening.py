"""The port that a sandbox listens on."""

from __future__ import annotations

import socket

from pipeline.errors import UsageError

HOST = "127.0.0.1"


def listen(port: int) -> socket.socket:
    """On this machine only; UsageError where the port cannot be had."""
    try:
        return socket.create_server((HOST, port))
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"the sandbox cannot listen on {HOST}:{port}: {error}",
            hint="choose another port, or 0 for any free one",
        ) from error
