"""The ways an album of the corpus is encoded, each with what is true of it because it was asked for."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache, partial

from attrs import frozen

from pipeline.model.audio import Codec
from tests.support.audio import EXTENSIONS, encode, ffmpeg, soundfile, tone

SECONDS = 0.4
NAMES = {Codec.WAVPACK: "WavPack"}
CONSTANT = {320: 0.0, 256: 0.22, 192: 0.4, 128: 0.65}
"""libsndfile's level for each bitrate, and below for each of LAME's presets."""
PRESETS = {"V0": 0.0, "V1": 0.1, "V2": 0.22}


@frozen
class Encoding:
    """`quality` is what a name says of it, `told` every number with a unit that a description may say.

    A `#` stands for an average that the encoder came to.
    """

    id: str
    codec: Codec
    suffix: str
    encode: Callable[[int], bytes]
    """An untagged file for a seed."""
    quality: str
    told: frozenset[str]


def _lossless(codec: Codec, bits: int, rate: int, channels: int = 2) -> Callable[[int], bytes]:
    return lambda seed: encode(
        codec, seed=seed, seconds=SECONDS, sample_rate=rate, bit_depth=bits, channels=channels
    )


def _by_ffmpeg(suffix: str, *options: str, rate: int = 44_100, channels: int = 2) -> Callable[[int], bytes]:
    return lambda seed: ffmpeg(tone(seed, SECONDS, rate, channels), rate, suffix, *options)


def lame(mode: str, level: float, seed: int, seconds: float = SECONDS) -> bytes:
    """MP3 by libsndfile, whose encoder is LAME: `level` 0 is the best of a mode."""
    memory = io.BytesIO()
    soundfile.write(
        memory,
        tone(seed, seconds),
        44_100,
        format="MP3",
        subtype="MPEG_LAYER_III",
        bitrate_mode=mode,
        compression_level=level,
    )
    return memory.getvalue()


def _pcm(codec: Codec, suffix: str, bits: int, rate: int, make: Callable[[int], bytes]) -> Encoding:
    khz = f"{rate / 1000:g}"
    return Encoding(
        f"{codec.lower()}-{bits}-{khz}",
        codec,
        suffix,
        make,
        f"{NAMES.get(codec, codec)} {bits}bit {khz} kHz",
        frozenset({f"{bits} bit", f"{bits}bit", f"{khz} kHz"}),
    )


def _lossy(quality: str, codec: Codec, make: Callable[[int], bytes], *told: str) -> Encoding:
    name = quality.lower().replace(" #", "").replace(" ", "-")
    rate = "48 kHz" if codec is Codec.OPUS else "44.1 kHz"
    return Encoding(name, codec, EXTENSIONS[codec], make, quality, frozenset({*told, rate}))


def _mp3(mode: str, level: float, label: str, told: str) -> Encoding:
    return _lossy(f"MP3 {label}", Codec.MP3, partial(lame, mode, level), told)


@cache
def encodings() -> tuple[Encoding, ...]:
    """All that the encoders of the package index can make."""
    wavpack, tta, aiff = (
        _by_ffmpeg(".wv", "-c:a", "wavpack", "-sample_fmt", "s16p"),
        _by_ffmpeg(".tta", "-c:a", "tta", "-sample_fmt", "s16"),
        _by_ffmpeg(".aiff", "-c:a", "pcm_s24be", rate=48_000),
    )
    flac_192 = _by_ffmpeg(
        ".flac", "-c:a", "flac", "-sample_fmt", "s32", "-bits_per_raw_sample", "24", rate=192_000
    )
    return (
        _pcm(Codec.FLAC, ".flac", 16, 44_100, _lossless(Codec.FLAC, 16, 44_100)),
        _pcm(Codec.FLAC, ".flac", 16, 48_000, _lossless(Codec.FLAC, 16, 48_000)),
        _pcm(Codec.FLAC, ".flac", 24, 44_100, _lossless(Codec.FLAC, 24, 44_100)),
        _pcm(Codec.FLAC, ".flac", 24, 96_000, _lossless(Codec.FLAC, 24, 96_000)),
        _pcm(Codec.FLAC, ".flac", 24, 192_000, flac_192),
        _pcm(Codec.WAV, ".wav", 16, 44_100, _lossless(Codec.WAV, 16, 44_100)),
        _pcm(Codec.WAV, ".wav", 24, 96_000, _lossless(Codec.WAV, 24, 96_000)),
        _pcm(Codec.AIFF, ".aiff", 24, 48_000, aiff),
        _pcm(Codec.ALAC, ".m4a", 16, 44_100, _lossless(Codec.ALAC, 16, 44_100)),
        _pcm(Codec.ALAC, ".m4a", 24, 96_000, _lossless(Codec.ALAC, 24, 96_000)),
        _pcm(Codec.WAVPACK, ".wv", 16, 44_100, wavpack),
        _pcm(Codec.TTA, ".tta", 16, 44_100, tta),
        *(_mp3("CONSTANT", level, str(kbps), f"{kbps} kbps") for kbps, level in CONSTANT.items()),
        *(_mp3("VARIABLE", level, preset, preset) for preset, level in PRESETS.items()),
        _mp3("AVERAGE", 0.22, "ABR #", "ABR #"),
        _lossy("AAC", Codec.AAC, _by_ffmpeg(".m4a", "-c:a", "aac", "-b:a", "192k")),
        _lossy("Vorbis q8", Codec.OGG, _by_ffmpeg(".ogg", "-c:a", "libvorbis", "-q:a", "8"), "q8"),
        _lossy("Opus", Codec.OPUS, _by_ffmpeg(".opus", "-c:a", "libopus", "-b:a", "128k", rate=48_000)),
    )
