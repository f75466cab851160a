from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.audio import Codec
from pipeline.model.finding import Severity
from tests.support.audio import encode, make_track, read_stream
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


@pytest.mark.parametrize("tag", [b"TAG" + bytes(125), b"TAG" + b"\xff" * 125])
def test_a_tag_behind_the_last_page_does_no_harm(scratch: Path, tag: bytes) -> None:
    scratch.write_bytes(GOOD + tag)
    assert judged(scratch, Codec.OGG) == ()


@pytest.mark.parametrize("length", [1, 500, 30_000])
@pytest.mark.parametrize("tag", [b"", b"TAG" + bytes(125)])
def test_garbage_behind_the_last_page_is_a_warning(scratch: Path, length: int, tag: bytes) -> None:
    scratch.write_bytes(GOOD + bytes(length) + tag)
    (finding,) = judged(scratch, Codec.OGG)
    assert (finding.severity, finding.reason) == (Severity.WARNING, "trailing_garbage")
    assert f"{length} bytes" in finding.message
    assert read_stream(scratch).codec is Codec.OGG


@pytest.mark.parametrize("length", [1, 200_000])
def test_garbage_between_streams_is_damage(scratch: Path, length: int) -> None:
    scratch.write_bytes(GOOD + bytes(length) + GOOD)
    assert reasons(judged(scratch, Codec.OGG)) == ["sync_lost"]


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
