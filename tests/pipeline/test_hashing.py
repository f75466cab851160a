"""The digests are those of other programs, and a file that does not hold still is named."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator
from hashlib import sha1
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import anyio
import anyio.from_thread
import libtorrent
import pytest
import torf
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import HashError
from pipeline.hashing import CHUNK_SIZE, STRIPE_SIZE, HashlibEngine, HashPool, Job, check_unchanged
from pipeline.model import FileSet, Pieces
from tests.support.filesets import sparse_file, write_files, write_single

PIECE = 16 * 1024
SIZES = st.one_of(
    st.sampled_from([0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE]),
    st.integers(0, 3 * PIECE),
    st.integers(0, 400_000),
)


def quiet(_done: int, _size: int) -> None:
    """No progress."""


def noise(*sizes: int) -> dict[str, bytes]:
    source = random.Random(0)
    return {f"{index:03}.flac": source.randbytes(size) for index, size in enumerate(sizes)}


async def hashed(files: FileSet, piece_length: int | None = PIECE) -> Pieces:
    return await HashPool(workers=2).hash_files(files, piece_length, progress=quiet)


def pieces_of(contents: dict[str, bytes], piece_length: int) -> bytes:
    stream = b"".join(contents.values())
    return b"".join(
        sha1(stream[begin : begin + piece_length]).digest() for begin in range(0, len(stream), piece_length)
    )


def torf_pieces(root: Path) -> bytes:
    torrent = torf.Torrent(path=root, piece_size=PIECE)
    torrent.generate(threads=1)
    return torrent.metainfo["info"]["pieces"]


def libtorrent_pieces(files: FileSet) -> bytes:
    entries = [
        libtorrent.create_file_entry(os.path.join(files.name, *file.parts), file.size) for file in files.files
    ]
    creator = libtorrent.create_torrent(entries, PIECE, libtorrent.create_torrent.v1_only)
    libtorrent.set_piece_hashes(creator, str(files.root.parent))
    return cast(dict[bytes, bytes], creator.generate()[b"info"])[b"pieces"]


@settings(max_examples=40, deadline=None)
@given(st.lists(SIZES, min_size=1, max_size=8).filter(any))
def test_torf_and_libtorrent_find_the_same_pieces(sizes: list[int]) -> None:
    with TemporaryDirectory() as folder:
        files = write_files(Path(folder, "Album"), noise(*sizes))
        digests = anyio.run(hashed, files).digests
        assert digests == torf_pieces(files.root)
        assert digests == libtorrent_pieces(files)


@pytest.mark.parametrize(
    "sizes",
    [
        pytest.param((0, 20_000, 20_000), id="empty file first"),
        pytest.param((20_000, 0, 0, 20_000), id="empty files in the middle"),
        pytest.param((20_000, 20_000, 0), id="empty file last"),
        pytest.param((7,), id="less than a piece"),
        pytest.param((PIECE, 2 * PIECE), id="exact multiple"),
        pytest.param((PIECE + 5, PIECE - 5), id="exact multiple over a border"),
        pytest.param((41,) * 500, id="a piece over hundreds of files"),
        pytest.param((CHUNK_SIZE + 1, STRIPE_SIZE - 1, 2 * STRIPE_SIZE + 9), id="many chunks and stripes"),
        pytest.param((STRIPE_SIZE,), id="exactly one stripe"),
    ],
)
@pytest.mark.parametrize("piece_length", [PIECE, CHUNK_SIZE, 2 * STRIPE_SIZE])
async def test_edges(tmp_path: Path, sizes: tuple[int, ...], piece_length: int) -> None:
    contents = noise(*sizes)
    pieces = await hashed(write_files(tmp_path, contents), piece_length)
    assert pieces.digests == pieces_of(contents, piece_length)
    assert pieces.count == -(-sum(sizes) // piece_length)


async def test_a_single_file(tmp_path: Path) -> None:
    files = write_single(tmp_path / "song.flac", noise(50_000)["000.flac"])
    assert (await hashed(files)).digests == torf_pieces(files.root)


async def test_the_piece_length_follows_the_size(tmp_path: Path) -> None:
    pieces = await hashed(sparse_file(tmp_path / "song.flac", 40 * 2**20), None)
    assert (pieces.piece_length, pieces.count) == (32 * 1024, 1280)


async def test_many_albums_at_once_share_the_pool(tmp_path: Path) -> None:
    pool = HashPool(workers=2)
    contents = {f"album {n}": noise(n * 10_000, 3 * n, n * PIECE) for n in range(1, 21)}
    found: dict[str, bytes] = {}

    async def one(name: str) -> None:
        files = write_files(tmp_path / name, contents[name])
        found[name] = (await pool.hash_files(files, PIECE, progress=quiet)).digests

    async with anyio.create_task_group() as group:
        for name in contents:
            group.start_soon(one, name)
    assert found == {name: pieces_of(content, PIECE) for name, content in contents.items()}


async def test_progress_ends_with_everything_done(tmp_path: Path) -> None:
    reports: list[tuple[int, int]] = []
    files = write_files(tmp_path, noise(100_000, 200_000))
    await HashPool().hash_files(files, PIECE, progress=lambda *report: reports.append(report))
    assert reports[-1] == (300_000, 300_000)
    assert reports == sorted(reports)


async def test_the_switch_interval_is_as_it_was(tmp_path: Path) -> None:
    before, during = sys.getswitchinterval(), []
    files = write_files(tmp_path, noise(100_000))
    await HashPool().hash_files(files, progress=lambda *_: during.append(sys.getswitchinterval()))
    assert min(during) < before == sys.getswitchinterval()


def rewrite(path: Path) -> None:
    os.utime(path, ns=(0, 0))


def shrink(path: Path) -> None:
    os.truncate(path, 10)


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def swap(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    other.replace(path)


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def make_loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


@pytest.mark.parametrize(
    ("change", "reason", "message"),
    [
        (rewrite, "changed", "001.flac has changed"),
        (shrink, "changed", "001.flac has changed"),
        (grow, "changed", "001.flac has changed"),
        (swap, "changed", "001.flac has changed"),
        (Path.unlink, "vanished", "001.flac has vanished"),
        (make_loop, "unreadable", "001.flac cannot be read"),
    ],
)
@pytest.mark.parametrize("when", ["before", "during"])
async def test_a_file_that_does_not_hold_still_is_named(
    tmp_path: Path, change: Callable[[Path], None], reason: str, message: str, when: str
) -> None:
    files = write_files(tmp_path, noise(100_000, 100_000, 100_000))
    culprit = files.files[1].path
    if when == "before":
        change(culprit)
    changes = iter([change] if when == "during" else [])
    with pytest.raises(HashError, match=message) as caught:
        # The first report comes when all is checked and nothing is read.
        await HashPool().hash_files(files, PIECE, progress=lambda *_: next(changes, quiet_path)(culprit))
    assert (caught.value.reason, caught.value.path) == (reason, culprit)
    assert caught.value.hint
    with pytest.raises(HashError, match=message):
        check_unchanged(files)


def quiet_path(_path: Path) -> None:
    """No change."""


async def test_a_read_error_names_the_file(tmp_path: Path) -> None:
    files = write_files(tmp_path, noise(100_000, 100_000))
    changes = iter([make_folder])
    with pytest.raises(HashError, match=r"001\.flac cannot be read: Is a directory") as caught:
        await HashPool().hash_files(files, progress=lambda *_: next(changes, quiet_path)(files.files[1].path))
    assert caught.value.reason == "unreadable"


async def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path) -> None:
    files = write_files(tmp_path, noise(100_000))

    class Grows(HashlibEngine):
        def hash_stripe(self, job: Job, pieces: range) -> None:
            super().hash_stripe(job, pieces)
            grow(files.files[0].path)

    with pytest.raises(HashError, match=r"000\.flac has changed"):
        await HashPool(Grows).hash_files(files, progress=quiet)


async def test_one_broken_album_leaves_the_others_alone(tmp_path: Path) -> None:
    pool = HashPool(workers=1)
    good, bad = write_files(tmp_path / "good", noise(9_000)), write_files(tmp_path / "bad", noise(9_000))
    bad.files[0].path.unlink()
    with pytest.raises(HashError):
        await pool.hash_files(bad, PIECE, progress=quiet)
    assert (await pool.hash_files(good, PIECE, progress=quiet)).digests == pieces_of(noise(9_000), PIECE)


def open_files() -> Iterator[str]:
    for descriptor in os.listdir("/proc/self/fd"):
        if os.path.lexists(link := f"/proc/self/fd/{descriptor}"):
            yield os.readlink(link)


async def test_an_unchanged_album_passes_and_no_file_stays_open(tmp_path: Path) -> None:
    files = write_files(tmp_path, noise(*[1000] * 100))
    at_once: list[int] = []

    class Counts(HashlibEngine):
        def hash_stripe(self, job: Job, pieces: range) -> None:
            super().hash_stripe(job, pieces)
            at_once.append(sum(path.startswith(str(tmp_path)) for path in open_files()))

    await HashPool(Counts, workers=1).hash_files(files, progress=quiet)
    check_unchanged(files)
    assert at_once == [0]


async def test_cancellation_ends_the_threads_at_once(tmp_path: Path) -> None:
    files = sparse_file(tmp_path / "song.flac", 2**35)  # would take a minute
    running: list[range] = []

    class CancelsAtStart(HashlibEngine):
        def hash_stripe(self, job: Job, pieces: range) -> None:
            running.append(pieces)
            anyio.from_thread.run_sync(scope.cancel)
            try:
                super().hash_stripe(job, pieces)
            finally:
                running.remove(pieces)

    pool = HashPool(CancelsAtStart)
    with anyio.fail_after(10), anyio.CancelScope() as scope:
        await pool.hash_files(files, 2**27, progress=quiet)
    assert scope.cancelled_caught
    assert not running


async def test_the_pool_goes_on_after_a_cancellation(tmp_path: Path) -> None:
    pool = HashPool()
    endless, short = sparse_file(tmp_path / "1.flac", 2**35), write_files(tmp_path, noise(50_000))
    with anyio.CancelScope() as scope:
        await pool.hash_files(endless, progress=lambda *_: scope.cancel())
    assert scope.cancelled_caught
    assert (await pool.hash_files(short, PIECE, progress=quiet)).digests == pieces_of(noise(50_000), PIECE)
