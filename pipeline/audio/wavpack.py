"""WavPack by the headers of its blocks: mutagen sees two channels at most, and no hybrid stream."""

from __future__ import annotations

import struct
from typing import Any, BinaryIO

from attrs import frozen

from ..model.audio import Codec, Container, Stream
from .containers import AudioError, Extent, between_tags, read_at, unsupported
from .fingerprint import extents_fingerprint

MAGIC = b"wvpk"
HEADER = struct.Struct("<4sIHBBIIIII")
"""Magic, length, version, high bits of index and total, total samples, index, samples, flags, checksum."""
SAMPLE_RATES = (
    6000, 8000, 9600, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000, 192000,
)  # fmt: skip
UNKNOWN_TOTAL = 0xFFFFFFFF
MONO, HYBRID, FINAL, DSD = 1 << 2, 1 << 3, 1 << 12, 1 << 31
ODD_RATE = 0x27
"""The id of the sub-block that holds a rate which is in no table."""
MAX_STREAMS = 256
TAILS = (1 << 17, 1 << 22)
"""Bytes at the end in which the last block of samples is looked for; a block has a mebibyte at most."""


@frozen
class _Block:
    start: int
    end: int
    total_samples: int | None
    first_sample: int
    samples: int
    flags: int

    @property
    def channels(self) -> int:
        return 1 if self.flags & MONO else 2

    @property
    def bit_depth(self) -> int:
        return ((self.flags & 3) + 1) * 8 - (self.flags >> 13 & 31)


def read_wavpack(stream: BinaryIO, _parsed: Any) -> tuple[Stream, str]:
    """A whole or a lossy stream; the correction file of the latter is not looked for."""
    blocks = between_tags(stream)
    first = _block(read_at(stream, blocks.start, HEADER.size), blocks.start)
    if first is None:
        raise AudioError("holds no WavPack block")
    if first.flags & DSD:
        raise unsupported("DSD in WavPack")
    end = _last_sample(stream, blocks)
    if first.total_samples is not None and end - first.first_sample < first.total_samples:
        raise AudioError("is cut short: its last samples are missing")
    sample_rate = _sample_rate(stream, first)
    duration = (end - first.first_sample) / sample_rate if sample_rate else 0
    audio = Stream(
        codec=Codec.WAVPACK,
        container=Container.WAVPACK,
        duration=duration,
        sample_rate=sample_rate,
        channels=_channels(stream, first, blocks.end),
        bitrate=round(blocks.length * 8 / duration) if duration > 0 else 0,
        bit_depth=first.bit_depth,
        hybrid=bool(first.flags & HYBRID),
    )
    return audio, extents_fingerprint(stream, Codec.WAVPACK, [blocks])


def _block(data: bytes, start: int) -> _Block | None:
    if len(data) < HEADER.size or not data.startswith(MAGIC):
        return None
    _, length, version, index_high, total_high, total, index, samples, flags, _ = HEADER.unpack(data)
    if version >> 8 != 4 or length < HEADER.size - 8:
        return None
    return _Block(
        start=start,
        end=start + 8 + length,
        total_samples=None if total == UNKNOWN_TOTAL else total + (total_high << 32) - total_high,
        first_sample=index + (index_high << 32),
        samples=samples,
        flags=flags,
    )


def _channels(stream: BinaryIO, first: _Block, end: int) -> int:
    """Of more than two channels every pair has a block of its own, up to the one that says it is the last."""
    channels, block = first.channels, first
    for _ in range(MAX_STREAMS):
        if block.flags & FINAL or block.end >= end:
            break
        following = _block(read_at(stream, block.end, HEADER.size), block.end)
        if following is None:
            raise AudioError("is damaged between its blocks")
        block = following
        channels += block.channels
    return channels


def _sample_rate(stream: BinaryIO, block: _Block) -> int:
    code = block.flags >> 23 & 15
    if code < len(SAMPLE_RATES):
        return SAMPLE_RATES[code]
    data = read_at(stream, block.start, min(block.end - block.start, 65_536))
    position = HEADER.size
    while position + 2 <= len(data):
        name, words = data[position], data[position + 1]
        position += 2
        if name & 0x80:
            words += int.from_bytes(data[position : position + 2], "little") << 8
            position += 2
        if name & 0x3F == ODD_RATE:
            return int.from_bytes(data[position : position + 3], "little")
        position += words * 2
    raise AudioError("does not tell its sample rate")


def _last_sample(stream: BinaryIO, blocks: Extent) -> int:
    """The number of the sample behind the last block, which must end where the stream ends."""
    for tail in TAILS:
        start = max(blocks.start, blocks.end - tail)
        data = read_at(stream, start, blocks.end - start)
        ends, at = {blocks.end}, data.rfind(MAGIC)
        while at >= 0:
            block = _block(data[at : at + HEADER.size], start + at)
            if block and block.end in ends:
                if block.samples:
                    return block.first_sample + block.samples
                ends.add(block.start)  # what follows the audio, such as its checksum
            at = data.rfind(MAGIC, 0, at)
    raise AudioError("is cut short: its last block is missing")
