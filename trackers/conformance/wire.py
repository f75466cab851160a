"""Takes a request apart into the values of its fields, whichever way the adapter wrote them there."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from email.message import Message
from urllib.parse import parse_qsl

TORRENT_MARK = b"6:pieces"
"""Stands in every torrent, and in nothing else that is sent to a site."""
BASE64_RUN = re.compile(rb"[A-Za-z0-9+/]{64,}={0,2}")
DEEPEST = 16
"""Levels of JSON that are looked into."""


def carries_torrent(body: bytes) -> bool:
    """Whether a torrent, changed or not, stands anywhere in the body."""
    return any(TORRENT_MARK in data for data in (body, *_decoded_runs(body)))


def values_in(target: str, content_type: str, body: bytes) -> Iterator[bytes]:
    """The value of each field: of the query, of a form, and of JSON, also where a field or value holds it.

    What is base64 comes as it is, and decoded.
    """
    for value in (*_query(target.partition("?")[2]), *_fields(content_type, body)):
        for found in _within(value):
            yield found
            yield from _decoded(found)


def _fields(content_type: str, body: bytes) -> Iterator[bytes]:
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_param("boundary")
    if header.get_content_maintype() == "multipart" and isinstance(boundary, str):
        yield from _parts(body, boundary.encode())
    elif header.get_content_type() == "application/x-www-form-urlencoded":
        yield from _query(body.decode(errors="replace"))
    else:
        yield body


def _parts(body: bytes, boundary: bytes) -> Iterator[bytes]:
    """What stands in each part of a multipart form, its headers left out."""
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:-1]:
        yield part.partition(b"\r\n\r\n")[2]


def _query(text: str) -> Iterator[bytes]:
    for _, value in parse_qsl(text, keep_blank_values=True):
        yield value.encode(errors="replace")


def _within(value: bytes, levels: int = DEEPEST) -> Iterator[bytes]:
    """The value itself, or the texts in it where it is a JSON document."""
    try:
        document = json.loads(value) if value.lstrip()[:1] in (b"{", b"[") else None
    except (ValueError, RecursionError):
        document = None
    if document is None:
        yield value
    else:
        yield from _texts(document, levels)


def _texts(document: object, levels: int) -> Iterator[bytes]:
    if levels == 0:
        return
    match document:
        case str():
            yield from _within(document.encode(errors="replace"), levels - 1)
        case list():
            for item in document:
                yield from _texts(item, levels - 1)
        case Mapping():
            for item in document.values():
                yield from _texts(item, levels - 1)


def _decoded(value: bytes) -> Iterator[bytes]:
    try:
        yield base64.b64decode(value, validate=True)
    except ValueError:
        return


def _decoded_runs(body: bytes) -> Iterator[bytes]:
    for run in BASE64_RUN.findall(body):
        yield from _decoded(run)
