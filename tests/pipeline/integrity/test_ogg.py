from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.audio import Codec
from pipeline.model.finding import Severity
from tests.support.audio import encode, make_track
from tests.support.integrity import judged, reasons

GOOD = encode(Codec.OGG, seconds=2.0)
PAGES = GOOD.split(b"OggS")[1:]


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ogg") / "track.ogg"


@pytest.mark.parametrize("codec", [Codec.OGG, Codec.OPUS])
def test_tagged_files_are_whole(tmp_path: Path, codec: Codec) -> None:
    tags = {"title": "First Light", "comment": "x" * 100_000}
    assert judged(make_track(tmp_path / "track.ogg", codec, tags=tags), codec) == ()


def test_streams_one_after_the_other_are_whole(scratch: Path) -> None:
    scratch.write_bytes(GOOD + encode(Codec.OGG, seconds=2.0, seed=1))
    assert judged(scratch, Codec.OGG) == ()


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 7))
def test_any_flipped_bit_is_found(scratch: Path, place: int, bit: int) -> None:
    data = bytearray(GOOD)
    data[place] ^= 1 << bit
    scratch.write_bytes(data)
    assert [finding.severity for finding in judged(scratch, Codec.OGG)] == [Severity.PROBLEM]


@given(st.integers(0, len(GOOD) - 1))
def test_a_cut_anywhere_is_found(scratch: Path, length: int) -> None:
    scratch.write_bytes(GOOD[:length])
    assert [finding.severity for finding in judged(scratch, Codec.OGG)] == [Severity.PROBLEM]


def test_a_missing_page_is_found(scratch: Path) -> None:
    pages = [b"OggS" + page for page in PAGES]
    scratch.write_bytes(b"".join(pages[:2] + pages[3:]))
    assert reasons(judged(scratch, Codec.OGG)) == ["sync_lost"]


def test_so_is_the_last(scratch: Path) -> None:
    scratch.write_bytes(GOOD[: GOOD.rindex(b"OggS")])
    assert reasons(judged(scratch, Codec.OGG)) == ["truncated"]
