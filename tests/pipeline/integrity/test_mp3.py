from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

import pytest
from fastcrc import crc16
from hypothesis import given
from hypothesis import strategies as st
from mutagen.apev2 import APEv2
from mutagen.mp3 import MP3

from pipeline.model.audio import Codec
from pipeline.model.finding import Finding, Severity
from tests.support.audio import tone
from tests.support.integrity import ffmpeg, judged, reasons, run, soundfile, wav_bytes

SAMPLES = {channels: tone(seconds=1.5, channels=channels) for channels in (1, 2)}


def encoded(
    mode: str = "CONSTANT", level: float = 0.5, channels: int = 2, sample_rate: int = 44_100
) -> bytes:
    buffer = io.BytesIO()
    options = {"bitrate_mode": mode, "compression_level": level}
    soundfile.write(buffer, SAMPLES[channels], sample_rate, format="MP3", **options)
    return buffer.getvalue()


GOOD = encoded()
FRAME = GOOD.index(b"\xff\xfb", 4)
"""Bytes of the frame that holds LAME's tag."""
BARE = GOOD[FRAME:]
"""The same audio without what its encoder left of its length."""


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mp3") / "track.mp3"


def judge(path: Path, data: bytes | bytearray) -> tuple[Finding, ...]:
    path.write_bytes(data)
    return judged(path, Codec.MP3)


@pytest.mark.parametrize("mode", ["CONSTANT", "AVERAGE", "VARIABLE"])
@pytest.mark.parametrize("level", [0.0, 0.5, 0.9])
@pytest.mark.parametrize(("channels", "sample_rate"), [(2, 44_100), (1, 48_000), (2, 22_050), (1, 8_000)])
def test_what_libsndfile_encodes_is_whole(
    scratch: Path, mode: str, level: float, channels: int, sample_rate: int
) -> None:
    assert judge(scratch, encoded(mode, level, channels, sample_rate)) == ()


@pytest.mark.parametrize(
    "options",
    ["-b:a 128k", "-q:a 0", "-abr 1 -b:a 160k", "-write_xing 0 -b:a 320k", "-id3v2_version 3 -write_id3v1 1"],
)
@pytest.mark.parametrize("sample_rate", [44_100, 22_050])
def test_what_ffmpeg_encodes_is_whole(scratch: Path, options: str, sample_rate: int) -> None:
    wav = wav_bytes(SAMPLES[2], sample_rate, "PCM_16")
    ffmpeg(wav, scratch, "-c:a", "libmp3lame", *options.split())
    assert judged(scratch, Codec.MP3) == ()


@pytest.mark.skipif(shutil.which("lame") is None, reason="there is no lame program")
@pytest.mark.parametrize(
    "options",
    [
        "-b 320",
        "-V0",
        "-V9",
        "--abr 180",
        "-m s -b 192",
        "-m d -b 192",
        "-p -V2",
        "-t -b 128",
        "-t -V4",
        "-b 64 --resample 16",
        "-V0 --vbr-old",
        "-V2 --add-id3v2 --tt Title",
    ],
)
def test_what_lame_encodes_is_whole(scratch: Path, options: str) -> None:
    wav = wav_bytes(SAMPLES[2], 44_100, "PCM_16")
    run(["lame", "--quiet", *options.split(), "-", scratch], wav)
    assert judged(scratch, Codec.MP3) == ()


def test_every_kind_of_tag_at_once_does_no_harm(scratch: Path) -> None:
    lyrics = b"LYRICSBEGININD0000200LYR00010First Light"
    lyrics += f"{len(lyrics):06}LYRICS200".encode()
    scratch.write_bytes(GOOD + lyrics)
    audio: Any = MP3(scratch)
    audio.add_tags()
    audio.save(v1=0, padding=lambda _: 20_000)
    ape: Any = APEv2()
    ape["Title"] = "First Light"
    ape.save(scratch)
    with scratch.open("ab") as stream:
        stream.write(b"TAG" + bytes(125))
    assert judged(scratch, Codec.MP3) == ()


TAGS_BETWEEN = b"TAG" + bytes(125) + b"ID3\4\0\0\0\0\1\0" + bytes(128)


@pytest.mark.parametrize("between", [b"", TAGS_BETWEEN, bytes(50)])
@pytest.mark.parametrize("sample_rate", [44_100, 48_000, 22_050])
def test_joined_files_are_found(scratch: Path, between: bytes, sample_rate: int) -> None:
    (finding,) = judge(scratch, GOOD + between + encoded(sample_rate=sample_rate))
    assert finding.severity is Severity.PROBLEM
    assert finding.reason == (
        "sync_lost" if between == bytes(50) and sample_rate == 44_100 else "wrong_length"
    )


