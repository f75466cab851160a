"""Every byte of an album belongs to exactly one piece."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import HashError
from pipeline.layout import Layout, Segment, piece_length_for
from pipeline.model import AlbumFile, FileSet

KIB, MIB, GIB = 2**10, 2**20, 2**30


def files_of(*sizes: int) -> FileSet:
    root = Path("/music/Album")
    return FileSet(
        root,
        tuple(
            AlbumFile(root / str(index), (str(index),), size, 0, 0, index, audio=True)
            for index, size in enumerate(sizes)
        ),
    )


def cuts(layout: Layout, first: int, count: int = 1) -> list[tuple[str, int, int]]:
    return [(seg.file.parts[0], seg.offset, seg.length) for seg in layout.segments(first, count)]


@given(
    st.lists(st.integers(0, 5000), min_size=1, max_size=40).filter(any),
    st.integers(1, 3000),
)
def test_the_pieces_cover_every_byte_once_and_in_order(sizes: list[int], piece_length: int) -> None:
    layout = Layout(files_of(*sizes), piece_length)
    lengths = [sum(seg.length for seg in layout.segments(piece)) for piece in range(layout.pieces)]
    assert set(lengths[:-1]) <= {piece_length}
    assert 0 < lengths[-1] <= piece_length
    covered = [
        (seg.file.inode, seg.offset + byte)
        for piece in range(layout.pieces)
        for seg in layout.segments(piece)
        for byte in range(seg.length)
    ]
    assert covered == [(index, byte) for index, size in enumerate(sizes) for byte in range(size)]


@given(st.lists(st.integers(0, 300), min_size=1, max_size=20).filter(any), st.integers(1, 200), st.data())
def test_a_stripe_is_its_pieces_joined(sizes: list[int], piece_length: int, data: st.DataObject) -> None:
    layout = Layout(files_of(*sizes), piece_length)
    first = data.draw(st.integers(0, layout.pieces - 1))
    count = data.draw(st.integers(1, layout.pieces - first))
    singly = [seg for piece in range(first, first + count) for seg in layout.segments(piece)]
    joined: list[Segment] = []
    for seg in singly:
        if joined and joined[-1].file is seg.file:
            joined[-1] = Segment(seg.file, joined[-1].offset, joined[-1].length + seg.length)
        else:
            joined.append(seg)
    assert list(layout.segments(first, count)) == joined


def test_empty_files_have_no_segments() -> None:
    layout = Layout(files_of(0, 10, 0, 0, 10, 0), 15)
    assert cuts(layout, 0) == [("1", 0, 10), ("4", 0, 5)]
    assert cuts(layout, 1) == [("4", 5, 5)]


def test_an_exact_multiple_makes_no_extra_piece() -> None:
    layout = Layout(files_of(20, 12), 16)
    assert layout.pieces == 2
    assert cuts(layout, 1) == [("0", 16, 4), ("1", 0, 12)]


@pytest.mark.parametrize("sizes", [(), (0,), (0, 0)])
def test_an_album_without_a_byte_is_refused(sizes: tuple[int, ...]) -> None:
    with pytest.raises(HashError, match="/music/Album holds nothing but empty files") as caught:
        Layout(files_of(*sizes), 16)
    assert caught.value.reason == "empty_album"
    assert caught.value.path == Path("/music/Album")


@pytest.mark.parametrize(
    ("size", "piece_length"),
    [
        (1, 16 * KIB),
        (30 * MIB, 16 * KIB),
        (60 * MIB, 32 * KIB),
        (480 * MIB, 256 * KIB),
        (480 * MIB + 1, 512 * KIB),
        (2 * GIB, 2 * MIB),
        (100 * GIB, 16 * MIB),
    ],
)
def test_the_ladder(size: int, piece_length: int) -> None:
    assert piece_length_for(size) == piece_length


@given(st.integers(31 * MIB, 30 * GIB))
def test_albums_have_about_a_thousand_to_two_thousand_pieces(size: int) -> None:
    assert 960 <= size / piece_length_for(size) <= 1920


def test_a_larger_album_never_gets_shorter_pieces() -> None:
    lengths = [piece_length_for(size) for size in range(MIB, 4 * GIB, 7 * MIB)]
    assert all(before <= after for before, after in pairwise(lengths))
