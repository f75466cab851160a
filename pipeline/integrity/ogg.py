"""Every page of an Ogg file: its checksum, its number, and whether the streams come to their ends."""

from __future__ import annotations

import struct
import threading
from typing import BinaryIO

from fastcrc import crc32

from ..audio.containers import Extent, file_size, skip_leading_tags, trailing_tags_start
from .flaw import Flaw, problem, warning
from .window import Window

CAPTURE = b"OggS\0"
HEADER = struct.Struct("<5sBqIIIB")
CRC_AT = 22
MAX_PAGE = HEADER.size + 255 + 255 * 255
LAST = 0x04
ALL_ONES = 0xFFFFFFFF


def walk_pages(stream: BinaryIO, stopped: threading.Event) -> tuple[Flaw, ...]:
    """What comes first is told; nothing where every page is right."""
    window = Window(stream, Extent(skip_leading_tags(stream), file_size(stream)), stopped)
    following: dict[int, int] = {}
    """The number of the next page of each stream that goes on."""
    index, walked = 0, False
    while True:
        index = window.hold(index, MAX_PAGE)
        if index >= len(window.data):
            break
        length = _page_length(window.data, index)
        at = f"byte {window.offset + index}"
        if not window.data.startswith(CAPTURE, index):
            start = window.offset + index
            if walked and not following and not _is_page_behind(window, index):
                return _behind_last_page(stream, start)
            return (problem("sync_lost", f"is damaged at {at}: no page begins there"),)
        if length is None:
            return (problem("truncated", "is cut short: its last page is not whole"),)
        page = window.data[index : index + length]
        _, kind, _, serial, number, checksum, _ = HEADER.unpack_from(page)
        if _page_checksum(page) != checksum:
            return (problem("crc_error", f"is damaged at {at}: a page's checksum is wrong"),)
        if following.pop(serial, number) != number:
            return (problem("sync_lost", f"lacks pages before {at}"),)
        if not kind & LAST:
            following[serial] = number + 1
        index, walked = index + length, True
    return (problem("truncated", "is cut short: its last page is missing"),) if following else ()


def _is_page_behind(window: Window, index: int) -> bool:
    """Whether a page begins anywhere further on; what is read on the way is let go."""
    while True:
        if window.data.find(CAPTURE, index) >= 0:
            return True
        if window.at_end:
            return False
        index = window.hold(max(index, len(window.data) - len(CAPTURE)), MAX_PAGE)


def _behind_last_page(stream: BinaryIO, start: int) -> tuple[Flaw, ...]:
    """All streams have ended; tags do no harm."""
    garbage = trailing_tags_start(stream) - start
    return (warning("trailing_garbage", f"has {garbage} bytes behind its last page"),) if garbage > 0 else ()


def _page_length(data: bytes, index: int) -> int | None:
    """The bytes of a page; None where it is not all there."""
    if index + HEADER.size > len(data):
        return None
    segments = data[index + HEADER.size - 1]
    lacing = data[index + HEADER.size : index + HEADER.size + segments]
    length = HEADER.size + segments + sum(lacing)
    return length if len(lacing) == segments and index + length <= len(data) else None


def _page_checksum(page: bytes) -> int:
    """Over the page with its own checksum as zero; Ogg does not invert the outcome as cksum does."""
    blank = page[:CRC_AT] + bytes(4) + page[CRC_AT + 4 :]
    return crc32.cksum(blank) ^ ALL_ONES
