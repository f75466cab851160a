"""What an MP3's encoder left in its header, and what the frames say where it left none."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from pipeline.model.audio import BitrateMode, Stream
from tests.support.audio import ffmpeg, read_stream, soundfile, tone

LAME = shutil.which("lame")


def sndfile_mp3(level: float, mode: str, seconds: float = 1.0) -> bytes:
    memory = io.BytesIO()
    options = {"compression_level": level, "bitrate_mode": mode}
    soundfile.write(memory, tone(seconds=seconds), 44_100, format="MP3", subtype="MPEG_LAYER_III", **options)
    return memory.getvalue()


def bare(bitrate: str = "192k", seconds: float = 1.0, sample_rate: int = 44_100) -> bytes:
    """MP3 frames alone, without any header of the encoder."""
    options = ("-c:a", "libmp3lame", "-b:a", bitrate, "-write_xing", "0", "-id3v2_version", "0")
    return ffmpeg(tone(seconds=seconds, sample_rate=sample_rate), sample_rate, ".mp3", *options)


def stream_of(folder: Path, data: bytes | bytearray) -> Stream:
    path = folder / "a.mp3"
    path.write_bytes(data)
    return read_stream(path)


@pytest.mark.parametrize(
    ("level", "mode", "wanted", "preset"),
    [
        (0.0, "CONSTANT", BitrateMode.CONSTANT, None),
        (0.0, "VARIABLE", BitrateMode.VARIABLE, "V0"),
        (0.2, "VARIABLE", BitrateMode.VARIABLE, "V2"),
        (0.5, "AVERAGE", BitrateMode.AVERAGE, None),
    ],
)
def test_the_header_of_lame_tells_mode_and_preset(
    tmp_path: Path, level: float, mode: str, wanted: BitrateMode, preset: str | None
) -> None:
    stream = stream_of(tmp_path, sndfile_mp3(level, mode))
    assert (stream.bitrate_mode, stream.preset, stream.encoder) == (wanted, preset, "LAME 3.100")


@pytest.mark.skipif(LAME is None, reason="the lame program is not installed")
@pytest.mark.parametrize(
    ("options", "mode", "preset"),
    [
        (("-V", "0"), BitrateMode.VARIABLE, "V0"),
        (("-V", "2", "--vbr-old"), BitrateMode.VARIABLE, "V2"),
        (("--preset", "extreme"), BitrateMode.VARIABLE, "V0"),
        (("--preset", "standard"), BitrateMode.VARIABLE, "V2"),
        (("--preset", "insane"), BitrateMode.CONSTANT, None),
        (("-b", "320"), BitrateMode.CONSTANT, None),
        (("--abr", "192"), BitrateMode.AVERAGE, None),
        (("-t", "-b", "192"), BitrateMode.CONSTANT, None),
        (("-t", "-V", "2"), BitrateMode.VARIABLE, None),
    ],
)
def test_what_the_lame_program_writes(
    tmp_path: Path, options: tuple[str, ...], mode: BitrateMode, preset: str | None
) -> None:
    soundfile.write(tmp_path / "a.wav", tone(), 44_100)
    command = [str(LAME), "--quiet", *options, str(tmp_path / "a.wav"), str(tmp_path / "a.mp3")]
    subprocess.run(command, check=True)
    stream = read_stream(tmp_path / "a.mp3")
    assert (stream.bitrate_mode, stream.preset) == (mode, preset)


@pytest.mark.parametrize("kilobits", [128, 192, 320])
@pytest.mark.parametrize("header", ["0", "1"])
def test_a_constant_bitrate_is_stated_to_the_bit(tmp_path: Path, kilobits: int, header: str) -> None:
    options = ("-c:a", "libmp3lame", "-b:a", f"{kilobits}k", "-write_xing", header)
    stream = stream_of(tmp_path, ffmpeg(tone(), 44_100, ".mp3", *options))
    assert (stream.bitrate_mode, stream.bitrate) == (BitrateMode.CONSTANT, kilobits * 1000)


def test_one_other_frame_is_no_constant_bitrate(tmp_path: Path) -> None:
    stream = stream_of(tmp_path, bare("192k", 60) + bare("128k", 0.2) + bare("192k", 0.2))
    assert stream.bitrate_mode is BitrateMode.VARIABLE
    assert stream.preset is None
    assert stream.duration == pytest.approx(60.4, abs=0.3)


def test_rubbish_between_frames_proves_nothing(tmp_path: Path) -> None:
    data = bare("192k", 5)
    frame = data.index(b"\xff\xfb", 1000)
    stream = stream_of(tmp_path, data[:frame] + b"rubbish" * 100 + data[frame:])
    assert stream.bitrate_mode is None
    assert stream.duration == pytest.approx(5, abs=0.1)


def test_zeros_behind_the_last_frame_do_no_harm(tmp_path: Path) -> None:
    stream = stream_of(tmp_path, bare("192k") + bytes(1000))
    assert (stream.bitrate_mode, stream.bitrate) == (BitrateMode.CONSTANT, 192_000)


@pytest.mark.parametrize("sample_rate", [8_000, 22_050, 48_000])
def test_the_frames_tell_the_length(tmp_path: Path, sample_rate: int) -> None:
    stream = stream_of(tmp_path, bare("64k", 100, sample_rate))
    assert stream.duration == pytest.approx(100, abs=0.3)
    assert stream.bitrate == 64_000


def test_the_bitrate_of_a_variable_one_is_its_average(tmp_path: Path) -> None:
    data = sndfile_mp3(0.2, "VARIABLE", seconds=20)
    stream = stream_of(tmp_path, data)
    # Players leave out some samples at both ends, for which there are bytes.
    assert stream.bitrate == pytest.approx(len(data) * 8 / stream.duration, rel=0.01)


@pytest.mark.parametrize("seconds", [0.2, 1.0, 3.0])
@pytest.mark.parametrize(("level", "mode"), [(0.0, "VARIABLE"), (0.1, "AVERAGE"), (0.22, "AVERAGE")])
def test_a_short_file_has_its_mode_and_no_impossible_bitrate(
    tmp_path: Path, seconds: float, level: float, mode: str
) -> None:
    memory = io.BytesIO()
    noise = np.random.default_rng(0).uniform(-1, 1, (round(seconds * 44_100), 2))
    options = {"compression_level": level, "bitrate_mode": mode}
    soundfile.write(memory, noise, 44_100, format="MP3", subtype="MPEG_LAYER_III", **options)
    stream = stream_of(tmp_path, memory.getvalue())
    assert stream.bitrate_mode is (BitrateMode.VARIABLE if mode == "VARIABLE" else BitrateMode.AVERAGE)
    assert 200_000 < stream.bitrate <= 320_000


PARTS = {
    "320": lambda: sndfile_mp3(0.0, "CONSTANT"),
    "V0": lambda: sndfile_mp3(0.0, "VARIABLE"),
    "ABR": lambda: sndfile_mp3(0.5, "AVERAGE"),
}


@pytest.mark.parametrize("first", PARTS)
def test_joined_files_are_told_by_all_their_frames(tmp_path: Path, first: str) -> None:
    data = PARTS[first]() + 2 * bare("128k", 20)
    stream = stream_of(tmp_path, data)
    assert (stream.bitrate_mode, stream.preset) == (BitrateMode.VARIABLE, None)
    assert stream.duration == pytest.approx(41, abs=0.3)
    assert stream.bitrate == pytest.approx(len(data) * 8 / stream.duration, rel=0.001)


def test_joined_files_of_two_sample_rates_have_the_length_of_both(tmp_path: Path) -> None:
    stream = stream_of(tmp_path, PARTS["320"]() + bare("64k", 20, 22_050))
    assert stream.duration == pytest.approx(21, abs=0.3)


def test_joined_files_are_told_where_the_header_counts_no_bytes(tmp_path: Path) -> None:
    data = bytearray(PARTS["V0"]())
    at = data.index(b"Xing")
    data[at + 4 : at + 8] = bytes([0, 0, 0, 1])
    assert stream_of(tmp_path, data).duration == pytest.approx(1, abs=0.1)
    stream = stream_of(tmp_path, data + 2 * bare("320k", 20))
    assert stream.duration == pytest.approx(41, abs=0.3)
    assert stream.bitrate <= 320_000


@pytest.mark.parametrize("frames", [0, 3])
def test_a_header_that_cannot_be_true_is_not_believed(tmp_path: Path, frames: int) -> None:
    data = bytearray(PARTS["V0"]())
    at = data.index(b"Xing")
    data[at + 8 : at + 12] = frames.to_bytes(4, "big")
    stream = stream_of(tmp_path, data)
    assert stream.duration == pytest.approx(1, abs=0.1)
    assert stream.preset is None
    assert stream.bitrate <= 320_000


def test_what_is_no_frame_takes_nothing_from_the_header(tmp_path: Path) -> None:
    whole = stream_of(tmp_path, PARTS["V0"]())
    assert (whole.bitrate_mode, whole.preset) == (BitrateMode.VARIABLE, "V0")
    longer = stream_of(tmp_path, PARTS["V0"]() + b"\1" * 1_000_000)
    assert longer == whole
