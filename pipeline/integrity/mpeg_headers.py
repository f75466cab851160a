"""The headers of MPEG audio layer 3 frames."""

from __future__ import annotations

from functools import cache

from attrs import frozen

HEADER = 4
MAX_FRAME = 2881
"""Bytes: 320 kbit/s at 32 kHz are 1441, 160 kbit/s at 8 kHz are 1441, with room to spare."""
KILOBITS = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""By the bitrate's code, for MPEG-1 and for MPEG-2 and 2.5."""
SAMPLE_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
"""By the code of the version: MPEG-1, MPEG-2, MPEG-2.5."""
LAYER_3 = 1
MONO = 3


@frozen
class FrameHeader:
    """A frame's header; `length` is 0 where the bitrate is free."""

    kind: int
    """The same in all frames of a stream: version and sample rate."""
    length: int
    """Bytes."""
    samples: int
    sample_rate: int
    mpeg_1: bool


def read_header(data: bytes, index: int) -> FrameHeader | None:
    """The header at that place; None where there is none."""
    if data[index : index + 1] != b"\xff":
        return None
    return _header(data[index + 1 : index + 3])


@cache
def _header(fields: bytes) -> FrameHeader | None:
    """By the second and third byte, of which there are few kinds."""
    if len(fields) < 2 or fields[0] < 0xE0 or fields[0] >> 1 & 3 != LAYER_3:
        return None
    version, rate_code, bitrate_code = fields[0] >> 3 & 3, fields[1] >> 2 & 3, fields[1] >> 4
    rates = SAMPLE_RATES.get(version)
    if rates is None or rate_code == 3 or bitrate_code == 15:
        return None
    mpeg_1 = version == 3
    samples = 1152 if mpeg_1 else 576
    bitrate = KILOBITS[mpeg_1][bitrate_code] * 1000
    length = samples // 8 * bitrate // rates[rate_code] + (fields[1] >> 1 & 1) if bitrate else 0
    return FrameHeader(version << 2 | rate_code, length, samples, rates[rate_code], mpeg_1)


def side_info_length(header: FrameHeader, fourth_byte: int) -> int:
    """Bytes of the side information behind a frame's header."""
    mono = fourth_byte >> 6 == MONO
    if header.mpeg_1:
        return 17 if mono else 32
    return 9 if mono else 17
