"""How an album's audio is called: by release names, by descriptions, and on the forms of Gazelle sites.

A preset or a constant bitrate is stated only where the headers of all tracks agree on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from attrs import frozen

from .model.album import Album
from .model.audio import BitrateMode, Codec, Stream

CODEC_NAMES = {Codec.OGG: "Vorbis", Codec.OPUS: "Opus", Codec.WAVPACK: "WavPack"}
CHANNEL_NAMES = {1: "mono", 2: "stereo"}
SURROUND = {Codec.AC3, Codec.DTS}
"""Their six channels are five and one for the bass, and their frames all have one size."""
STANDARD_BITRATES = (
    *(32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    *(384, 448, 512, 576, 640),
)
"""Kilobits a second, as constant-bitrate encoders offer them; the second line is that of AC3 alone."""
BITRATE_TOLERANCE = 0.01
DSD_BASES = (44_100, 48_000)
DSD_MULTIPLES = (64, 128, 256, 512, 1024)

GAZELLE_FORMATS = {
    Codec.FLAC: "FLAC",
    Codec.MP3: "MP3",
    Codec.OGG: "Ogg Vorbis",
    Codec.AAC: "AAC",
    Codec.AC3: "AC3",
    Codec.DTS: "DTS",
}
GAZELLE_BITRATES = frozenset({320, 256, 192, 160, 128, 96, 64})
GAZELLE_PRESETS = {Codec.MP3: re.compile("V[012]"), Codec.OGG: re.compile(r"q8(\.\d+)?")}


@frozen
class Encoding:
    """An album's audio in the words of a Gazelle form; None where the form has no true word for it."""

    format: str | None
    encoding: str | None
    """The form's `bitrate`: `Lossless`, `V0 (VBR)`, `320`, `Other`..."""
    other_bitrate: str | None = None
    """Kilobits a second; there with `Other` only."""
    vbr: bool = False
    """Whether `other_bitrate` is the average of a bitrate that varies."""


def gazelle_encoding(album: Album) -> Encoding:
    """The values of `format`, `bitrate`, `other_bitrate` and `vbr`.

    No encoding is true of tracks with 16 and with 24 bits, nor of several constant bitrates.
    """
    streams = [track.stream for track in album.tracks]
    form_format = GAZELLE_FORMATS.get(album.codec)
    if form_format is None:
        return Encoding(None, None)
    if album.codec is Codec.FLAC:
        return Encoding(form_format, _gazelle_lossless(streams))
    if constant := constant_kbps(streams):
        if constant in GAZELLE_BITRATES:
            return Encoding(form_format, str(constant))
        return Encoding(form_format, "Other", str(constant))
    if any(_keeps_one_bitrate(stream) for stream in streams):
        return Encoding(form_format, None)
    preset, pattern = common_preset(streams), GAZELLE_PRESETS.get(album.codec)
    if preset and pattern and pattern.fullmatch(preset):
        return Encoding(form_format, "q8.x (VBR)" if album.codec is Codec.OGG else f"{preset} (VBR)")
    return Encoding(form_format, "Other", str(average_kbps(streams)), vbr=True)


def quality_label(album: Album) -> str:
    """The audio for release names: `FLAC 24bit 96 kHz`, `MP3 V0`, `DSD64`, `AC3 5.1 448 kbps`."""
    streams = [track.stream for track in album.tracks]
    codec = codec_label(streams)
    if album.codec is Codec.DSD:
        return dsd_label(streams) or codec
    if all(stream.lossless for stream in streams):
        depths = each(stream.bit_depth for stream in streams)
        return " ".join(filter(None, (codec, depths and f"{depths}bit", f"{khz(streams)} kHz")))
    constant = constant_kbps(streams)
    if album.codec in SURROUND:
        channels = channels_label(streams)
        parts = (codec, channels if channels != "stereo" else None, f"{constant} kbps" if constant else None)
        return " ".join(filter(None, parts))
    if stated := common_preset(streams) or (constant and str(constant)):
        return f"{codec} {stated}"
    mode = common_mode(streams)
    varies = mode in {BitrateMode.AVERAGE, BitrateMode.VARIABLE}
    return f"{codec} {mode} {average_kbps(streams)}" if varies else codec


