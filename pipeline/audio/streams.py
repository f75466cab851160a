"""What the audio of one file is, whether it is all there, and the line that names it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO

from ..model.audio import Codec, Container, Stream
from .ac3 import read_ac3
from .containers import AudioError, flac_frames, mp4_media, unsupported
from .dsd import read_dsdiff, read_dsf
from .dts import read_dts
from .fingerprint import extents_fingerprint, flac_fingerprint
from .flac_frames import StreamInfo, check_last_frame
from .lossless import read_ape, read_tta
from .mpeg import read_mp3
from .ogg import read_ogg
from .pcm import read_aiff, read_wav
from .wavpack import read_wavpack

AAC_CODECS = frozenset(
    {f"mp4a.40.{kind}" for kind in (1, 2, 3, 4, 5, 6, 23, 29, 39, 42)} | {"mp4a.66", "mp4a.67", "mp4a.68"}
)
"""The AAC kinds of MPEG-4 (LC is 2, HE is 5 and 29) and of MPEG-2; `mp4a` alone also stands for MP3."""


def audio_stream(stream: BinaryIO, container: Container, parsed: Any) -> tuple[Stream, str]:
    """The stream and its fingerprint; `parsed` is what `parse` gave.

    Raises an AudioError where audio is missing or foreign.
    """
    audio, fingerprint = READERS[container](stream, parsed)
    if audio.duration <= 0 or audio.sample_rate <= 0 or audio.channels <= 0:
        raise AudioError("holds no audio, or does not tell its length")
    return audio, fingerprint


def _read_flac(stream: BinaryIO, parsed: Any) -> tuple[Stream, str]:
    frames, info = flac_frames(stream), parsed.info
    streaminfo = StreamInfo(
        total_samples=info.total_samples,
        block_size=info.max_blocksize,
        frame_size=info.max_framesize,
        channels=info.channels,
        bit_depth=info.bits_per_sample,
    )
    if info.total_samples:
        check_last_frame(stream, frames, streaminfo)
    audio = Stream(
        codec=Codec.FLAC,
        container=Container.FLAC,
        duration=info.length,
        sample_rate=info.sample_rate,
        channels=info.channels,
        bitrate=info.bitrate,
        bit_depth=info.bits_per_sample,
    )
    if info.md5_signature:
        return audio, flac_fingerprint(info.md5_signature, info.total_samples)
    return audio, extents_fingerprint(stream, Codec.FLAC, [frames])


def _read_mp4(stream: BinaryIO, parsed: Any) -> tuple[Stream, str]:
    info = parsed.info
    if info.codec == "alac":
        codec, bit_depth = Codec.ALAC, info.bits_per_sample
    elif info.codec in AAC_CODECS:
        codec, bit_depth = Codec.AAC, None
    else:
        raise unsupported(f"{info.codec_description or info.codec or 'no audio'} in MP4")
    media = mp4_media(stream)
    average = round(sum(extent.length for extent in media) * 8 / info.length) if info.length > 0 else 0
    audio = Stream(
        codec=codec,
        container=Container.MP4,
        duration=info.length,
        sample_rate=info.sample_rate,
        channels=info.channels,
        bitrate=info.bitrate or average,
        bit_depth=bit_depth,
    )
    return audio, extents_fingerprint(stream, codec, media)


READERS: dict[Container, Callable[[BinaryIO, Any], tuple[Stream, str]]] = {
    Container.FLAC: _read_flac,
    Container.OGG: read_ogg,
    Container.MP4: _read_mp4,
    Container.RIFF: read_wav,
    Container.AIFF: read_aiff,
    Container.MPEG: read_mp3,
    Container.WAVPACK: read_wavpack,
    Container.APE: read_ape,
    Container.TTA: read_tta,
    Container.DSF: read_dsf,
    Container.DSDIFF: read_dsdiff,
    Container.AC3: read_ac3,
    Container.DTS: read_dts,
}
