"""Every byte of an album belongs to exactly one piece."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import HashError
from pipeline.hashing.layout import Layout, Segment, piece_length_for, piece_length_under, torrent_size
from pipeline.model.files import AlbumFile, FileSet
from pipeline.model.pieces import Pieces
from pipeline.model.rules import SiteRules
from pipeline.secret import Secret
from pipeline.torrent import make_torrent

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


@pytest.mark.parametrize(
    ("rules", "piece_length"),
    [
        (SiteRules(), 2 * MIB),
        (SiteRules(piece_length_max=16 * MIB), 2 * MIB),
        (SiteRules(piece_length_max=MIB), MIB),
        (SiteRules(piece_length_max=MIB + 1), MIB),
        (SiteRules(torrent_bytes_max=MIB), 2 * MIB),
        (SiteRules(torrent_bytes_max=16 * KIB), 4 * MIB),
        (SiteRules(piece_length_max=4 * MIB, torrent_bytes_max=16 * KIB), 4 * MIB),
    ],
)
def test_a_site_limits_the_piece_length(rules: SiteRules, piece_length: int) -> None:
    assert piece_length_under(rules, files_of(2 * GIB)) == piece_length


def test_an_album_that_no_piece_length_fits_is_refused() -> None:
    rules = SiteRules(piece_length_max=2 * MIB, torrent_bytes_max=16 * KIB)
    with pytest.raises(HashError, match=r"more than 16384 bytes") as caught:
        piece_length_under(rules, files_of(2 * GIB))
    assert caught.value.reason == "torrent_too_large"


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=60).filter(any))
def test_a_torrent_is_no_larger_than_foreseen(sizes: list[int]) -> None:
    files = files_of(*sizes)
    length = piece_length_for(files.size)
    pieces = Pieces(files, length, bytes(20 * min(5000, -(-files.size // length))))
    made = make_torrent(pieces, announce_url=Secret("https://x/" + "k" * 1000), source="SOURCE").data
    assert len(made) <= torrent_size(files, length)


def test_65536_pieces_of_10000_files_take_no_time_that_grows_with_their_product() -> None:
    layout = Layout(files_of(*[MIB // 10] * 10_000), 16 * KIB)
    assert layout.pieces == 64_000
    segments = sum(1 for piece in range(layout.pieces) for _ in layout.segments(piece))
    assert segments == 64_000 + 10_000 - sum(
        start % (16 * KIB) == 0 for start in range(0, 10_000 * (MIB // 10), MIB // 10)
    )
