"""AC-3 by the header of its frames (ATSC A/52, 5.4): mutagen guesses at the length, and reads no tags."""

from __future__ import annotations

from typing import Any, BinaryIO

from attrs import frozen

from ..model.audio import Codec, Container, Stream
from .containers import AudioError, Extent, between_tags, unsupported
from .fingerprint import extents_fingerprint

SYNC = b"\x0b\x77"
SAMPLE_RATES = (48_000, 44_100, 32_000)
KILOBITS = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640)
CHANNELS = (2, 1, 2, 3, 3, 4, 4, 5)
"""By the coding mode, without the low-frequency channel."""
SAMPLES = 1536
"""Of each channel, in one frame."""
PLAIN = 8
"""The bitstream id of AC-3; 9 and 10 halve and quarter its rates, and what is above is E-AC-3."""
HEADER = 8
MAX_FRAME = 3840


@frozen
class _Frame:
    sample_rate: int
    bitrate: int
    channels: int
    length: int
    """Bytes; at 44.1 kHz some frames have two more than others."""

    def alike(self, other: _Frame) -> bool:
        mine, others = (self.sample_rate, self.bitrate), (other.sample_rate, other.bitrate)
        return mine == others and self.channels == other.channels


def read_ac3(stream: BinaryIO, _parsed: Any) -> tuple[Stream, str]:
    """A bare stream of frames of one bitrate."""
    frames = between_tags(stream)
    stream.seek(frames.start)
    first = _frame(stream.read(HEADER))
    if first is None:
        raise AudioError("holds no whole AC-3 frame")
    _check_last_frame(stream, frames, first)
    count = round(frames.length * 8 / first.bitrate * first.sample_rate / SAMPLES)
    audio = Stream(
        codec=Codec.AC3,
        container=Container.AC3,
        duration=count * SAMPLES / first.sample_rate,
        sample_rate=first.sample_rate,
        channels=first.channels,
        bitrate=first.bitrate,
    )
    return audio, extents_fingerprint(stream, Codec.AC3, [frames])


def _check_last_frame(stream: BinaryIO, frames: Extent, first: _Frame) -> None:
    """The stream must end with a whole frame like the first."""
    start = max(frames.start, frames.end - MAX_FRAME)
    stream.seek(start)
    data = stream.read(frames.end - start)
    at = data.rfind(SYNC)
    while at >= 0:
        frame = _frame(data[at : at + HEADER])
        if frame and frame.alike(first) and at + frame.length == len(data):
            return
        at = data.rfind(SYNC, 0, at)
    raise AudioError("is cut short: its last frame is not whole")


def _frame(header: bytes) -> _Frame | None:
    if len(header) < HEADER or not header.startswith(SYNC):
        return None
    bitstream_id = header[5] >> 3
    if PLAIN + 2 < bitstream_id <= 16:
        raise unsupported("E-AC-3")
    rate_code, size_code = header[4] >> 6, header[4] & 0x3F
    if rate_code >= len(SAMPLE_RATES) or size_code >= 2 * len(KILOBITS):
        return None
    sample_rate, kilobits = SAMPLE_RATES[rate_code], KILOBITS[size_code >> 1]
    words = kilobits * 1000 * SAMPLES // (16 * sample_rate)
    if sample_rate == 44_100:
        words += size_code & 1
    shift = max(bitstream_id - PLAIN, 0)
    channels = _channels(int.from_bytes(header[6:8], "big"))
    return _Frame(sample_rate >> shift, kilobits * 1000 >> shift, channels, words * 2)


def _channels(fields: int) -> int:
    """The coding mode, the mix levels that it has, and whether there is a low-frequency channel."""
    mode, position = fields >> 13, 13
    if mode & 1 and mode != 1:
        position -= 2  # the level of the centre
    if mode & 4:
        position -= 2  # the level of the surround channels
    if mode == 2:
        position -= 2  # whether stereo hides surround
    return CHANNELS[mode] + (fields >> (position - 1) & 1)
