"""What an MP3's encoder left in its header, and what the frames say where it left none."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import pytest

from pipeline.model.audio import BitrateMode, Stream
from tests.support.audio import ffmpeg, read_stream, soundfile, tone

LAME = shutil.which("lame")


def sndfile_mp3(level: float, mode: str) -> bytes:
    memory = io.BytesIO()
    options = {"compression_level": level, "bitrate_mode": mode}
    soundfile.write(memory, tone(), 44_100, format="MP3", subtype="MPEG_LAYER_III", **options)
    return memory.getvalue()


def bare(bitrate: str = "192k", seconds: float = 1.0, sample_rate: int = 44_100) -> bytes:
    """MP3 frames alone, without any header of the encoder."""
    options = ("-c:a", "libmp3lame", "-b:a", bitrate, "-write_xing", "0", "-id3v2_version", "0")
    return ffmpeg(tone(seconds=seconds, sample_rate=sample_rate), sample_rate, ".mp3", *options)


def stream_of(folder: Path, data: bytes) -> Stream:
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
    data = sndfile_mp3(0.2, "VARIABLE")
    stream = stream_of(tmp_path, data)
    assert stream.bitrate == round(len(data) * 8 / stream.duration)
