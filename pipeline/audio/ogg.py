"""The audio of Ogg files: Vorbis, Opus and FLAC."""

from __future__ import annotations

import struct
from typing import Any, BinaryIO

from ..model.audio import Codec, Container, Stream
from .containers import AudioError
from .fingerprint import flac_fingerprint, ogg_fingerprint
from .ogg_pages import audio_pages, first_packet, ogg_codec

OPUS_RATE = 48_000
VORBIS_HEADER = struct.Struct("<7sIBIiii")
"""Magic, version, channels, sample rate, then the bitrates: most, nominal, least."""
VORBIS_NOMINAL = {
    45_000: "q-1",
    64_000: "q0",
    80_000: "q1",
    96_000: "q2",
    112_000: "q3",
    128_000: "q4",
    160_000: "q5",
    192_000: "q6",
    224_000: "q7",
    256_000: "q8",
    320_000: "q9",
    499_821: "q10",
}
"""What libvorbis writes for each whole quality, with two channels at 44.1 or 48 kHz (its setup_44.h)."""
FLAC_MD5_AT = 35
"""Bytes into the first packet of FLAC in Ogg: 17 before STREAMINFO, 18 of it."""


def read_ogg(stream: BinaryIO, parsed: Any) -> tuple[Stream, str]:
    """The stream that the first page names."""
    codec, info = ogg_codec(stream), parsed.info
    pages = audio_pages(stream, codec)
    audio = Stream(
        codec=codec,
        container=Container.OGG,
        duration=info.length,
        sample_rate=OPUS_RATE if codec is Codec.OPUS else info.sample_rate,
        channels=info.channels,
        bitrate=round(pages.length * 8 / info.length) if info.length > 0 else 0,
        bit_depth=info.bits_per_sample if codec is Codec.FLAC else None,
        preset=_vorbis_quality(first_packet(stream)) if codec is Codec.OGG else None,
        encoder=parsed.tags.vendor or None,
    )
    md5 = _flac_md5(first_packet(stream)) if codec is Codec.FLAC else 0
    if md5:
        return audio, flac_fingerprint(md5, info.total_samples)
    return audio, ogg_fingerprint(stream, codec, pages)


def _vorbis_quality(packet: bytes) -> str | None:
    """The quality that the nominal bitrate stands for; None where the encoder was bound to a bitrate.

    The other bitrates are then set, or -1 where only the nominal one was asked for; a quality leaves zeros.
    """
    if len(packet) < VORBIS_HEADER.size:
        raise AudioError("is cut short")
    _, _, channels, sample_rate, most, nominal, least = VORBIS_HEADER.unpack_from(packet)
    if most or least or channels != 2 or sample_rate not in {44_100, 48_000}:
        return None
    return VORBIS_NOMINAL.get(nominal)


def _flac_md5(packet: bytes) -> int:
    """The digest of the decoded audio in STREAMINFO, 0 where the encoder left none."""
    return int.from_bytes(packet[FLAC_MD5_AT : FLAC_MD5_AT + 16], "big")
