"""What a sandbox site can be told to do wrong, and how it does it to a connection."""

from __future__ import annotations

import socket
import struct
from enum import StrEnum

from aiohttp import web


class Fault(StrEnum):
    """All but `BANNED` and the two of downloads strike uploads only; each lasts until it is taken back."""

    REFUSE = "refuse"
    """The upload breaks a rule of the site."""
    RESET_BEFORE = "reset_before"
    """The connection is reset before the body is read; nothing is stored."""
    RESET_AFTER = "reset_after"
    """The upload is stored, then the connection is reset."""
    ERROR_AFTER = "error_after"
    """The upload is stored, then answered with a 500."""
    TRUNCATED = "truncated"
    """The upload is stored, then the connection ends in the middle of the answer."""
    HTML = "html"
    """A page with status 200 instead of JSON; nothing is stored."""
    SUCCESS_FALSE = "success_false"
    """Status 200 with `success` false; nothing is stored."""
    HANG = "hang"
    """The body is read and never answered, until the site closes."""
    THROTTLE_ONCE = "throttle_once"
    """One 429 with `Retry-After: 1`, then all is well."""
    BANNED = "banned"
    """The account is banned."""
    STALL = "stall"
    """The body is not read; the system still buffers the first few MiB of it."""
    BAD_TORRENT = "bad_torrent"
    """The download of a torrent is a page."""
    OTHER_PIECES = "other_pieces"
    """The download is a torrent of other content."""
    HALF_STORED = "half_stored"
    """Gazelle: the upload is stored, then answered with an error of the saving."""


def reset(request: web.Request) -> web.Response:
    """Resets the connection; the answer that it returns reaches nobody."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        # Closing without lingering sends an RST, as a broken proxy does, instead of an orderly end.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()


async def cut_off(request: web.Request, answer: web.Response) -> web.StreamResponse:
    """Sends the head of the answer and half of its body, and ends the connection."""
    body = bytes(answer.body) if isinstance(answer.body, bytes) else b""
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
