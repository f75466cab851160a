"""Tells a picture of pixels alone from one that carries more: places, names, profiles, other pictures."""

from __future__ import annotations

import struct

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

APP0, APP14, SOS, EOI, RST0, RST7 = 0xE0, 0xEE, 0xDA, 0xD9, 0xD0, 0xD7
CODING = frozenset({*range(0xC0, 0xD0), 0xDA, 0xDB, 0xDC, 0xDD}) - {0xC8}
"""Segments of JPEG without which no pixel can be read: frames, scans, tables, intervals."""
JFIF_SIZE, ADOBE_SIZE = 16, 14
"""Bytes, the length's own two included: JFIF without a thumbnail, and how colours are written."""
PLAIN_CHUNKS = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"pHYs", b"sRGB", b"gAMA", b"cHRM", b"sBIT"}
PNG_SIGNATURE = 8
WEBP_HEADER = 12


def is_bare(image: Image.Image, data: bytes) -> bool:
    """Whether the bytes of a JPEG, PNG or WebP hold pixels and nothing else, to their very end."""
    if isinstance(image, JpegImageFile):
        return _is_bare_jpeg(data)
    return _is_bare_webp(data) if data.startswith(b"RIFF") else _is_bare_png(data)


def _is_bare_jpeg(data: bytes) -> bool:
    """Up to the marker of its end, with nothing behind it or between its scans but what is decoded."""
    place, frames = 2, 0
    while data[place : place + 1] == b"\xff" and place + 1 < len(data):
        marker = data[place + 1]
        if marker == EOI:
            return place + 2 == len(data)
        size = int.from_bytes(data[place + 2 : place + 4], "big")
        segment = data[place + 4 : place + 2 + size]
        frames += marker == APP0
        if not _is_plain(marker, size, segment) or frames > 1:
            return False
        place += 2 + size
        if marker == SOS:
            place = _end_of_scan(data, place)
    return False


def _is_plain(marker: int, size: int, segment: bytes) -> bool:
    if marker == APP0:
        return size == JFIF_SIZE and segment.startswith(b"JFIF\0") and segment.endswith(b"\0\0")
    if marker == APP14:
        return size == ADOBE_SIZE and segment.startswith(b"Adobe")
    return marker in CODING and size >= 2


def _end_of_scan(data: bytes, place: int) -> int:
    """Where the next marker stands; a stuffed byte or a restart belongs to the scan."""
    while (place := data.find(b"\xff", place)) >= 0 and place + 1 < len(data):
        if data[place + 1] != 0 and not RST0 <= data[place + 1] <= RST7:
            return place
        place += 2
    return len(data)


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
    size, kind, inner = struct.unpack_from("<I4x4sI", data, 4)
    whole = WEBP_HEADER + 8 + inner + inner % 2
    return kind in {b"VP8 ", b"VP8L"} and size + 8 == len(data) == whole
