"""DTS Coherent Acoustics by the header of its core frames (ETSI TS 102 114, 5.3)."""

from __future__ import annotations

from typing import Any, BinaryIO, Literal

from attrs import frozen

from ..model.audio import Codec, Container, Stream
from .containers import AudioError, Extent, between_tags, unsupported
from .fingerprint import extents_fingerprint

SYNCS = {
    b"\x7f\xfe\x80\x01": (16, False),
    b"\xfe\x7f\x01\x80": (16, True),
    b"\x1f\xff\xe8\x00": (14, False),
    b"\xff\x1f\x00\xe8": (14, True),
}
"""Bits that are used of every 16, and whether these are little-endian."""
HD_SYNC = b"\x64\x58\x20\x25"
"""Begins the substream behind a core frame that makes DTS-HD of it."""
HEADER = 16
"""Bytes, more than the fields need in any form."""
SAMPLE_RATES = (0, 8000, 16000, 32000, 0, 0, 11025, 22050, 44100, 0, 0, 12000, 24000, 48000, 96000, 192000)
CHANNELS = (1, 2, 2, 2, 2, 3, 3, 4, 4, 5, 6, 6, 6, 7, 8, 8)
"""By the arrangement, without the low-frequency channel."""
MIN_BLOCKS, MIN_FRAME = 6, 96
PROBE = 65_536
"""Bytes in which the first two frames lie."""


@frozen
class DtsHeader:
    """What the header of a core frame tells."""

    sample_rate: int
    channels: int
    samples: int
    """Of each channel, in one frame."""
    payload: int
    """Bytes of the frame in the 16-bit form."""
    stored: int
    """Bytes of the frame in this file."""

    @property
    def bitrate(self) -> int:
        return round(self.payload * 8 * self.sample_rate / self.samples)


def dts_header(data: bytes) -> DtsHeader | None:
    """The header at the start of the data; None where there is none."""
    form = SYNCS.get(data[:4])
    if form is None or len(data) < HEADER:
        return None
    word_bits, little = form
    bits = _Bits(data[:HEADER], word_bits, little)
    bits.take(32)
    normal, _deficit, _crc, blocks = bits.take(1), bits.take(5), bits.take(1), bits.take(7) + 1
    payload, arrangement, rate = bits.take(14) + 1, bits.take(6), SAMPLE_RATES[bits.take(4)]
    bits.take(5 + 5 + 5)  # the bitrate to send at, flags, extensions
    low_frequency = bits.take(2)
    if not normal or blocks < MIN_BLOCKS or payload < MIN_FRAME or not rate:
        return None
    if arrangement >= len(CHANNELS) or low_frequency == 3:
        return None
    words = -(-payload * 8 // word_bits)
    channels = CHANNELS[arrangement] + bool(low_frequency)
    return DtsHeader(rate, channels, blocks * 32, payload, words * 2)


def dts_in_pcm(stream: BinaryIO, samples: Extent) -> DtsHeader | None:
    """The header of DTS that lies where PCM should; None where two frames do not follow each other."""
    stream.seek(samples.start)
    data = stream.read(min(PROBE, samples.length))
    for sync in SYNCS:
        at = data.find(sync)
        while at >= 0:
            header = dts_header(data[at : at + HEADER])
            if header and _distance(data[at:], header):
                return header
            at = data.find(sync, at + 1)
    return None


def _distance(data: bytes, first: DtsHeader) -> int | None:
    """From the frame at the start of the data to the next like it, which may lie behind padding."""
    at = data.find(data[:4], first.stored)
    return at if at >= 0 and dts_header(data[at : at + HEADER]) == first else None


def read_dts(stream: BinaryIO, _parsed: Any) -> tuple[Stream, str]:
    """A bare stream of core frames of one length."""
    frames = between_tags(stream)
    stream.seek(frames.start)
    data = stream.read(PROBE)
    first = dts_header(data)
    if first is None:
        raise AudioError("holds no whole DTS frame")
    if data.startswith(HD_SYNC, first.stored):
        raise unsupported("DTS-HD")
    distance = _distance(data, first) or first.stored
    _check_last_frame(stream, frames, first, distance)
    duration = frames.length / distance * first.samples / first.sample_rate
    audio = Stream(
        codec=Codec.DTS,
        container=Container.DTS,
        duration=duration,
        sample_rate=first.sample_rate,
        channels=first.channels,
        bitrate=first.bitrate,
    )
    return audio, extents_fingerprint(stream, Codec.DTS, [frames])


def _check_last_frame(stream: BinaryIO, frames: Extent, first: DtsHeader, distance: int) -> None:
    """The stream must end with a whole frame like the first."""
    stream.seek(max(frames.start, frames.end - distance))
    if dts_header(stream.read(HEADER)) != first:
        raise AudioError("is cut short: its last frame is not whole")


class _Bits:
    """Reads fields off the front of a header in any of its four forms."""

    def __init__(self, data: bytes, word_bits: int, little: bool) -> None:
        order: Literal["little", "big"] = "little" if little else "big"
        words = (int.from_bytes(data[at : at + 2], order) for at in range(0, len(data), 2))
        mask = (1 << word_bits) - 1
        self._value = 0
        for word in words:
            self._value = self._value << word_bits | word & mask
        self._left = len(data) // 2 * word_bits

    def take(self, count: int) -> int:
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)
