"""The digests are those of other programs, and a file that does not hold still is named."""

from __future__ import annotations

import os
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha1
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import anyio
import libtorrent
import pytest
import torf
from anyio import to_thread
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import HashError
from pipeline.hashing.engines import CHUNK_SIZE, EngineKind
from pipeline.hashing.job import Job, Stripe, check_unchanged
from pipeline.hashing.pool import HashPool
from pipeline.hashing.workers import SMALLEST_BATCH, AlbumHash, HashWorkers
from pipeline.model.files import FileSet
from pipeline.model.pieces import Pieces
from tests.support.engines import ENGINES, lying, observed
from tests.support.filesets import sparse_file, write_files, write_single

PIECE = 16 * 1024
MIB = 2**20
SIZES = st.one_of(
    st.sampled_from([0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE]),
    st.integers(0, 3 * PIECE),
    st.integers(0, 400_000),
)
LAYOUTS = st.lists(SIZES, min_size=1, max_size=8).filter(any)


def quiet(_done: int, _size: int) -> None:
    """No progress."""


def noise(*sizes: int) -> dict[str, bytes]:
    source = random.Random(0)
    return {f"{index:03}.flac": source.randbytes(size) for index, size in enumerate(sizes)}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> EngineKind:
    return ENGINES[request.param]


async def hashed(files: FileSet, piece_length: int | None, engine: EngineKind) -> Pieces:
    return await HashPool(engine, workers=2).hash_files(files, piece_length, progress=quiet)


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


def check_against_others(sizes: list[int]) -> None:
    with TemporaryDirectory() as folder:
        files = write_files(Path(folder, "Album"), noise(*sizes))
        digests = {name: anyio.run(hashed, files, PIECE, engine).digests for name, engine in ENGINES.items()}
        assert digests == dict.fromkeys(ENGINES, torf_pieces(files.root))
        assert digests == dict.fromkeys(ENGINES, libtorrent_pieces(files))


@settings(max_examples=25, deadline=None)
@given(LAYOUTS)
def test_torf_and_libtorrent_find_the_same_pieces(sizes: list[int]) -> None:
    check_against_others(sizes)


@pytest.mark.slow
@settings(max_examples=2000, deadline=None)
@given(LAYOUTS)
def test_torf_and_libtorrent_find_the_same_pieces_in_2000_layouts(sizes: list[int]) -> None:
    check_against_others(sizes)


@settings(max_examples=60, deadline=None)
@given(LAYOUTS, st.lists(st.sampled_from([64, 1024, PIECE, 4 * PIECE, MIB]), min_size=1, max_size=5))
def test_one_read_makes_the_pieces_of_several_lengths(sizes: list[int], lengths: list[int]) -> None:
    contents = noise(*sizes)

    async def run(files: FileSet, engine: EngineKind) -> tuple[Pieces, ...]:
        return await HashPool(engine, workers=2).hash_lengths(files, lengths, progress=quiet)

    with TemporaryDirectory() as folder:
        files = write_files(Path(folder, "Album"), contents)
        for engine in ENGINES.values():
            found = anyio.run(run, files, engine)
            assert [pieces.piece_length for pieces in found] == sorted(set(lengths), reverse=True)
            assert all(pieces.digests == pieces_of(contents, pieces.piece_length) for pieces in found)


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
        pytest.param((CHUNK_SIZE + 1, SMALLEST_BATCH - 1, 2 * SMALLEST_BATCH + 9), id="many batches"),
        pytest.param((SMALLEST_BATCH,), id="exactly one batch"),
    ],
)
@pytest.mark.parametrize("piece_length", [PIECE, CHUNK_SIZE, 2 * SMALLEST_BATCH])
async def test_edges(tmp_path: Path, sizes: tuple[int, ...], piece_length: int, engine: EngineKind) -> None:
    contents = noise(*sizes)
    pieces = await hashed(write_files(tmp_path, contents), piece_length, engine)
    assert pieces.digests == pieces_of(contents, piece_length)
    assert pieces.count == -(-sum(sizes) // piece_length)


async def test_a_single_file(tmp_path: Path, engine: EngineKind) -> None:
    files = write_single(tmp_path / "song.flac", noise(50_000)["000.flac"])
    assert (await hashed(files, PIECE, engine)).digests == torf_pieces(files.root)


async def test_the_piece_length_follows_the_size(tmp_path: Path, engine: EngineKind) -> None:
    pieces = await hashed(sparse_file(tmp_path / "song.flac", 40 * MIB), None, engine)
    assert (pieces.piece_length, pieces.count) == (32 * 1024, 1280)


async def test_many_albums_at_once_share_the_pool(tmp_path: Path, engine: EngineKind) -> None:
    pool = HashPool(engine, workers=2)
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
    before, during = sys.getswitchinterval(), list[float]()
    files = write_files(tmp_path, noise(100_000))
    pool = HashPool(observed(lambda _: during.append(sys.getswitchinterval())))
    await pool.hash_files(files, progress=quiet)
    assert max(during) < before == sys.getswitchinterval()


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
    tmp_path: Path, engine: EngineKind, change: Callable[[Path], None], reason: str, message: str, when: str
) -> None:
    files = write_files(tmp_path, noise(100_000, 100_000, 100_000))
    culprit = files.files[1].path
    if when == "before":
        change(culprit)
    changes = iter([change] if when == "during" else [])
    pool = HashPool(engine)
    with pytest.raises(HashError, match=message) as caught:
        # The first report comes when all is checked and nothing is read.
        await pool.hash_files(files, PIECE, progress=lambda *_: next(changes, quiet_path)(culprit))
    assert (caught.value.reason, caught.value.path) == (reason, culprit)
    assert caught.value.hint
    with pytest.raises(HashError, match=message):
        check_unchanged(files)


