"""The headers of FLAC: STREAMINFO, and that of a frame."""

from __future__ import annotations

from attrs import frozen
from fastcrc import crc8

STREAMINFO = 34
"""Bytes of the block's body."""
MAX_FRAME_HEADER = 16
RESERVED_DEPTH = 3
BLOCK_AT_END = {6: 1, 7: 2}
"""Bytes of the block size that stand behind the frame's number, by the code for it."""
RATE_AT_END = {12: 1, 13: 2, 14: 2}


@frozen
class StreamInfo:
    """What the stream promises of itself; `total_samples` is 0 and `md5` empty where it does not say."""

    sample_rate: int
    channels: int
    bit_depth: int
    total_samples: int
    md5: bytes

    def frame_limit(self, samples: int) -> int:
        """Bytes that no frame of so many samples passes: twice what they need uncompressed."""
        return 2 * (MAX_FRAME_HEADER + samples * self.channels * (self.bit_depth + 8) // 8)


@frozen
class FrameHeader:
    """The header of one frame."""

    length: int
    """Bytes, the checksum among them."""
    number: int
    """Of the frame, or of its first sample."""
    samples: int

    def leads_to(self, other: FrameHeader) -> bool:
        """Whether the other may be the next; old encoders do not tell which of the two they number."""
        return other.number in (self.number + 1, self.number + self.samples)


def read_streaminfo(body: bytes) -> StreamInfo:
    """Reads the 34 bytes of the block."""
    packed = int.from_bytes(body[10:18], "big")
    md5 = body[18:34]
    return StreamInfo(
        sample_rate=packed >> 44,
        channels=(packed >> 41 & 7) + 1,
        bit_depth=(packed >> 36 & 31) + 1,
        total_samples=packed & (1 << 36) - 1,
        md5=md5 if any(md5) else b"",
    )


def read_frame_header(data: bytes, index: int) -> FrameHeader | None:
    """The header at that place; None where there is none, or its checksum is wrong."""
    header = data[index : index + MAX_FRAME_HEADER]
    if len(header) < 6 or header[0] != 0xFF or header[1] & 0xFE != 0xF8:
        return None
    block_code, rate_code = header[2] >> 4, header[2] & 15
    channel_code, depth_code = header[3] >> 4, header[3] >> 1 & 7
    if block_code == 0 or rate_code == 15 or channel_code > 10 or depth_code == RESERVED_DEPTH:
        return None
    coded = _coded_number(header)
    if coded is None:
        return None
    number, position = coded
    block_end = position + BLOCK_AT_END.get(block_code, 0)
    samples = _block_samples(block_code, header[position:block_end])
    end = block_end + RATE_AT_END.get(rate_code, 0)
    if end >= len(header) or crc8.smbus(header[:end]) != header[end]:
        return None
    return FrameHeader(end + 1, number, samples)


def _coded_number(header: bytes) -> tuple[int, int] | None:
    """The number, coded as in UTF-8, and the position behind it."""
    lead = header[4]
    if lead < 0x80:
        return lead, 5
    length = 8 - (lead ^ 0xFF).bit_length()
    tail = header[5 : 4 + length]
    if not 2 <= length <= 7 or len(tail) < length - 1 or any(byte & 0xC0 != 0x80 for byte in tail):
        return None
    value = lead & (0x7F >> length)
    for byte in tail:
        value = value << 6 | byte & 0x3F
    return value, 4 + length


def _block_samples(code: int, at_end: bytes) -> int:
    if code in BLOCK_AT_END:
        return int.from_bytes(at_end, "big") + 1
    if code == 1:
        return 192
    return 576 << (code - 2) if code < 6 else 256 << (code - 8)
