"""Tells a picture of pixels alone from one that carries more: places, names, profiles, other pictures."""

from __future__ import annotations

import struct

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

PLAIN_SEGMENTS = {"APP0", "APP14"}
"""Of JPEG: the signature of JFIF, and how its colours are written."""
PLAIN_CHUNKS = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"pHYs", b"sRGB", b"gAMA", b"cHRM", b"sBIT"}
PNG_SIGNATURE = 8
WEBP_HEADER = 12


def is_bare(image: Image.Image, data: bytes) -> bool:
    """Whether the bytes of a JPEG, PNG or WebP hold pixels and nothing else, to their very end."""
    if isinstance(image, JpegImageFile):
        return {name for name, _ in image.applist} <= PLAIN_SEGMENTS and data.endswith(b"\xff\xd9")
    return _is_bare_webp(data) if data.startswith(b"RIFF") else _is_bare_png(data)


def _is_bare_png(data: bytes) -> bool:
    place, name = PNG_SIGNATURE, b""
    while place + 12 <= len(data) and name != b"IEND":
        size, name = struct.unpack_from(">I4s", data, place)
        if name not in PLAIN_CHUNKS:
            return False
        place += 12 + size
    return name == b"IEND" and place == len(data)


def _is_bare_webp(data: bytes) -> bool:
    """In the simple file format, which has room for one picture without metadata."""
    (size,) = struct.unpack_from("<I", data, 4)
    return data[WEBP_HEADER : WEBP_HEADER + 4] in {b"VP8 ", b"VP8L"} and size + 8 == len(data)
