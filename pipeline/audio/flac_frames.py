"""Whether the last frame of a FLAC file is the last that its header promises, without decoding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from attrs import frozen

from .containers import AudioError, Extent

SYNC = re.compile(rb"\xff[\xf8\xf9]")
MAX_HEADER = 16
SLACK = 16_384
"""Bytes of padding that may follow the last frame."""


@frozen
class StreamInfo:
    """The STREAMINFO block, as far as it is needed here."""

    total_samples: int
    block_size: int
    """Samples; the largest of any frame, and of all but the last where they are equal."""
    frame_size: int
    """Bytes; the largest of any frame, 0 if unknown."""
    channels: int
    bit_depth: int


def check_last_frame(stream: BinaryIO, frames: Extent, info: StreamInfo) -> None:
    """AudioError unless a frame near the end ends with the last sample that the header promises."""
    raw_frame = info.block_size * info.channels * (info.bit_depth + 1) // 8 + 64
    window = (info.frame_size or raw_frame) + SLACK
    stream.seek(max(frames.start, frames.end - window))
    data = stream.read(frames.end - stream.tell())
    if info.total_samples not in _frame_ends(data, info.block_size):
        raise AudioError("is cut short: its last samples are missing")


def _frame_ends(data: bytes, block_size: int) -> Iterator[int]:
    """For whatever looks like a frame header: the number of the sample after the frame."""
    for sync in SYNC.finditer(data):
        end = _frame_end(data[sync.start() : sync.start() + MAX_HEADER], block_size)
        if end is not None:
            yield end


def _frame_end(header: bytes, block_size: int) -> int | None:
    """The number of the sample after the frame that has this header; None if it is no header."""
    if len(header) < 6:
        return None
    number, position = _coded_number(header)
    size_code, rate_code = header[2] >> 4, header[2] & 0x0F
    if number is None or size_code == 0:
        return None
    size_bytes = {6: 1, 7: 2}.get(size_code, 0)
    samples = int.from_bytes(header[position : position + size_bytes], "big") + 1
    if not size_bytes:
        samples = _block_samples(size_code)
    position += size_bytes + {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    if position >= len(header) or _crc8(header[:position]) != header[position]:
        return None
    first = number if header[1] & 1 else number * block_size
    return first + samples


def _coded_number(header: bytes) -> tuple[int | None, int]:
    """The frame's or sample's number, coded as in UTF-8, and the position after it."""
    lead = header[4]
    if lead < 0x80:
        return lead, 5
    length = 8 - (lead ^ 0xFF).bit_length()
    tail = header[5 : 4 + length]
    if not 2 <= length <= 7 or len(tail) < length - 1 or any(byte & 0xC0 != 0x80 for byte in tail):
        return None, 5
    value = lead & (0x7F >> length)
    for byte in tail:
        value = value << 6 | byte & 0x3F
    return value, 4 + length


def _block_samples(code: int) -> int:
    if code == 1:
        return 192
    return 576 << (code - 2) if code < 6 else 256 << (code - 8)


def _crc8(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
    return crc
