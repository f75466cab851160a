"""Audio that no encoder at hand writes: DSD in its two containers, and Monkey's Audio."""

from __future__ import annotations

import random
import struct

DSD_RATE = 2_822_400
DSF_BLOCK = 4096


def one_bit(seed: int, length: int) -> bytes:
    """Noise of one bit a sample, eight samples a byte, different for each seed."""
    return random.Random(seed).randbytes(length)


def dsf_file(seed: int = 0, seconds: float = 1.0, channels: int = 2, sample_rate: int = DSD_RATE) -> bytes:
    """A DSF file without tags (DSF File Format Specification 1.01)."""
    samples = round(seconds * sample_rate)
    blocks = -(-samples // (8 * DSF_BLOCK))
    data = one_bit(seed, blocks * DSF_BLOCK * channels)
    layout = struct.pack("<IIIIIIQII", 1, 0, channels, channels, sample_rate, 1, samples, DSF_BLOCK, 0)
    fmt = b"fmt " + struct.pack("<Q", 12 + len(layout)) + layout
    body = fmt + b"data" + struct.pack("<Q", 12 + len(data)) + data
    return b"DSD " + struct.pack("<QQQ", 28, 28 + len(body), 0) + body


def dsdiff_file(seed: int = 0, seconds: float = 1.0, channels: int = 2, sample_rate: int = DSD_RATE) -> bytes:
    """A DSDIFF file without tags (DSDIFF 1.5)."""
    data = one_bit(seed, round(seconds * sample_rate / 8) * channels)
    names = b"".join((b"SLFT", b"SRGT", b"C   ", b"LFE ")[:channels])
    properties = b"SND " + b"".join(
        (
            _chunk(b"FS  ", struct.pack(">I", sample_rate)),
            _chunk(b"CHNL", struct.pack(">H", channels) + names),
            _chunk(b"CMPR", b"DSD " + b"\x0enot compressed" + b"\0"),
        )
    )
    chunks = (
        _chunk(b"FVER", struct.pack(">I", 0x01050000)) + _chunk(b"PROP", properties) + _chunk(b"DSD ", data)
    )
    return b"FRM8" + struct.pack(">Q", 4 + len(chunks)) + b"DSD " + chunks


def ape_file(
    seed: int = 0,
    seconds: float = 1.0,
    sample_rate: int = 44_100,
    channels: int = 2,
    bit_depth: int = 16,
) -> bytes:
    """Only the header of Monkey's Audio 3.99 with frames of noise: it can be read, not decoded."""
    samples, frame = round(seconds * sample_rate), 73_728
    count = -(-samples // frame)
    data = random.Random(seed).randbytes(round(samples * channels * bit_depth / 8 * 0.6))
    wav_header = bytes(44)
    header = struct.pack(
        "<HHIIIHHI", 2000, 0, frame, samples - (count - 1) * frame, count, bit_depth, channels, sample_rate
    )
    table = struct.pack(f"<{count}I", *range(0, count * 1000, 1000))
    descriptor = struct.pack(
        "<4sHHIIIIIII16s",
        b"MAC ", 3990, 0, 52, len(header), len(table), len(wav_header), len(data), 0, 0, bytes(16),
    )  # fmt: skip
    return descriptor + header + table + wav_header + data


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack(">Q", len(data)) + data + bytes(len(data) % 2)
