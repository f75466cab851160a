"""What is special about a container: how its stream is told, and which tags it has of its own."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mutagen import id3
from mutagen.aiff import AIFF
from mutagen.apev2 import APEv2
from mutagen.dsdiff import DSDIFF
from mutagen.oggflac import OggFLAC

from pipeline.errors import TagError
from pipeline.model.audio import Codec, Container
from pipeline.tags import read_tags
from tests.support.audio import (
    EXTENSIONS,
    encode,
    ffmpeg,
    make_track,
    read_audio,
    read_stream,
    soundfile,
    tone,
    write_tags,
)
from tests.support.raw_audio import DSD_RATE, dsdiff_file, dsf_file

FLAC = shutil.which("flac")
OGGENC = shutil.which("oggenc")
CONTAINERS = {
    Codec.FLAC: Container.FLAC,
    Codec.MP3: Container.MPEG,
    Codec.AAC: Container.MP4,
    Codec.ALAC: Container.MP4,
    Codec.OGG: Container.OGG,
    Codec.OPUS: Container.OGG,
    Codec.WAV: Container.RIFF,
    Codec.AIFF: Container.AIFF,
    Codec.WAVPACK: Container.WAVPACK,
    Codec.APE: Container.APE,
    Codec.TTA: Container.TTA,
    Codec.DSD: Container.DSF,
    Codec.AC3: Container.AC3,
    Codec.DTS: Container.DTS,
}


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("codec", Codec)
def test_every_format_names_its_container(tmp_path: Path, codec: Codec) -> None:
    path = make_track(tmp_path / f"a{EXTENSIONS[codec]}", codec, seconds=0.2)
    assert read_stream(path).container is CONTAINERS[codec]


@pytest.mark.parametrize("codec", [Codec.AIFF, Codec.WAVPACK, Codec.TTA, Codec.AC3])
def test_more_than_two_channels(tmp_path: Path, codec: Codec) -> None:
    path = make_track(tmp_path / f"a{EXTENSIONS[codec]}", codec, seconds=0.5, sample_rate=48_000, channels=6)
    assert read_stream(path).channels == 6


class TestOggFlac:
    def test_it_is_flac_in_ogg(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.oga", ffmpeg(tone(seconds=3), 44_100, ".oga", "-c:a", "flac"))
        audio = read_audio(path)
        assert (audio.stream.codec, audio.stream.container) == (Codec.FLAC, Container.OGG)
        assert audio.stream.duration == pytest.approx(3)
        assert audio.fingerprint.startswith("FLAC sha256 ")
        open_ogg: Callable[[Path], Any] = OggFLAC
        tagged = open_ogg(path)
        tagged.update({"title": "T", "comment": "x" * 90_000})
        tagged.save()
        assert read_audio(path).fingerprint == audio.fingerprint
        assert read_audio(path).title == "T"

    def test_a_cut_one_is_noticed(self, tmp_path: Path) -> None:
        data = ffmpeg(tone(seconds=3), 44_100, ".oga", "-c:a", "flac")
        with pytest.raises(TagError, match="cut short"):
            read_stream(write(tmp_path / "a.oga", data[:-1000]))

    @pytest.mark.skipif(FLAC is None, reason="the flac program is not installed")
    def test_it_is_the_same_audio_as_in_its_own_container(self, tmp_path: Path) -> None:
        soundfile.write(tmp_path / "a.wav", tone(seconds=2), 44_100)
        for name, option in (("a.flac", "--no-ogg"), ("a.oga", "--ogg")):
            command = [str(FLAC), "--silent", option, "-o", str(tmp_path / name), str(tmp_path / "a.wav")]
            subprocess.run(command, check=True)
        native, ogg = read_audio(tmp_path / "a.flac"), read_audio(tmp_path / "a.oga")
        assert native.fingerprint == ogg.fingerprint
        assert ogg.stream.bit_depth == 16


class TestVorbis:
    @pytest.mark.parametrize("quality", [0, 4, 8, 9, 10])
    def test_the_nominal_bitrate_tells_the_quality(self, tmp_path: Path, quality: int) -> None:
        data = ffmpeg(tone(), 48_000, ".ogg", "-c:a", "libvorbis", "-q:a", str(quality))
        stream = read_stream(write(tmp_path / "a.ogg", data))
        assert stream.preset == f"q{quality}"
        assert stream.encoder

    @pytest.mark.parametrize(
        ("channels", "options"),
        [(2, ("-q:a", "5.5")), (1, ("-q:a", "4")), (2, ("-b:a", "192k", "-maxrate", "192k"))],
    )
    def test_any_other_tells_none(self, tmp_path: Path, channels: int, options: tuple[str, ...]) -> None:
        data = ffmpeg(tone(channels=channels), 44_100, ".ogg", "-c:a", "libvorbis", *options)
        assert read_stream(write(tmp_path / "a.ogg", data)).preset is None

    @pytest.mark.skipif(OGGENC is None, reason="the oggenc program is not installed")
    @pytest.mark.parametrize(
        ("options", "preset"),
        [
            (("-q", "8"), "q8"),
            (("-b", "256"), None),
            (("--managed", "-b", "256"), None),
            (("-b", "256", "-m", "128"), None),
            (("-b", "256", "-M", "320"), None),
        ],
    )
    def test_a_bitrate_is_no_quality(
        self, tmp_path: Path, options: tuple[str, ...], preset: str | None
    ) -> None:
        soundfile.write(tmp_path / "a.wav", tone(), 44_100)
        command = [str(OGGENC), "--quiet", *options, "-o", str(tmp_path / "a.ogg"), str(tmp_path / "a.wav")]
        subprocess.run(command, check=True)
        assert read_stream(tmp_path / "a.ogg").preset == preset


class TestWav:
    def extensible(self, bits: int, valid: int, code: int = 1) -> bytes:
        guid = struct.pack("<H", code) + bytes.fromhex("0000 0000 1000 8000 00aa 0038 9b71")
        data = bytes(range(240)) * 100
        frame = 2 * bits // 8
        layout = (
            struct.pack("<HHIIHHHHI", 0xFFFE, 2, 96_000, 96_000 * frame, frame, bits, 22, valid, 3) + guid
        )
        head = b"WAVEfmt " + struct.pack("<I", len(layout)) + layout + b"data" + struct.pack("<I", len(data))
        return b"RIFF" + struct.pack("<I", len(head) + len(data)) + head + data

    @pytest.mark.parametrize(
        ("bits", "valid", "depth"), [(24, 20, 20), (32, 24, 24), (24, 24, 24), (24, 0, 24)]
    )
    def test_the_bits_that_count(self, tmp_path: Path, bits: int, valid: int, depth: int) -> None:
        assert read_stream(write(tmp_path / "a.wav", self.extensible(bits, valid))).bit_depth == depth

    def test_other_audio_in_the_extensible_form_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(TagError, match="compressed audio in WAV"):
            read_stream(write(tmp_path / "a.wav", self.extensible(16, 16, code=6)))


class TestAiff:
    def test_little_endian_samples_are_pcm_too(self, tmp_path: Path) -> None:
        data = ffmpeg(tone(), 44_100, ".aiff", "-c:a", "pcm_s16le")
        stream = read_stream(write(tmp_path / "a.aiff", data))
        assert (stream.codec, stream.bit_depth) == (Codec.AIFF, 16)

    def test_its_own_text_is_read_where_there_is_no_id3(self, tmp_path: Path) -> None:
        data = ffmpeg(tone(), 44_100, ".aiff", "-metadata", "title=T", "-metadata", "author=A")
        path = write(tmp_path / "a.aiff", data)
        assert read_tags(path)["title"] == ("T",)
        open_aiff: Callable[[Path], Any] = AIFF
        audio = open_aiff(path)
        audio.add_tags()
        audio.save()
        write_tags(path, Codec.AIFF, {"title": "By ID3"})
        assert read_tags(path)["title"] == ("By ID3",)


class TestWavPack:
    def test_a_lossy_stream_is_a_hybrid(self, tmp_path: Path) -> None:
        data = bytearray(encode(Codec.WAVPACK))
        assert not read_stream(write(tmp_path / "a.wv", bytes(data))).hybrid
        data[24] |= 8
        stream = read_stream(write(tmp_path / "a.wv", bytes(data)))
        assert stream.hybrid
        assert not stream.lossless

    def test_dsd_in_it_is_refused(self, tmp_path: Path) -> None:
        data = bytearray(encode(Codec.WAVPACK))
        data[27] |= 0x80
        with pytest.raises(TagError, match="DSD in WavPack") as caught:
            read_stream(write(tmp_path / "a.wv", bytes(data)))
        assert caught.value.reason == "unsupported_format"

    def test_a_rate_that_is_in_no_table(self, tmp_path: Path) -> None:
        path = make_track(tmp_path / "a.wv", Codec.WAVPACK, seconds=0.5, sample_rate=50_000)
        assert read_stream(path).sample_rate == 50_000

    def test_a_total_that_the_encoder_did_not_know(self, tmp_path: Path) -> None:
        data = bytearray(encode(Codec.WAVPACK, seconds=2))
        data[12:16] = b"\xff" * 4
        assert read_stream(write(tmp_path / "a.wv", bytes(data))).duration == pytest.approx(2)

    def test_one_cut_between_two_blocks(self, tmp_path: Path) -> None:
        data = encode(Codec.WAVPACK, seconds=2)
        with pytest.raises(TagError, match="cut short"):
            read_stream(write(tmp_path / "a.wv", data[: data.rindex(b"wvpk")]))


class TestDsd:
    @pytest.mark.parametrize(("times", "channels"), [(1, 2), (2, 2), (4, 1)])
    @pytest.mark.parametrize("make", [dsf_file, dsdiff_file])
    def test_rates_and_channels(
        self, tmp_path: Path, make: Callable[..., bytes], times: int, channels: int
    ) -> None:
        data = make(seconds=0.1, channels=channels, sample_rate=times * DSD_RATE)
        stream = read_stream(write(tmp_path / "a.dsf", data))
        assert stream.codec is Codec.DSD
        assert (stream.sample_rate, stream.channels, stream.bit_depth) == (times * DSD_RATE, channels, 1)
        assert stream.bitrate == times * DSD_RATE * channels
        assert stream.duration == pytest.approx(0.1)

    def test_dsdiff_is_named_by_its_samples(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.dff", dsdiff_file(seconds=0.5))
        first = read_audio(path)
        assert first.stream.container is Container.DSDIFF
        open_dsdiff: Callable[[Path], Any] = DSDIFF
        audio = open_dsdiff(path)
        audio.add_tags()
        frames: Any = id3
        audio.tags.add(frames.TIT2(encoding=3, text="T"))
        audio.tags.add(frames.APIC(encoding=3, mime="image/jpeg", type=3, desc="", data=bytes(1000)))
        audio.save()
        tagged = read_audio(path)
        assert (tagged.title, tagged.has_picture) == ("T", True)
        assert tagged.fingerprint == first.fingerprint

    @pytest.mark.parametrize("make", [dsf_file, dsdiff_file])
    def test_a_cut_one_is_noticed(self, tmp_path: Path, make: Callable[..., bytes]) -> None:
        with pytest.raises(TagError, match="cut short"):
            read_stream(write(tmp_path / "a.dff", make(seconds=0.1)[:-1]))


class TestApeTags:
    def test_names_that_differ(self, tmp_path: Path) -> None:
        path = make_track(tmp_path / "a.wv", Codec.WAVPACK, seconds=0.2)
        ape: Callable[[], Any] = APEv2
        tags = ape()
        names = {"Year": "2001", "MixArtist": "M", "EAN/UPC": "1", "Catalog": "C", "Record Label": "L"}
        for name, value in names.items():
            tags[name] = value
        tags.save(path)
        assert read_tags(path) == {
            "date": ("2001",),
            "remixer": ("M",),
            "barcode": ("1",),
            "catalognumber": ("C",),
            "label": ("L",),
        }

    def test_true_audio_may_have_them_too(self, tmp_path: Path) -> None:
        data = ffmpeg(tone(), 44_100, ".tta", "-metadata", "title=T")
        assert read_tags(write(tmp_path / "a.tta", data))["title"] == ("T",)


class TestAc3:
    @pytest.mark.parametrize("sample_rate", [32_000, 44_100, 48_000])
    def test_whole_frames_tell_the_length(self, tmp_path: Path, sample_rate: int) -> None:
        data = ffmpeg(tone(seconds=10, sample_rate=sample_rate), sample_rate, ".ac3", "-b:a", "448k")
        stream = read_stream(write(tmp_path / "a.ac3", data))
        assert stream.bitrate == 448_000
        assert stream.duration == pytest.approx(10, abs=0.05)

    def test_a_tag_at_its_end_is_not_audio(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.ac3", encode(Codec.AC3, seconds=10))
        before = read_stream(path)
        write_tags(path, Codec.AC3, {"comment": "x" * 90_000})
        assert read_stream(path) == before


def test_monkeys_audio_of_an_older_version(tmp_path: Path) -> None:
    for flags, depth in ((0, 16), (1, 8), (8, 24)):
        header = struct.pack("<4sHHHHIIIII", b"MAC ", 3970, 2000, flags | 32, 2, 44_100, 44, 0, 2, 100)
        stream = read_stream(write(tmp_path / "a.ape", header + bytes(5000)))
        assert (stream.bit_depth, stream.sample_rate, stream.channels) == (depth, 44_100, 2)
        assert stream.duration == pytest.approx((73_728 * 4 + 100) / 44_100)


def test_mutagen_reads_what_the_helpers_write(tmp_path: Path) -> None:
    open_dsdiff: Callable[[io.BytesIO], Any] = DSDIFF
    info = open_dsdiff(io.BytesIO(dsdiff_file(seconds=0.5))).info
    assert (info.compression, info.length, info.channels) == ("DSD", 0.5, 2)
