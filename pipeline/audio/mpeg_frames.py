"""Every frame of an MP3 by its header, read in one go from the first to the last."""

from __future__ import annotations

from functools import cache
from typing import BinaryIO

from attrs import frozen

from .containers import Extent

KILOBITS = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 192, 224, 256, 320)
"""Every bitrate that a frame of layer 3 can have."""
MPEG_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
MPEG_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
SAMPLE_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
"""By the code of the version: MPEG-1, MPEG-2, MPEG-2.5."""
LAYER_3 = 1
BLOCK = 1 << 20
"""Bytes that are read at once."""
HEADER = 4
MAX_FRAME = 1441
"""Bytes."""


@frozen
class FrameWalk:
    """What the frames of a file say together."""

    bitrates: frozenset[int]
    """Bits a second."""
    duration: float
    """Seconds."""
    length: int
    """Bytes of all frames."""
    unbroken: bool
    """Nothing lies between the first frame and the last."""


@frozen
class _Frame:
    bitrate: int
    duration: float
    length: int


def walk_frames(stream: BinaryIO, frames: Extent) -> FrameWalk:
    """Reads every frame's header; what is no frame is skipped, up to two that follow each other."""
    bitrates: set[int] = set()
    duration, length, unbroken, lost = 0.0, 0, True, True
    stream.seek(frames.start)
    left, data, position = frames.length, b"", 0
    while True:
        wanted = position + (HEADER + MAX_FRAME if lost else 0) + HEADER
        if wanted > len(data) and left:
            block = stream.read(min(BLOCK, left))
            left = left - len(block) if block else 0
            # A frame can reach beyond the block: what follows it is then further on in the next.
            position, data = max(position - len(data), 0), data[position:] + block
            continue
        frame = _frame_at(data, position)
        if frame is not None and (not lost or _frame_at(data, position + frame.length)):
            unbroken = unbroken and not (lost and length)
            lost = False
            bitrates.add(frame.bitrate)
            duration += frame.duration
            length += frame.length
            position += frame.length
        elif position + HEADER > len(data):
            return FrameWalk(frozenset(bitrates), duration, length, unbroken)
        else:
            lost = True
            position = _next_sync(data, position + 1)


def _frame_at(data: bytes, position: int) -> _Frame | None:
    if position + HEADER > len(data) or data[position] != 0xFF:
        return None
    return _frame(data[position + 1], data[position + 2])


@cache
def _frame(version_byte: int, rate_byte: int) -> _Frame | None:
    """By the second and third byte of a header; None where it is none."""
    version = version_byte >> 3 & 3
    rates = SAMPLE_RATES.get(version)
    bitrate_code, rate_code = rate_byte >> 4, rate_byte >> 2 & 3
    if version_byte < 0xE0 or version_byte >> 1 & 3 != LAYER_3 or rates is None:
        return None
    if bitrate_code in {0, 15} or rate_code == 3:
        return None
    bitrate = (MPEG_1 if version == 3 else MPEG_2)[bitrate_code] * 1000
    samples, sample_rate = 1152 if version == 3 else 576, rates[rate_code]
    length = samples // 8 * bitrate // sample_rate + (rate_byte >> 1 & 1)
    return _Frame(bitrate, samples / sample_rate, length)


def _next_sync(data: bytes, start: int) -> int:
    """Where a byte is that can begin a header; the end of the data where none is."""
    found = data.find(b"\xff", start)
    return found if found >= 0 else len(data)
