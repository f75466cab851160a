"""How an album's audio is called in names and on Gazelle forms."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.labels import Encoding, gazelle_encoding, quality_label
from pipeline.model.album import Album
from pipeline.model.audio import BitrateMode, Codec, Stream
from tests.support.releases import make_release, make_stream, make_tracks

FLAC = make_stream()
HIRES = make_stream(bit_depth=24, sample_rate=96_000)


def mp3(bitrate: int = 245_000, mode: BitrateMode | None = BitrateMode.VARIABLE, **changes: Any) -> Stream:
    return make_stream(Codec.MP3, bitrate=bitrate, bitrate_mode=mode, **changes)


def cbr(bitrate: int) -> Stream:
    return mp3(bitrate, BitrateMode.CONSTANT)


def abr(bitrate: int) -> Stream:
    return mp3(bitrate, BitrateMode.AVERAGE)


def vorbis(preset: str | None, bitrate: int = 256_000) -> Stream:
    return make_stream(Codec.OGG, preset=preset, bitrate=bitrate)


def aac(mode: BitrateMode | None, bitrate: int = 256_000) -> Stream:
    return make_stream(Codec.AAC, bitrate_mode=mode, bitrate=bitrate)


def surround(codec: Codec, bitrate: int, channels: int = 6) -> Stream:
    return make_stream(codec, bitrate=bitrate, channels=channels, sample_rate=48_000)


def dsd(rate: int) -> Stream:
    return make_stream(Codec.DSD, sample_rate=rate, bit_depth=1)


def album_of(*streams: Stream) -> Album:
    """One track of each stream."""
    return make_release(
        [
            track
            for disc, stream in enumerate(streams, 1)
            for track in make_tracks("Dawn", stream=stream, disc=disc)
        ]
    ).album


class TestQuality:
    @pytest.mark.parametrize(
        ("streams", "label"),
        [
            ([FLAC], "FLAC 16bit 44.1 kHz"),
            ([HIRES], "FLAC 24bit 96 kHz"),
            ([FLAC, HIRES], "FLAC 16/24bit 44.1/96 kHz"),
            ([make_stream(Codec.ALAC, bit_depth=24)], "ALAC 24bit 44.1 kHz"),
            ([make_stream(Codec.WAVPACK)], "WavPack 16bit 44.1 kHz"),
            ([make_stream(Codec.WAVPACK, hybrid=True)], "WavPack hybrid"),
            ([make_stream(Codec.APE, bit_depth=None)], "APE 44.1 kHz"),
            ([dsd(2_822_400)], "DSD64"),
            ([dsd(6_144_000)], "DSD128"),
            ([dsd(5_644_800), dsd(2_822_400)], "DSD64/128"),
            ([dsd(3_000_000)], "DSD"),
        ],
    )
    def test_lossless_audio_has_bits_and_kilohertz(self, streams: list[Stream], label: str) -> None:
        assert quality_label(album_of(*streams)) == label

    @pytest.mark.parametrize(
        ("streams", "label"),
        [
            ([cbr(320_000)], "MP3 320"),
            ([mp3(preset="V0"), mp3(251_000, preset="V0")], "MP3 V0"),
            ([mp3(190_000, preset="V2")], "MP3 V2"),
            ([mp3(245_400)], "MP3 VBR 245"),
            ([abr(192_000)], "MP3 ABR 192"),
            ([vorbis("q8")], "Vorbis q8"),
            ([vorbis(None)], "Vorbis"),
            ([aac(BitrateMode.VARIABLE)], "AAC VBR 256"),
            ([aac(BitrateMode.CONSTANT)], "AAC 256"),
            ([make_stream(Codec.OPUS)], "Opus"),
            ([surround(Codec.AC3, 448_000)], "AC3 5.1 448 kbps"),
            ([surround(Codec.AC3, 192_000, channels=2)], "AC3 192 kbps"),
            ([surround(Codec.DTS, 1_509_000)], "DTS 5.1 1509 kbps"),
        ],
    )
    def test_lossy_audio_has_what_its_headers_prove(self, streams: list[Stream], label: str) -> None:
        assert quality_label(album_of(*streams)) == label

    @pytest.mark.parametrize(
        ("streams", "label"),
        [
            ([cbr(320_000), cbr(192_000)], "MP3"),
            ([cbr(320_000), mp3(preset="V0")], "MP3"),
            ([cbr(320_000), mp3(320_000, None)], "MP3"),
            ([mp3(240_000, preset="V0"), mp3(200_000, preset="V2")], "MP3 VBR 220"),
            ([mp3(240_000, preset="V0"), mp3(200_000)], "MP3 VBR 220"),
            ([mp3(), abr(192_000)], "MP3"),
            ([surround(Codec.AC3, 448_000), surround(Codec.AC3, 640_000)], "AC3 5.1"),
        ],
    )
    def test_all_tracks_have_to_agree(self, streams: list[Stream], label: str) -> None:
        assert quality_label(album_of(*streams)) == label

    def test_long_tracks_count_for_more_in_an_average(self) -> None:
        album = album_of(mp3(100_000, duration=300.0), mp3(200_000, duration=100.0))
        assert quality_label(album) == "MP3 VBR 125"


class TestGazelle:
    @pytest.mark.parametrize(
        ("streams", "encoding"),
        [
            ([FLAC], Encoding("FLAC", "Lossless")),
            ([HIRES], Encoding("FLAC", "24bit Lossless")),
            ([mp3(preset="V0")], Encoding("MP3", "V0 (VBR)")),
            ([mp3(preset="V1")], Encoding("MP3", "V1 (VBR)")),
            ([mp3(preset="V2")], Encoding("MP3", "V2 (VBR)")),
            ([cbr(320_000)], Encoding("MP3", "320")),
            ([cbr(64_000)], Encoding("MP3", "64")),
            ([vorbis("q8")], Encoding("Ogg Vorbis", "q8.x (VBR)")),
            ([vorbis("q8.5")], Encoding("Ogg Vorbis", "q8.x (VBR)")),
            ([aac(BitrateMode.CONSTANT)], Encoding("AAC", "256")),
            ([surround(Codec.AC3, 320_000)], Encoding("AC3", "320")),
        ],
    )
    def test_words_of_the_form(self, streams: list[Stream], encoding: Encoding) -> None:
        assert gazelle_encoding(album_of(*streams)) == encoding

    @pytest.mark.parametrize(
        ("streams", "encoding"),
        [
            ([cbr(224_000)], Encoding("MP3", "Other", "224")),
            ([surround(Codec.AC3, 448_000)], Encoding("AC3", "Other", "448")),
            ([surround(Codec.DTS, 1_509_000)], Encoding("DTS", "Other", "1509")),
            ([mp3(120_000, preset="V5")], Encoding("MP3", "Other", "120", vbr=True)),
            ([abr(192_000)], Encoding("MP3", "Other", "192", vbr=True)),
            ([aac(BitrateMode.VARIABLE)], Encoding("AAC", "Other", "256", vbr=True)),
            ([aac(None)], Encoding("AAC", "Other", "256", vbr=True)),
            ([vorbis("q6", 192_000)], Encoding("Ogg Vorbis", "Other", "192", vbr=True)),
            (
                [mp3(240_000, preset="V0"), mp3(200_000, preset="V2")],
                Encoding("MP3", "Other", "220", vbr=True),
            ),
        ],
    )
    def test_all_else_is_other_with_its_bitrate(self, streams: list[Stream], encoding: Encoding) -> None:
        assert gazelle_encoding(album_of(*streams)) == encoding

    @pytest.mark.parametrize(
        "streams",
        [
            [FLAC, HIRES],
            [make_stream(bit_depth=20)],
            [cbr(320_000), cbr(192_000)],
            [cbr(320_000), mp3(preset="V0")],
        ],
    )
    def test_where_no_word_is_true_there_is_none(self, streams: list[Stream]) -> None:
        found = gazelle_encoding(album_of(*streams))
        assert found.format is not None
        assert found.encoding is None

    @pytest.mark.parametrize("codec", [Codec.ALAC, Codec.OPUS, Codec.WAV, Codec.WAVPACK, Codec.DSD])
    def test_a_format_that_gazelle_has_not_has_no_word(self, codec: Codec) -> None:
        assert gazelle_encoding(album_of(make_stream(codec))) == Encoding(None, None)
