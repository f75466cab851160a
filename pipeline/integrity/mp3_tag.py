"""What an encoder left in the first frame of an MP3: how many frames there are, and a checksum of them."""

from __future__ import annotations

import struct

from attrs import frozen
from fastcrc import crc16

from .mpeg_headers import HEADER, FrameHeader, side_info_length

HAS_FRAMES, HAS_BYTES, HAS_TABLE, HAS_QUALITY = 1, 2, 4, 8
LAME = struct.Struct(">9s19sIHH")
"""The encoder, what is of no use here, the music's length and checksum, the tag's own checksum."""
VBRI_AT = 36
ENCODERS = (b"LAME", b"Lavc", b"Lavf")
"""Those whose length and checksum are to be trusted where the tag's own checksum is right."""


@frozen
class LengthTag:
    """A Xing, Info or VBRI header; its frame holds no audio."""

    frames: int | None = None
    """How many are promised behind this one."""
    length: int | None = None
    """Bytes of music, this frame among them."""
    checksum: int | None = None
    """CRC-16 over the frames behind this one."""


def read_length_tag(frame: bytes, header: FrameHeader) -> LengthTag | None:
    """Reads a first frame; None where it is audio like the others."""
    if frame[VBRI_AT : VBRI_AT + 4] == b"VBRI":
        return LengthTag(frames=int.from_bytes(frame[VBRI_AT + 14 : VBRI_AT + 18], "big"))
    at = HEADER + side_info_length(header, frame[3])
    if frame[at : at + 4] not in {b"Xing", b"Info"}:
        return None
    flags, position = int.from_bytes(frame[at + 4 : at + 8], "big"), at + 8
    frames = None
    if flags & HAS_FRAMES:
        frames = int.from_bytes(frame[position : position + 4], "big")
    for flag, length in ((HAS_FRAMES, 4), (HAS_BYTES, 4), (HAS_TABLE, 100), (HAS_QUALITY, 4)):
        position += length if flags & flag else 0
    return _with_music(frame, position, frames)


def _with_music(frame: bytes, position: int, frames: int | None) -> LengthTag:
    """Adds what LAME tells of the music, where its tag is as it was written."""
    end = position + LAME.size
    if end > len(frame):
        return LengthTag(frames)
    encoder, _, length, checksum, own = LAME.unpack_from(frame, position)
    if not encoder.startswith(ENCODERS) or crc16.arc(frame[: end - 2]) != own:
        return LengthTag(frames)
    return LengthTag(frames, length or None, checksum)
