"""How fast an album is hashed, beside the hardware's limit and torf."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha1
from pathlib import Path

import anyio
import torf
from attrs import frozen

from pipeline.errors import UsageError
from pipeline.hashing import CHUNK_SIZE, HashPool, usable_cores
from pipeline.layout import piece_length_for
from pipeline.model import FileSet
from pipeline.scan import scan

from .timing import interleaved


@frozen
class HashRate:
    """Bytes a second from the page cache, medians of interleaved rounds."""

    size: int
    piece_length: int
    limit: float
    """OpenSSL on every core over a buffer that stays in the cache: what one stream a core can reach."""
    ours: float
    torf: float


def measure(files: FileSet, rounds: int = 5) -> HashRate:
    """Hashes the album again and again; UsageError if torf finds other pieces, which would be a fault."""
    piece_length = piece_length_for(files.size)
    if our_pieces(files, piece_length) != torf_pieces(files.root, piece_length):
        raise UsageError(f"{files.root}: torf finds other pieces than this program")
    runs: dict[str, Callable[[], object]] = {
        "limit": lambda: sha1_limit(files.size),
        "ours": lambda: our_pieces(files, piece_length),
        "torf": lambda: torf_pieces(files.root, piece_length),
    }
    rates = {name: files.size / seconds for name, seconds in interleaved(runs, rounds).items()}
    return HashRate(size=files.size, piece_length=piece_length, **rates)


def sha1_limit(size: int) -> None:
    workers = usable_cores()
    buffer = bytes(64 * 1024)

    def one(_worker: int) -> None:
        digest = sha1(usedforsecurity=False)
        for _ in range(max(1, size // workers // len(buffer))):
            digest.update(buffer)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(one, range(workers)))


def our_pieces(files: FileSet, piece_length: int) -> bytes:
    async def run() -> bytes:
        return (await HashPool().hash_files(files, piece_length, progress=lambda *_: None)).digests

    return anyio.run(run)


def torf_pieces(root: Path, piece_length: int) -> bytes:
    """torf's own hashing, with its own number of threads."""
    torrent = torf.Torrent(path=root, piece_size=piece_length)
    torrent.generate()
    pieces: bytes = torrent.metainfo["info"]["pieces"]
    return pieces


def write_album(root: Path, count: int, size: int) -> FileSet:
    """`count` files of `size` bytes each that do not compress."""
    root.mkdir()
    source = random.Random(0)  # noqa: S311 - data to hash
    for number in range(1, count + 1):
        with (root / f"{number:05}.flac").open("wb") as file:
            for begin in range(0, size, CHUNK_SIZE):
                file.write(source.randbytes(min(CHUNK_SIZE, size - begin)))
    return album_at(root)


def album_at(path: Path) -> FileSet:
    """The one album that a path names; UsageError if it is none."""
    found = next(scan([path], one_album=True))
    if not isinstance(found, FileSet):
        raise UsageError(str(found))
    return found
