"""DSD, the one-bit audio of SACD, in the containers of Sony (DSF) and Philips (DSDIFF)."""

from __future__ import annotations

from typing import Any, BinaryIO

from ..model.audio import Codec, Container, Stream
from .chunks import find_chunks, whole
from .containers import Extent
from .fingerprint import extents_fingerprint


def read_dsf(stream: BinaryIO, parsed: Any) -> tuple[Stream, str]:
    """DSF; the last block of samples is filled up."""
    samples = whole(stream, find_chunks(stream, Container.DSF, b"data").get(b"data"))
    return _dsd(stream, Container.DSF, parsed.info, samples)


def read_dsdiff(stream: BinaryIO, parsed: Any) -> tuple[Stream, str]:
    """DSDIFF: plain, or packed without loss (DST)."""
    packed = parsed.info.compression == "DST"
    name = b"DST " if packed else b"DSD "
    samples = whole(stream, find_chunks(stream, Container.DSDIFF, name).get(name))
    return _dsd(stream, Container.DSDIFF, parsed.info, samples, packed=packed)


def _dsd(
    stream: BinaryIO, container: Container, info: Any, samples: Extent, *, packed: bool = False
) -> tuple[Stream, str]:
    audio = Stream(
        codec=Codec.DSD,
        container=container,
        duration=info.length,
        sample_rate=info.sample_rate,
        channels=info.channels,
        bitrate=_packed_bitrate(info, samples) if packed else info.sample_rate * info.channels,
        bit_depth=1,
    )
    return audio, extents_fingerprint(stream, Codec.DSD, [samples])


def _packed_bitrate(info: Any, samples: Extent) -> int:
    return round(samples.length * 8 / info.length) if info.length > 0 else 0
