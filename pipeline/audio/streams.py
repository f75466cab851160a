"""What the audio of one file is, whether it is all there, and the line that names it."""

from __future__ import annotations

from typing import Any, BinaryIO

from attrs import evolve
from mutagen.mp3 import BitrateMode

from ..model.audio import Codec, Stream
from .containers import (
    AudioError,
    Container,
    Extent,
    flac_frames,
    mp4_media,
    mpeg_frames,
    riff_data,
    unsupported,
)
from .fingerprint import extents_fingerprint, flac_fingerprint, ogg_fingerprint
from .flac_frames import StreamInfo, check_last_frame
from .ogg_pages import audio_pages, ogg_codec

OPUS_RATE = 48_000
PCM_FORMATS = frozenset({1, 3, 0xFFFE})
"""Integer, float, and the extensible form of both."""
AAC_CODECS = frozenset(
    {f"mp4a.40.{kind}" for kind in (1, 2, 3, 4, 5, 6, 23, 29, 39, 42)} | {"mp4a.66", "mp4a.67", "mp4a.68"}
)
"""The AAC kinds of MPEG-4 (LC is 2, HE is 5 and 29) and of MPEG-2; `mp4a` alone also stands for MP3."""
XING_SLACK = 2048
"""Bytes: encoders differ in whether they count the header's own frame and the tags."""


def audio_stream(stream: BinaryIO, container: Container, info: Any) -> tuple[Stream, str]:
    """The stream and its fingerprint; `info` is mutagen's. AudioError where audio is missing or foreign."""
    readers = {
        Container.FLAC: _flac,
        Container.OGG: _ogg,
        Container.MP4: _mp4,
        Container.RIFF: _wav,
        Container.MPEG: _mp3,
    }
    audio, fingerprint = readers[container](stream, info)
    if audio.duration <= 0 or audio.sample_rate <= 0 or audio.channels <= 0:
        raise AudioError("holds no audio, or does not tell its length")
    return audio, fingerprint


def _flac(stream: BinaryIO, info: Any) -> tuple[Stream, str]:
    frames = flac_frames(stream)
    streaminfo = StreamInfo(
        total_samples=info.total_samples,
        block_size=info.max_blocksize,
        frame_size=info.max_framesize,
        channels=info.channels,
        bit_depth=info.bits_per_sample,
    )
    if info.total_samples:
        check_last_frame(stream, frames, streaminfo)
    audio = _stream(Codec.FLAC, info, bit_depth=info.bits_per_sample)
    if info.md5_signature:
        return audio, flac_fingerprint(info.md5_signature, info.total_samples)
    return audio, extents_fingerprint(stream, Codec.FLAC, [frames])


def _ogg(stream: BinaryIO, info: Any) -> tuple[Stream, str]:
    codec = ogg_codec(stream)
    pages = audio_pages(stream, codec)
    bitrate = round(pages.length * 8 / info.length) if info.length > 0 else 0
    sample_rate = OPUS_RATE if codec is Codec.OPUS else info.sample_rate
    audio = Stream(codec, info.length, sample_rate, info.channels, bitrate)
    return audio, ogg_fingerprint(stream, codec, pages)


def _mp4(stream: BinaryIO, info: Any) -> tuple[Stream, str]:
    if info.codec == "alac":
        codec, bit_depth = Codec.ALAC, info.bits_per_sample
    elif info.codec in AAC_CODECS:
        codec, bit_depth = Codec.AAC, None
    else:
        raise unsupported(f"{info.codec_description or info.codec or 'no audio'} in MP4")
    media = mp4_media(stream)
    return _stream(codec, info, bit_depth), extents_fingerprint(stream, codec, media)


def _wav(stream: BinaryIO, info: Any) -> tuple[Stream, str]:
    if info.audio_format not in PCM_FORMATS:
        raise unsupported("compressed audio in WAV")
    samples = riff_data(stream)
    audio = _stream(Codec.WAV, info, info.bits_per_sample)
    return audio, extents_fingerprint(stream, Codec.WAV, [samples])


def _mp3(stream: BinaryIO, info: Any) -> tuple[Stream, str]:
    if info.layer != 3:
        raise unsupported(f"MPEG audio layer {info.layer}")
    if info.sketchy:
        raise AudioError("holds no run of whole MPEG frames")
    frames = mpeg_frames(stream)
    _check_promised_length(stream, frames)
    audio = evolve(_stream(Codec.MP3, info), constant_bitrate=info.bitrate_mode == BitrateMode.CBR)
    return audio, extents_fingerprint(stream, Codec.MP3, [frames])


def _check_promised_length(stream: BinaryIO, frames: Extent) -> None:
    """The first frame may tell how many bytes of audio there are (a Xing or Info header)."""
    stream.seek(frames.start)
    head = stream.read(256)
    at = max(head.find(b"Xing"), head.find(b"Info"))
    if at < 0:
        return
    flags = int.from_bytes(head[at + 4 : at + 8], "big")
    has_frames, has_bytes = flags & 1, flags & 2
    position = at + (12 if has_frames else 8)
    promised = int.from_bytes(head[position : position + 4], "big") if has_bytes else 0
    if frames.length + XING_SLACK < promised:
        raise AudioError(f"is cut short: {promised - frames.length} bytes of its audio are missing")


def _stream(codec: Codec, info: Any, bit_depth: int | None = None) -> Stream:
    return Stream(codec, info.length, info.sample_rate, info.channels, info.bitrate, bit_depth)
