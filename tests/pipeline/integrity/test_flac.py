from __future__ import annotations

import hashlib
import io
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastcrc import crc8, crc16
from hypothesis import given
from hypothesis import strategies as st
from mutagen.flac import FLAC
from mutagen.id3 import ID3, TIT2

from pipeline.audio.containers import flac_frames
from pipeline.model.finding import Severity
from tests.support.audio import tone
from tests.support.integrity import ffmpeg, judged, reasons, run, soundfile, wav_bytes

MD5_AT = 8 + 18
SECOND = tone(seconds=1.0)


def encoded(samples: Any = SECOND, sample_rate: int = 44_100, subtype: str = "PCM_16") -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, sample_rate, format="FLAC", subtype=subtype)
    return buffer.getvalue()


GOOD = encoded()
FRAMES = flac_frames(io.BytesIO(GOOD))


def without_md5(data: bytes) -> bytes:
    return data[:MD5_AT] + bytes(16) + data[MD5_AT + 16 :]


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("flac") / "track.flac"


@pytest.mark.parametrize("subtype", ["PCM_S8", "PCM_16", "PCM_24"])
@pytest.mark.parametrize("samples", [1, 17, 44_100])
def test_what_libsndfile_encodes_is_whole(scratch: Path, subtype: str, samples: int) -> None:
    scratch.write_bytes(encoded(SECOND[:samples], subtype=subtype))
    assert judged(scratch) == ()


@pytest.mark.parametrize(
    ("channels", "sample_rate", "subtype"),
    [(1, 22_050, "PCM_16"), (2, 96_000, "PCM_24"), (2, 192_000, "PCM_24"), (6, 48_000, "PCM_24")]
    + [(channels, 48_000, "PCM_16") for channels in (3, 4, 5, 7, 8)],
)
@pytest.mark.parametrize("level", ["0", "5", "12"])
def test_what_ffmpeg_encodes_is_whole(
    scratch: Path, channels: int, sample_rate: int, subtype: str, level: str
) -> None:
    samples = tone(seconds=0.3, sample_rate=sample_rate, channels=channels)
    wav = wav_bytes(samples, sample_rate, subtype)
    ffmpeg(wav, scratch, "-c:a", "flac", "-compression_level", level)
    assert judged(scratch) == ()


@pytest.mark.skipif(shutil.which("flac") is None, reason="there is no flac program")
@pytest.mark.parametrize("options", ["-0", "-8", "-8 --lax -b 65535", "-5 -b 192 --no-padding"])
@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24"])
def test_what_flac_encodes_is_whole(scratch: Path, options: str, subtype: str) -> None:
    run(["flac", "-s", "-f", *options.split(), "-", "-o", scratch], wav_bytes(SECOND, 44_100, subtype))
    assert judged(scratch) == ()


def test_flac_in_ogg_is_whole_and_its_damage_is_found(tmp_path: Path) -> None:
    path = ffmpeg(wav_bytes(SECOND, 44_100, "PCM_16"), tmp_path / "track.oga", "-c:a", "flac", "-f", "ogg")
    assert [finding.severity for finding in judged(path)] == [Severity.WARNING]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert reasons(judged(path)) == ["crc_error"]


def test_thirty_two_bits_are_left_unjudged(tmp_path: Path) -> None:
    options = ("-c:a", "flac", "-sample_fmt", "s32", "-bits_per_raw_sample", "32", "-strict", "-2")
    path = ffmpeg(wav_bytes(SECOND, 44_100, "PCM_32"), tmp_path / "track.flac", *options)
    assert [finding.severity for finding in judged(path)] == [Severity.UNJUDGED]