def quiet_path(_path: Path) -> None:
    """No change."""


def make_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def cut_last_byte(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (make_folder, "cannot be read: Is a directory"),
        (make_pipe, "cannot be read: Illegal seek"),
        (make_loop, "cannot be read: Too many levels of symbolic links"),
        (Path.unlink, "has vanished"),
        (shrink, "has changed"),
        (cut_last_byte, "has changed"),
    ],
)
@pytest.mark.parametrize("piece_length", [1024, PIECE, MIB])
def test_a_fault_in_any_read_names_the_file_and_leaves_other_albums_alone(
    tmp_path: Path, engine: EngineKind, change: Callable[[Path], None], message: str, piece_length: int
) -> None:
    contents = noise(40_000, 1000, 900_000, 70)
    for culprit in range(len(contents)):
        jobs = [
            Job(write_files(tmp_path / f"{culprit} {name}", contents), [piece_length])
            for name in ("1", "2", "3")
        ]
        change(jobs[1].layout.files.files[culprit].path)
        engine.make().hash_stripes([Stripe(job, range(job.layout.pieces)) for job in jobs])
        for job in jobs:
            job.finish(range(job.layout.pieces))
        with pytest.raises(HashError, match=rf"00{culprit}\.flac {message}"):
            jobs[1].wait()
        for job in (jobs[0], jobs[2]):
            job.wait()
            assert job.digests[piece_length] == pieces_of(contents, piece_length)
    assert not any(path.startswith(str(tmp_path)) for path in open_files())


async def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path) -> None:
    files = write_files(tmp_path, noise(100_000))
    pool = HashPool(observed(lambda _: grow(files.files[0].path)))
    with pytest.raises(HashError, match=r"000\.flac has changed"):
        await pool.hash_files(files, progress=quiet)


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


async def test_an_unchanged_album_passes_and_no_file_stays_open(tmp_path: Path, engine: EngineKind) -> None:
    files = write_files(tmp_path, noise(*[1000] * 100))
    await HashPool(engine, workers=1).hash_files(files, progress=quiet)
    check_unchanged(files)
    assert not any(path.startswith(str(tmp_path)) for path in open_files())


async def test_cancellation_ends_the_threads_at_once(tmp_path: Path, engine: EngineKind) -> None:
    files = sparse_file(tmp_path / "song.flac", 2**37)  # would take a minute and more
    pool = HashPool(engine)
    with anyio.fail_after(10), anyio.CancelScope() as scope:
        await pool.hash_files(files, 2**27, progress=lambda done, _: scope.cancel() if done else None)
    assert scope.cancelled_caught
    await to_thread.run_sync(join_workers)
    assert not any(path.startswith(str(tmp_path)) for path in open_files())


def join_workers() -> None:
    for thread in threading.enumerate():
        if thread.name == "mua-async-hash":
            thread.join()


async def test_the_pool_goes_on_after_a_cancellation(tmp_path: Path, engine: EngineKind) -> None:
    pool = HashPool(engine)
    endless, short = sparse_file(tmp_path / "1.flac", 2**35), write_files(tmp_path, noise(50_000))
    with anyio.CancelScope() as scope:
        await pool.hash_files(endless, progress=lambda *_: scope.cancel())
    assert scope.cancelled_caught
    assert (await pool.hash_files(short, PIECE, progress=quiet)).digests == pieces_of(noise(50_000), PIECE)


