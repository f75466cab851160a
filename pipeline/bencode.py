"""Where things lie in bencoded bytes: an infohash is over the bytes as they are, whatever wrote them."""

from __future__ import annotations

import re

DEEPEST = 100
"""Levels of nesting; a torrent has about five, and a decoder that recurses fails at a thousand."""

_TOKEN = re.compile(rb"(?P<length>0|[1-9][0-9]{0,9}):|(?P<open>[dl])|(?P<close>e)|i(?:0|-?[1-9][0-9]{0,19})e")


class BencodeError(ValueError):
    """The bytes are not bencoded."""


def top_level(data: bytes) -> dict[bytes, slice]:
    """Where the values of the outermost dictionary lie, by key.

    Raises BencodeError for anything but one whole dictionary, for a key that is there twice, and for nesting
    below 100 levels.
    """
    if data[:1] != b"d":
        raise BencodeError("no dictionary")
    spans: dict[bytes, slice] = {}
    position = 1
    while data[position : position + 1] != b"e":
        begin = _skip(data, position)
        key = data[position:begin]
        if not key[:1].isdigit():
            raise BencodeError(f"a key that is no text at byte {position}")
        key = key.partition(b":")[2]
        if key in spans:
            raise BencodeError(f"a key that is there twice at byte {position}")
        position = _skip(data, begin)
        spans[key] = slice(begin, position)
    if position + 1 != len(data):
        raise BencodeError(f"more behind the end at byte {position + 1}")
    return spans


def _skip(data: bytes, position: int) -> int:
    """The end of the value that begins at `position`."""
    depth = 0
    while True:
        token = _TOKEN.match(data, position)
        if token is None:
            raise BencodeError(f"nothing that is bencoded at byte {position}")
        position = token.end()
        if length := token["length"]:
            position += int(length)
        elif token["open"]:
            depth += 1
        elif token["close"]:
            depth -= 1
        if position > len(data) or not 0 <= depth <= DEEPEST:
            raise BencodeError(f"cut off, or nested too deep, before byte {position}")
        if not depth:
            return position
