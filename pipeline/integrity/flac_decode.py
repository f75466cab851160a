"""The samples of a FLAC file, decoded and compared with the digest that its encoder left.

miniaudio decodes: bit-exact to 32 bits, without the interpreter's lock. It passes over a frame with a
wrong checksum in silence, so the frames are walked before.
"""

from __future__ import annotations

import hashlib
import threading
from array import array
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, cast

import miniaudio
from attrs import frozen

from .flac_headers import StreamInfo
from .flac_walk import Walk
from .flaw import Flaw, problem, unjudged, warning
from .window import check

BLOCK = 65_536
"""Samples of each channel that are decoded at once: each block waits for the interpreter's lock."""
SHALLOW = 16
"""Bits a sample: padding is only looked for above."""

Blocks = Generator["array[int]", int, None]


@frozen
class Decoded:
    """What came out of the decoder."""

    samples: int
    md5: bytes
    depth: int
    """Bits a sample that are ever used, in whole bytes; 0 of silence and where nobody asks."""


class FileSource(miniaudio.StreamableSource):
    """An open file, for a path whose name is no text."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, num_bytes: int) -> bytes:
        return self._stream.read(num_bytes)

    def seek(self, offset: int, origin: miniaudio.SeekOrigin) -> bool:
        self._stream.seek(offset, 0 if origin is miniaudio.SeekOrigin.START else 1)
        return True


def judge_samples(path: Path, info: StreamInfo, walk: Walk, stopped: threading.Event) -> tuple[Flaw, ...]:
    """Decodes a file whose frames are whole, as far as their checksums tell."""
    try:
        decoded = _decode(path, info, stopped)
    except miniaudio.MiniaudioError as error:
        return (unjudged("undecodable", f"cannot be decoded here: {error}"),)
    return (*_compare(decoded, info, walk), *_padding(decoded, info))


def _compare(decoded: Decoded, info: StreamInfo, walk: Walk) -> tuple[Flaw, ...]:
    if walk.samples and decoded.samples != walk.samples:
        if not walk.end_proven:
            return (problem("crc_error", "is damaged in its last frame"),)
        told = f"only {decoded.samples} of {walk.samples} samples"
        return (unjudged("undecodable", f"cannot be decoded whole here: {told}"),)
    if not info.md5:
        return (warning("md5_absent", "carries no MD5 of its audio to compare with"),)
    if decoded.md5 != info.md5:
        told = "its MD5 differs"
        return (problem("md5_mismatch", f"does not decode to the audio that was encoded: {told}"),)
    return ()


def _padding(decoded: Decoded, info: StreamInfo) -> tuple[Flaw, ...]:
    if not 0 < decoded.depth <= info.bit_depth - 8:
        return ()
    told = f"is {decoded.depth}-bit audio padded to {info.bit_depth} bits"
    return (warning("padded_bit_depth", told),)


def _decode(path: Path, info: StreamInfo, stopped: threading.Event) -> Decoded:
    digest = hashlib.md5(usedforsecurity=False)
    count = depth = 0
    with path.open("rb") as stream, closing(_blocks(path, stream, info)) as blocks:
        for block in blocks:
            check(stopped)
            packed = _pack(block, info.bit_depth)
            digest.update(packed)
            count += len(block) // info.channels
            if info.bit_depth > SHALLOW and depth < info.bit_depth:
                depth = max(depth, _used_depth(packed, info.bit_depth))
    return Decoded(count, digest.digest(), depth)


def _blocks(path: Path, stream: BinaryIO, info: StreamInfo) -> Blocks:
    """Interleaved samples, the highest bit of each the highest of its 16 or 32."""
    wide = info.bit_depth > 16 or info.bit_depth <= 8
    output = miniaudio.SampleFormat.SIGNED32 if wide else miniaudio.SampleFormat.SIGNED16
    try:
        str(path).encode()
    except UnicodeEncodeError:
        source, kind = FileSource(stream), miniaudio.FileFormat.FLAC
        blocks = miniaudio.stream_any(source, kind, output, info.channels, info.sample_rate, BLOCK)
    else:
        blocks = miniaudio.stream_file(str(path), output, info.channels, info.sample_rate, BLOCK)
    return cast("Blocks", blocks)


def _pack(block: array[int], bit_depth: int) -> bytes | array[int]:
    """The samples as FLAC's MD5 is made of them: little-endian, in as many bytes as they need."""
    spare = block.itemsize * 8 - bit_depth
    if spare % 8:
        block = array(block.typecode, [sample >> spare % 8 for sample in block])
    if spare < 8:
        return block
    packed = bytearray(block.tobytes())
    if bit_depth <= 8:
        return bytes(packed[3::4])
    del packed[::4]
    return bytes(packed)


def _used_depth(packed: bytes | array[int], bit_depth: int) -> int:
    """Bits of a sample down to the lowest byte that is not zero in all; 0 where all are."""
    data, width = bytes(packed), (bit_depth + 7) // 8
    for place in range(width):
        if any(data[place::width]):
            return bit_depth - 8 * place
    return 0