def test_an_album_that_is_stopped_lets_go_while_its_batch_goes_on(tmp_path: Path, engine: EngineKind) -> None:
    stopped = Job(sparse_file(tmp_path / "1.flac", 2**36), [16 * MIB])
    kept = Job(sparse_file(tmp_path / "2.flac", 2**28), [16 * MIB])
    batch = [Stripe(stopped, range(stopped.layout.pieces)), Stripe(kept, range(kept.layout.pieces))]
    worker = threading.Thread(target=engine.make().hash_stripes, args=[batch])
    worker.start()
    while not stopped.done:
        pass
    stopped.stop()
    started = time.perf_counter()
    stopped.wait()
    waited = time.perf_counter() - started
    assert not any(path.endswith("1.flac") for path in open_files())
    worker.join()
    assert kept.digests[16 * MIB] == sha1(bytes(16 * MIB)).digest() * 16
    assert waited < 0.5  # 1 ms where the machine has nothing else to do


async def test_a_wrong_digest_is_found_out_and_hashlib_does_the_rest(tmp_path: Path) -> None:
    contents = noise(100_000, 50_000)
    pool = HashPool(lying())
    first = await pool.hash_files(write_files(tmp_path / "1", contents), PIECE, progress=quiet)
    assert (first.digests, first.distrusted_engine) == (pieces_of(contents, PIECE), "lying")
    second = await pool.hash_files(write_files(tmp_path / "2", contents), PIECE, progress=quiet)
    assert (second.digests, second.distrusted_engine) == (pieces_of(contents, PIECE), None)


async def test_albums_under_way_in_a_distrusted_engine_are_hashed_again(tmp_path: Path) -> None:
    contents = noise(*[60_000] * 20)
    pool = HashPool(lying(), workers=2)

    async def one(number: int) -> None:
        files = write_files(tmp_path / str(number), contents)
        assert (await pool.hash_files(files, PIECE, progress=quiet)).digests == pieces_of(contents, PIECE)

    async with anyio.create_task_group() as group:
        for number in range(10):
            group.start_soon(one, number)


async def test_a_fault_of_the_engine_itself_ends_the_album(tmp_path: Path) -> None:
    def fail(_: Sequence[Stripe]) -> None:
        raise RuntimeError("of the engine")

    pool = HashPool(observed(fail), workers=1)
    with pytest.raises(ExceptionGroup) as caught, anyio.fail_after(10):
        await pool.hash_files(write_files(tmp_path, noise(50_000)), PIECE, progress=quiet)
    assert caught.group_contains(RuntimeError, match="of the engine")


@pytest.mark.slow
def test_nothing_is_left_behind_by_10_000_cancellations(tmp_path: Path, engine: EngineKind) -> None:
    files = sparse_file(tmp_path / "song.flac", 2**34)
    workers = HashWorkers(engine)

    def rounds(count: int) -> None:
        for _ in range(count):
            album = AlbumHash(workers, files, [16 * MIB])
            album.start()
            while not album.done:
                time.sleep(0)
            album.stop()
            assert album.result() == ()
        join_workers()

    rounds(200)
    before = threading.active_count(), len(os.listdir("/proc/self/fd")), resident()
    rounds(10_000)
    assert (threading.active_count(), len(os.listdir("/proc/self/fd"))) == before[:2]
    assert resident() < before[2] + 8 * MIB


def resident() -> int:
    """The process's memory, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.slow
@pytest.mark.skipif(
    len(ENGINES) == 1, reason="the extension is not there: hashlib starves, which is why it is"
)
def test_a_busy_main_thread_leaves_the_workers_a_third_of_their_rate(tmp_path: Path) -> None:
    files = sparse_file(tmp_path / "song.flac", 2**30)
    pool = HashWorkers(ENGINES[next(name for name in ENGINES if name != "hashlib")])

    def seconds(*, busy: bool) -> float:
        job = Job(files, [MIB])
        started = time.perf_counter()
        pool.submit(job)
        while busy and job.done < job.layout.size:
            sum(range(1000))
        job.wait()
        pool.retire(job)
        return time.perf_counter() - started

    seconds(busy=False)
    idle, busy = (min(seconds(busy=busy) for _ in range(5)) for busy in (False, True))
    assert busy < 3 * idle
