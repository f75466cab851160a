"""Monkey's Audio and True Audio, which say in front how much audio follows."""

from __future__ import annotations

import math
import struct
from itertools import accumulate, pairwise
from typing import Any, BinaryIO

from mutagen.monkeysaudio import MonkeysAudioInfo

from ..model.audio import Codec, Container, Stream
from .containers import AudioError, Extent, between_tags, read_at
from .fingerprint import extents_fingerprint

APE_DESCRIPTOR = struct.Struct("<4sHHIIIIIII")
"""Magic, version, padding, then bytes of: itself, header, seek table, WAV header, frames (two), WAV's end."""
APE_HEADER = 76
WITH_DESCRIPTOR = 3980
"""The first version, in thousandths, of Monkey's Audio that says how many bytes there are."""
EIGHT_BITS, TWENTY_FOUR_BITS = 1, 8
TTA_HEADER = struct.Struct("<4sHHHIII")
"""Magic, format, channels, bits a sample, sample rate, samples, checksum."""


def read_ape(stream: BinaryIO, _parsed: Any) -> tuple[Stream, str]:
    """Monkey's Audio; of versions before 3.98 nothing tells whether the end is there."""
    whole = between_tags(stream)
    header = read_at(stream, whole.start, APE_HEADER)
    _, version, _, *parts, high, end = APE_DESCRIPTOR.unpack_from(header)
    if version >= WITH_DESCRIPTOR:
        promised = sum(parts) + (high << 32) + end
        if whole.length < promised:
            raise AudioError(f"is cut short: {promised - whole.length} bytes of it are missing")
    stream.seek(whole.start)
    info = MonkeysAudioInfo(stream)
    audio = Stream(
        codec=Codec.APE,
        container=Container.APE,
        duration=info.length,
        sample_rate=info.sample_rate,
        channels=info.channels,
        bitrate=round(whole.length * 8 / info.length) if info.length > 0 else 0,
        bit_depth=info.bits_per_sample if version >= WITH_DESCRIPTOR else _old_bit_depth(header),
    )
    return audio, extents_fingerprint(stream, Codec.APE, [whole])


def read_tta(stream: BinaryIO, _parsed: Any) -> tuple[Stream, str]:
    """True Audio."""
    whole = between_tags(stream)
    tta_frames(stream)
    _, _, channels, bit_depth, sample_rate, samples, _ = _tta_header(stream, whole)
    audio = Stream(
        codec=Codec.TTA,
        container=Container.TTA,
        duration=samples / sample_rate,
        sample_rate=sample_rate,
        channels=channels,
        bitrate=round(whole.length * 8 * sample_rate / samples) if samples else 0,
        bit_depth=bit_depth,
    )
    return audio, extents_fingerprint(stream, Codec.TTA, [whole])


def tta_frames(stream: BinaryIO) -> list[Extent]:
    """The frames, as the table behind the header tells them; AudioError where they are not all there."""
    whole = between_tags(stream)
    _, _, _, _, sample_rate, samples, _ = _tta_header(stream, whole)
    if not sample_rate:
        raise AudioError("does not tell its sample rate")
    count = math.ceil(samples / (256 * sample_rate // 245 or 1))
    table = whole.start + TTA_HEADER.size
    frames = table + 4 * count + 4
    if frames > whole.end:
        raise AudioError("is cut short: its table of frames is not whole")
    lengths = struct.unpack(f"<{count}I", read_at(stream, table, 4 * count))
    starts = list(accumulate(lengths, initial=frames))
    if starts[-1] > whole.end:
        raise AudioError(f"is cut short: {starts[-1] - whole.end} bytes of its frames are missing")
    return [Extent(start, end) for start, end in pairwise(starts)]


def _tta_header(stream: BinaryIO, whole: Extent) -> tuple[Any, ...]:
    return TTA_HEADER.unpack(read_at(stream, whole.start, TTA_HEADER.size))


def _old_bit_depth(header: bytes) -> int:
    flags = int.from_bytes(header[8:10], "little")
    if flags & EIGHT_BITS:
        return 8
    return 24 if flags & TWENTY_FOUR_BITS else 16
