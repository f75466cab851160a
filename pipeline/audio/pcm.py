"""Plain samples in WAV and AIFF, and the DTS that some discs hide in WAV."""

from __future__ import annotations

from typing import Any, BinaryIO

from ..model.audio import Codec, Container, Stream
from .chunks import chunk_bytes, find_chunks, whole
from .containers import Extent, unsupported
from .dts import DtsHeader, dts_in_pcm
from .fingerprint import extents_fingerprint

INTEGER, FLOAT, DTS, EXTENSIBLE = 1, 3, 0x2001, 0xFFFE
"""WAVE_FORMAT codes."""
PLAIN_AIFF_C = frozenset(
    {b"NONE", b"twos", b"sowt", b"raw ", b"in24", b"in32", b"fl32", b"FL32", b"fl64", b"FL64"}
)


def read_wav(stream: BinaryIO, parsed: Any) -> tuple[Stream, str]:
    """What a WAV holds: PCM, or DTS."""
    info = parsed.info
    found = find_chunks(stream, Container.RIFF, b"fmt ", b"data")
    layout = chunk_bytes(stream, found.get(b"fmt "), 16)
    samples = whole(stream, found.get(b"data"))
    code, bit_depth = info.audio_format, info.bits_per_sample
    if code == EXTENSIBLE and len(layout) >= 40:
        code = int.from_bytes(layout[24:26], "little")
        valid = int.from_bytes(layout[18:20], "little")
        bit_depth = valid if 0 < valid < bit_depth else bit_depth
    dts = dts_in_pcm(stream, samples) if code in {INTEGER, DTS} else None
    if dts is not None:
        return _dts_in_wav(stream, dts, samples, byte_rate=int.from_bytes(layout[8:12], "little"))
    if code not in {INTEGER, FLOAT}:
        raise unsupported("compressed audio in WAV")
    audio = Stream(
        codec=Codec.WAV,
        container=Container.RIFF,
        duration=info.length,
        sample_rate=info.sample_rate,
        channels=info.channels,
        bitrate=info.bitrate,
        bit_depth=bit_depth,
    )
    return audio, extents_fingerprint(stream, Codec.WAV, [samples])


def read_aiff(stream: BinaryIO, parsed: Any) -> tuple[Stream, str]:
    """PCM in AIFF, or in AIFF-C where that is not compressed."""
    info = parsed.info
    found = find_chunks(stream, Container.AIFF, b"COMM", b"SSND")
    common = chunk_bytes(stream, found.get(b"COMM"), 18)
    compression = common[18:22] or b"NONE"
    if compression not in PLAIN_AIFF_C:
        raise unsupported("compressed audio in AIFF-C")
    chunk = whole(stream, found.get(b"SSND"))
    offset = int.from_bytes(chunk_bytes(stream, chunk, 8)[:4], "big")
    samples = whole(stream, Extent(chunk.start + 8 + offset, chunk.end))
    audio = Stream(
        codec=Codec.AIFF,
        container=Container.AIFF,
        duration=info.length,
        sample_rate=info.sample_rate,
        channels=info.channels,
        bitrate=info.bitrate,
        bit_depth=info.bits_per_sample,
    )
    return audio, extents_fingerprint(stream, Codec.AIFF, [samples])


def _dts_in_wav(stream: BinaryIO, dts: DtsHeader, samples: Extent, byte_rate: int) -> tuple[Stream, str]:
    """It fills the place of PCM, so that the length of that is its own."""
    audio = Stream(
        codec=Codec.DTS,
        container=Container.RIFF,
        duration=samples.length / byte_rate if byte_rate else 0,
        sample_rate=dts.sample_rate,
        channels=dts.channels,
        bitrate=dts.bitrate,
    )
    return audio, extents_fingerprint(stream, Codec.DTS, [samples])
