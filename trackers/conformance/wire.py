"""Finds a torrent, a picture or a text in a request's body, whichever way the adapter wrote it there."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

TORRENT_MARK = b"6:pieces"
"""Stands in every torrent, and in nothing else that is sent to a site."""
BASE64_RUN = re.compile(rb"[A-Za-z0-9+/]{64,}={0,2}")


def carries_torrent(body: bytes) -> bool:
    """Whether the body holds a torrent, changed or not."""
    return any(TORRENT_MARK in data for data in _unwrapped(body))


def carries(body: bytes, data: bytes) -> bool:
    """Whether the body holds these very bytes, as they are or in base64."""
    return any(data in found for found in _unwrapped(body))


def carries_text(body: bytes, text: str) -> bool:
    """Whether the body holds the text whole: in a form, in JSON, or in JSON within a form or within JSON."""
    return any(spelling.encode() in body for spelling in _spellings(text))


def _unwrapped(body: bytes) -> Iterator[bytes]:
    yield body
    for run in BASE64_RUN.findall(body):
        try:
            yield base64.b64decode(run, validate=True)
        except ValueError:
            continue


def _spellings(text: str) -> Iterator[str]:
    yield text
    yield quote(text, safe="")
    yield quote_plus(text)
    for plain in (True, False):
        once = json.dumps(text, ensure_ascii=plain)[1:-1]
        yield once
        yield json.dumps(once, ensure_ascii=plain)[1:-1]
