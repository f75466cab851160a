"""DTS in its four forms, bare and in WAV."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from pipeline.audio.dts import dts_header
from pipeline.errors import TagError
from pipeline.model.audio import Codec, Container
from tests.support.audio import encode, ffmpeg, read_stream, tone


def swapped(data: bytes) -> bytes:
    """The 16-bit words in the other byte order."""
    return b"".join(data[at + 1 : at + 2] + data[at : at + 1] for at in range(0, len(data), 2))


def in_14_bits(frame: bytes) -> bytes:
    """A frame spread over the lower 14 bits of every 16, with their sign above, as on a CD."""
    bits, count = int.from_bytes(frame, "big"), -(-len(frame) * 8 // 14)
    bits <<= count * 14 - len(frame) * 8
    words = (bits >> (count - 1 - at) * 14 & 0x3FFF for at in range(count))
    return b"".join(struct.pack(">H", word | (0xC000 if word & 0x2000 else 0)) for word in words)


def frames(data: bytes) -> list[bytes]:
    header = dts_header(data)
    assert header is not None
    return [data[at : at + header.stored] for at in range(0, len(data), header.stored)]


DATA = encode(Codec.DTS, seconds=0.5)
FORMS = {
    "16 bits": DATA,
    "16 bits, little-endian": swapped(DATA),
    "14 bits": b"".join(map(in_14_bits, frames(DATA))),
    "14 bits, little-endian": b"".join(swapped(in_14_bits(frame)) for frame in frames(DATA)),
}


@pytest.mark.parametrize("data", FORMS.values(), ids=FORMS)
def test_every_form_says_the_same(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.dts").write_bytes(data)
    stream = read_stream(tmp_path / "a.dts")
    assert (stream.codec, stream.container) == (Codec.DTS, Container.DTS)
    assert (stream.sample_rate, stream.channels, stream.bit_depth) == (44_100, 2, None)
    assert stream.duration == pytest.approx(0.5, abs=0.02)
    assert stream.bitrate == pytest.approx(len(DATA) * 8 / stream.duration, rel=0.01)


def test_frames_with_padding_between_them(tmp_path: Path) -> None:
    (tmp_path / "a.dts").write_bytes(b"".join(frame + bytes(352) for frame in frames(DATA)))
    stream = read_stream(tmp_path / "a.dts")
    assert stream.duration == pytest.approx(0.5, abs=0.02)


def wav(data: bytes) -> bytes:
    layout = struct.pack("<HHIIHH", 1, 2, 44_100, 176_400, 4, 16)
    head = b"WAVEfmt " + struct.pack("<I", 16) + layout + b"data" + struct.pack("<I", len(data))
    return b"RIFF" + struct.pack("<I", len(head) + len(data)) + head + data


@pytest.mark.parametrize("form", ["16 bits, little-endian", "14 bits, little-endian"])
def test_dts_in_a_wav_is_no_pcm(tmp_path: Path, form: str) -> None:
    data = bytes(400) + FORMS[form]
    (tmp_path / "a.wav").write_bytes(wav(data))
    stream = read_stream(tmp_path / "a.wav")
    assert (stream.codec, stream.container, stream.channels) == (Codec.DTS, Container.RIFF, 2)
    assert stream.bit_depth is None
    assert stream.duration == pytest.approx(len(data) / 176_400)


def test_the_wav_that_ffmpeg_writes(tmp_path: Path) -> None:
    options = ("-c:a", "dca", "-strict", "-2")
    (tmp_path / "a.wav").write_bytes(ffmpeg(tone(seconds=0.5), 44_100, ".wav", *options))
    assert read_stream(tmp_path / "a.wav").codec is Codec.DTS


def test_a_sync_word_alone_makes_no_dts(tmp_path: Path) -> None:
    samples = bytearray(tone().astype("<f4").tobytes())
    samples[4000:4016] = swapped(DATA[:16])
    (tmp_path / "a.wav").write_bytes(wav(bytes(samples)))
    assert read_stream(tmp_path / "a.wav").codec is Codec.WAV


def test_surround_with_its_low_frequency_channel(tmp_path: Path) -> None:
    options = ("-c:a", "dca", "-strict", "-2", "-channel_layout", "5.1(side)")
    data = ffmpeg(tone(seconds=0.5, sample_rate=48_000, channels=6), 48_000, ".dts", *options)
    (tmp_path / "a.dts").write_bytes(data)
    assert read_stream(tmp_path / "a.dts").channels == 6


def test_dts_hd_is_not_taken_for_its_core(tmp_path: Path) -> None:
    first, *others = frames(DATA)
    (tmp_path / "a.dts").write_bytes(first + b"\x64\x58\x20\x25" + bytes(60) + b"".join(others))
    with pytest.raises(TagError, match="DTS-HD"):
        read_stream(tmp_path / "a.dts")
