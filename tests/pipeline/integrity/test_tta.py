from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.audio import Codec
from pipeline.model.finding import Severity
from tests.support.audio import encode, make_track
from tests.support.integrity import judged

GOOD = encode(Codec.TTA, seconds=2.5)
FRAMES = 22 + 4 * 3 + 4
"""Where the first of three frames begins."""


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tta") / "track.tta"


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("bit_depth", [16, 24])
@pytest.mark.parametrize("sample_rate", [8_000, 44_100, 96_000])
@pytest.mark.parametrize("seconds", [0.1, 1.0, 3.2])
def test_what_ffmpeg_encodes_is_whole(
    scratch: Path, channels: int, bit_depth: int, sample_rate: int, seconds: float
) -> None:
    make_track(
        scratch,
        Codec.TTA,
        tags={"title": "First Light"},
        seconds=seconds,
        sample_rate=sample_rate,
        bit_depth=bit_depth,
        channels=channels,
    )
    assert judged(scratch, Codec.TTA) == ()


@given(st.integers(FRAMES, len(GOOD) - 1), st.integers(0, 7))
def test_any_flipped_bit_is_found(scratch: Path, place: int, bit: int) -> None:
    data = bytearray(GOOD)
    data[place] ^= 1 << bit
    scratch.write_bytes(data)
    (finding,) = judged(scratch, Codec.TTA)
    assert (finding.severity, finding.reason) == (Severity.PROBLEM, "crc_error")


@given(st.integers(FRAMES, len(GOOD) - 1))
def test_a_cut_anywhere_is_found(scratch: Path, length: int) -> None:
    scratch.write_bytes(GOOD[:length])
    assert [finding.severity for finding in judged(scratch, Codec.TTA)] == [Severity.PROBLEM]


def test_the_time_of_the_damage_is_told(scratch: Path) -> None:
    data = bytearray(GOOD)
    data[-100] ^= 1
    scratch.write_bytes(data)
    (finding,) = judged(scratch, Codec.TTA)
    assert "at 0:02" in finding.message