def technical_label(streams: Sequence[Stream]) -> str:
    """The audio for descriptions, one fact after another: `FLAC / 16 bit / 44.1 kHz / stereo`."""
    codec, channels = codec_label(streams), channels_label(streams)
    sample_rate = f"{khz(streams)} kHz"
    if streams[0].codec is Codec.DSD:
        return " / ".join((dsd_label(streams) or codec, sample_rate, channels))
    if all(stream.lossless for stream in streams):
        depths = each(stream.bit_depth for stream in streams)
        return " / ".join(filter(None, (codec, depths and f"{depths} bit", sample_rate, channels)))
    facts = (codec, _bitrate_words(streams), sample_rate, channels if channels != "stereo" else None)
    return " / ".join(filter(None, facts))


def codec_label(streams: Sequence[Stream]) -> str:
    """The codec as readers know it: `FLAC`, `Vorbis`, `WavPack hybrid`."""
    codec = streams[0].codec
    name = CODEC_NAMES.get(codec, codec.value)
    return f"{name} hybrid" if any(stream.hybrid for stream in streams) else name


def dsd_label(streams: Sequence[Stream]) -> str | None:
    """`DSD64`, or `DSD64/128` where the tracks differ; None where a rate has no such name."""
    multiples = {_dsd_multiple(stream.sample_rate) for stream in streams}
    return None if None in multiples else f"DSD{each(multiples)}"


def channels_label(streams: Sequence[Stream]) -> str:
    """`stereo`, `mono`, `5.1` of AC3 and DTS, else `6 channels`; `mono/stereo` where the tracks differ."""
    return "/".join(
        "5.1"
        if count == 6 and streams[0].codec in SURROUND
        else CHANNEL_NAMES.get(count, f"{count} channels")
        for count in sorted({stream.channels for stream in streams})
    )


def khz(streams: Iterable[Stream]) -> str:
    """`44.1`, or `44.1/96`."""
    return each(stream.sample_rate / 1000 for stream in streams)


def each(values: Iterable[float | None]) -> str:
    """All values that occur, smallest first: `16/24`."""
    return "/".join(f"{value:.6g}" for value in sorted({value for value in values if value}))


def average_kbps(streams: Iterable[Stream]) -> int:
    """Kilobits a second over all tracks, long ones counting for more."""
    lengths = [(stream.bitrate, stream.duration) for stream in streams]
    seconds = sum(duration for _, duration in lengths)
    bits = sum(bitrate * duration for bitrate, duration in lengths)
    return round(bits / seconds / 1000) if seconds else 0


def constant_kbps(streams: Sequence[Stream]) -> int | None:
    """The bitrate that all tracks are proven to keep throughout; an average near one is none.

    It is one of the standard bitrates, except in DTS, which has none.
    """
    if not all(_keeps_one_bitrate(stream) for stream in streams):
        return None
    average = average_kbps(streams)
    candidates = (*STANDARD_BITRATES, average) if streams[0].codec is Codec.DTS else STANDARD_BITRATES
    for candidate in candidates:
        slack = candidate * BITRATE_TOLERANCE
        if candidate and all(abs(stream.bitrate / 1000 - candidate) <= slack for stream in streams):
            return candidate
    return None


def common_preset(streams: Iterable[Stream]) -> str | None:
    """The encoder's quality setting, if all tracks have the same."""
    presets = {stream.preset for stream in streams}
    return presets.pop() if len(presets) == 1 else None


def common_mode(streams: Iterable[Stream]) -> BitrateMode | None:
    """How the encoder spent its bits, if it is known of all tracks and the same."""
    modes = {stream.bitrate_mode for stream in streams}
    return modes.pop() if len(modes) == 1 else None


def _gazelle_lossless(streams: Sequence[Stream]) -> str | None:
    depths = {stream.bit_depth for stream in streams}
    return {16: "Lossless", 24: "24bit Lossless"}.get(depths.pop() or 0) if len(depths) == 1 else None


def _bitrate_words(streams: Sequence[Stream]) -> str:
    """`320 kbps`, `V0, average 245 kbps`, `VBR, average 245 kbps`, or only the average."""
    if constant := constant_kbps(streams):
        return f"{constant} kbps"
    mode = common_mode(streams)
    varies = mode in {BitrateMode.AVERAGE, BitrateMode.VARIABLE}
    known = common_preset(streams) or (mode if varies else None)
    return ", ".join(filter(None, (known, f"average {average_kbps(streams)} kbps")))


def _keeps_one_bitrate(stream: Stream) -> bool:
    return stream.bitrate_mode is BitrateMode.CONSTANT or stream.codec in SURROUND


def _dsd_multiple(sample_rate: int) -> int | None:
    for base in DSD_BASES:
        multiple, rest = divmod(sample_rate, base)
        if not rest and multiple in DSD_MULTIPLES:
            return multiple
    return None