@pytest.mark.parametrize("bit_depth", [12, 20])
def test_depths_between_bytes_are_compared(scratch: Path, bit_depth: int) -> None:
    scratch.write_bytes(uncompressed_flac(bit_depth, [0, 1, -1, 300, -2000, 2**11 - 1, -(2**11)]))
    assert judged(scratch) == ()
    scratch.write_bytes(uncompressed_flac(bit_depth, [5, 6, 7], digest_of=[5, 6, 8]))
    assert reasons(judged(scratch)) == ["md5_mismatch"]


def test_tags_of_other_formats_at_both_ends_do_no_harm(scratch: Path) -> None:
    scratch.write_bytes(GOOD + b"TAG" + bytes(125))
    tags = ID3()
    tags.add(TIT2(encoding=3, text="First Light"))
    tags.save(scratch, v1=0)
    assert scratch.read_bytes().startswith(b"ID3")
    assert judged(scratch) == ()


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text here")
def test_a_name_that_is_no_text_is_judged_too(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.flac")
    path.write_bytes(GOOD)
    assert judged(path) == ()


@given(
    st.integers(FRAMES.start, FRAMES.end - 1) | st.integers(FRAMES.end - 3000, FRAMES.end - 1),
    st.integers(0, 7),
    st.booleans(),
)
def test_any_flipped_bit_in_the_frames_is_found(scratch: Path, place: int, bit: int, md5: bool) -> None:
    data = bytearray(GOOD if md5 else without_md5(GOOD))
    data[place] ^= 1 << bit
    scratch.write_bytes(data)
    (finding,) = judged(scratch)
    assert finding.severity is Severity.PROBLEM
    assert finding.reason in {"crc_error", "sync_lost"}
    assert finding.path == scratch


@given(st.integers(0, len(GOOD) - 1))
def test_a_cut_anywhere_is_found(scratch: Path, length: int) -> None:
    scratch.write_bytes(GOOD[:length])
    (finding,) = judged(scratch)
    assert finding.severity is Severity.PROBLEM


@given(st.binary(min_size=1, max_size=3000))
def test_garbage_behind_the_last_frame_is_a_warning(scratch: Path, garbage: bytes) -> None:
    scratch.write_bytes(GOOD + b"\1" + garbage + b"\1")
    (finding,) = judged(scratch)
    assert (finding.severity, finding.reason) == (Severity.WARNING, "trailing_garbage")
    assert f"{len(garbage) + 2} bytes" in finding.message


@given(st.binary(max_size=400), st.integers(0, FRAMES.end))
def test_no_bytes_make_a_traceback(scratch: Path, noise: bytes, place: int) -> None:
    scratch.write_bytes(GOOD[:place] + noise + GOOD[place + len(noise) :])
    assert all(finding.message.startswith("track.flac ") for finding in judged(scratch))


def test_whole_frames_of_other_audio_are_told_by_the_md5(scratch: Path) -> None:
    scratch.write_bytes(GOOD[:MD5_AT] + bytes(15) + b"\1" + GOOD[MD5_AT + 16 :])
    (finding,) = judged(scratch)
    assert (finding.severity, finding.reason) == (Severity.PROBLEM, "md5_mismatch")


def test_no_md5_is_a_warning(scratch: Path) -> None:
    scratch.write_bytes(without_md5(GOOD))
    (finding,) = judged(scratch)
    assert (finding.severity, finding.reason) == (Severity.WARNING, "md5_absent")


def test_more_samples_than_promised_are_found(scratch: Path) -> None:
    packed = int.from_bytes(GOOD[18:26], "big") - 10_000
    scratch.write_bytes(GOOD[:18] + packed.to_bytes(8, "big") + GOOD[26:])
    (finding,) = judged(scratch)
    assert (finding.severity, finding.reason) == (Severity.PROBLEM, "wrong_length")


def test_damage_is_told_by_its_time(scratch: Path) -> None:
    long = bytearray(encoded(tone(seconds=8.0)))
    long[-len(long) // 4] ^= 1
    scratch.write_bytes(long)
    (finding,) = judged(scratch)
    assert "at 0:05" in finding.message or "at 0:06" in finding.message


@pytest.mark.parametrize(("kept", "depth"), [(16, "16-bit"), (8, "8-bit")])
def test_padding_tells_the_true_depth(scratch: Path, kept: int, depth: str) -> None:
    samples = (SECOND * 2**31).astype(np.int32) >> (32 - kept) << (32 - kept)
    scratch.write_bytes(encoded(samples, subtype="PCM_24"))
    (finding,) = judged(scratch)
    assert (finding.severity, finding.reason) == (Severity.WARNING, "padded_bit_depth")
    assert depth in finding.message


def test_silence_is_not_padded(scratch: Path) -> None:
    scratch.write_bytes(encoded(np.zeros((5000, 2)), subtype="PCM_24"))
    assert judged(scratch) == ()


def test_one_deep_sample_is_no_padding(scratch: Path) -> None:
    samples = (SECOND * 2**31).astype(np.int32) >> 16 << 16
    samples[30_000, 1] |= 1 << 8
    scratch.write_bytes(encoded(samples, subtype="PCM_24"))
    assert judged(scratch) == ()


def test_padding_blocks_around_the_tags_do_no_harm(scratch: Path) -> None:
    scratch.write_bytes(GOOD)
    audio: Any = FLAC(scratch)
    audio["title"] = "First Light"
    audio.save(padding=lambda _: 100_000)
    assert judged(scratch) == ()


def test_frames_that_changed_places_are_found_without_an_md5(scratch: Path) -> None:
    first, second, third, *_ = frames = frames_of(GOOD)
    data = GOOD[: FRAMES.start] + first + third + second + b"".join(frames[3:])
    scratch.write_bytes(without_md5(data))
    assert [finding.severity for finding in judged(scratch)] == [Severity.PROBLEM]


def test_frames_numbered_by_their_samples_follow_each_other(scratch: Path) -> None:
    scratch.write_bytes(uncompressed_flac(20, list(range(40)), first_block=25))
    assert judged(scratch) == ()


def frames_of(data: bytes) -> list[bytes]:
    """Splits at the headers, which libsndfile numbers in one byte here."""
    starts = [data.index(b"\xff\xf8\xc9\xa8" + bytes([number]), FRAMES.start) for number in range(10)]
    return [data[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]


def uncompressed_flac(
    bit_depth: int, samples: list[int], *, digest_of: list[int] | None = None, first_block: int | None = None
) -> bytes:
    """Mono frames of samples as they are, since no encoder at hand writes these depths and blocks."""
    width = (bit_depth + 7) // 8
    packed = b"".join(sample.to_bytes(width, "little", signed=True) for sample in digest_of or samples)
    split = len(samples) if first_block is None else first_block
    fields = 44_100 << 44 | (bit_depth - 1) << 36 | len(samples)
    blocks = max(len(samples), 16).to_bytes(2, "big")
    info = blocks + blocks + bytes(6) + fields.to_bytes(8, "big") + hashlib.md5(packed).digest()
    frames = [uncompressed_frame(bit_depth, samples[:split], 0)]
    if samples[split:]:
        frames.append(uncompressed_frame(bit_depth, samples[split:], split))
    return b"fLaC\x80\0\0\x22" + info + b"".join(frames)


def uncompressed_frame(bit_depth: int, samples: list[int], number: int) -> bytes:
    """A frame of a stream with blocks of any size, numbered by its first sample."""
    head = b"\xff\xf9\x69" + bytes([{12: 2, 20: 5}[bit_depth] << 1, number, len(samples) - 1])
    head += bytes([crc8.smbus(head)])
    bits = "00000010" + "".join(f"{sample & (1 << bit_depth) - 1:0{bit_depth}b}" for sample in samples)
    bits += "0" * (-len(bits) % 8)
    frame = head + int(bits, 2).to_bytes(len(bits) // 8, "big")
    return frame + crc16.umts(frame).to_bytes(2, "big")