def test_joined_files_are_found_where_the_header_tells_frames_alone(scratch: Path) -> None:
    wav = wav_bytes(SAMPLES[2], 44_100, "PCM_16")
    data = bytearray(ffmpeg(wav, scratch, "-c:a", "libmp3lame").read_bytes())
    data[data.index(b"Lavc")] ^= 1
    assert judge(scratch, data) == ()
    assert reasons(judge(scratch, data + data)) == ["wrong_length"]


@given(st.integers(FRAME, len(GOOD) - 1), st.integers(0, 7))
def test_any_flipped_bit_is_found_by_lames_checksum(scratch: Path, place: int, bit: int) -> None:
    data = bytearray(GOOD)
    data[place] ^= 1 << bit
    assert Severity.PROBLEM in {finding.severity for finding in judge(scratch, data)}


@given(st.integers(FRAME + 1, len(GOOD) - 1))
def test_a_cut_anywhere_is_found_by_what_lame_promised(scratch: Path, length: int) -> None:
    assert reasons(judge(scratch, GOOD[:length])) == ["truncated"]


@given(st.integers(FRAME + 1, len(BARE) - 1))
def test_without_a_promise_a_last_frame_that_is_not_whole_is_found(scratch: Path, length: int) -> None:
    findings = judge(scratch, BARE[:length])
    assert reasons(findings) == ([] if BARE.startswith((b"\xff\xfb", b"\xff\xfa"), length) else ["truncated"])


@given(st.integers(5000, 15_000), st.integers(1, 3000))
def test_a_hole_is_found(scratch: Path, place: int, length: int) -> None:
    findings = judge(scratch, GOOD[:place] + GOOD[place + length :])
    assert Severity.PROBLEM in {finding.severity for finding in findings}


def test_garbage_between_frames_is_told_by_its_time(scratch: Path) -> None:
    after = 40 * 1152 / 44_100
    place = BARE.find(b"\xff\xfb", len(BARE) * 2 // 3)
    (finding,) = judge(scratch, BARE[:place] + bytes(500) + BARE[place:])
    assert (finding.severity, finding.reason) == (Severity.PROBLEM, "sync_lost")
    assert f"at 0:0{int(after)}" in finding.message
    assert "500 bytes" in finding.message


@given(st.binary(max_size=2000))
def test_garbage_at_the_end_is_a_warning(scratch: Path, garbage: bytes) -> None:
    (finding,) = judge(scratch, GOOD + b"\1" + garbage + b"\1")
    assert (finding.severity, finding.reason) == (Severity.WARNING, "trailing_garbage")


@given(st.binary(max_size=400), st.integers(0, len(GOOD)))
def test_no_bytes_make_a_traceback(scratch: Path, noise: bytes, place: int) -> None:
    findings = judge(scratch, GOOD[:place] + noise + GOOD[place + len(noise) :])
    assert all(finding.message.startswith("track.mp3 ") for finding in findings)


def test_a_changed_loudness_is_no_damage(scratch: Path) -> None:
    data = bytearray(GOOD)
    data[-100] ^= 1
    assert reasons(judge(scratch, data)) == ["crc_error"]
    ape: Any = APEv2()
    ape["MP3GAIN_UNDO"] = "+003,+003,N"
    ape.save(scratch)
    (finding,) = judged(scratch, Codec.MP3)
    assert (finding.severity, finding.reason) == (Severity.WARNING, "changed_gain")


def test_a_length_tag_that_was_changed_itself_proves_nothing(scratch: Path) -> None:
    data = bytearray(GOOD)
    at = data.index(b"LAME")
    assert crc16.arc(data[: at + 34]) == int.from_bytes(data[at + 34 : at + 36], "big")
    data[at + 28 : at + 32] = (len(GOOD) * 2).to_bytes(4, "big")
    assert judge(scratch, data) == ()


def test_a_frame_that_lost_its_bitrate_is_found(scratch: Path) -> None:
    data = bytearray(BARE)
    data[BARE.index(BARE[:3], len(BARE) // 2) + 2] &= 0x0F
    assert reasons(judge(scratch, data)) == ["sync_lost"]


def test_a_free_bitrate_is_left_unjudged(scratch: Path) -> None:
    data = bytearray(BARE)
    data[2] &= 0x0F
    (finding,) = judge(scratch, data)
    assert finding.severity is Severity.UNJUDGED
