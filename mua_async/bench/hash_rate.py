"""How fast an album is hashed, beside the hardware's limits and every torrent maker of this machine."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha1
from pathlib import Path
from tempfile import TemporaryDirectory

import torf
from attrs import frozen

from pipeline.errors import UsageError
from pipeline.hashing import multibuffer
from pipeline.hashing.engines import CHUNK_SIZE, HASHLIB, EngineKind, Unavailable
from pipeline.hashing.layout import piece_length_for
from pipeline.hashing.workers import AlbumHash, HashWorkers, usable_cores
from pipeline.model.files import FileSet
from pipeline.scan import scan

from .timing import interleaved

CORE_LIMIT = "limit of one stream a core"
MEMORY_LIMIT = "limit of the memory"
OURS = "mua-async hash"
SHORTEST = 32 * 1024
"""mktorrent makes no shorter pieces."""


@frozen
class HashRate:
    """Seconds from the page cache, medians of interleaved rounds; `programs` are whole processes."""

    size: int
    piece_length: int
    engine: str
    """The one in use."""
    inside: Mapping[str, float]
    """Limits and engines, within this process."""
    programs: Mapping[str, float]


def measure(files: FileSet, engine: EngineKind, rounds: int = 5) -> HashRate:
    """Hashes the album again and again; UsageError if torf finds other pieces, which would be a fault."""
    length = max(piece_length_for(files.size), SHORTEST)
    expected = torf_pieces(files, length)
    for kind in _engines().values():
        if our_pieces(files, length, kind) != expected:
            raise UsageError(f"{files.root}: torf finds other pieces than {kind.name}")
    inside: dict[str, Callable[[], object]] = {
        CORE_LIMIT: lambda: sha1_limit(files.size),
        MEMORY_LIMIT: lambda: copy_limit(files),
    }
    for name, kind in _engines().items():
        inside[name] = _hashing(files, length, kind)
    inside["torf"] = lambda: torf_pieces(files, length)
    with TemporaryDirectory(prefix="mua-async-bench-") as folder:
        programs = {
            name: _running(command, Path(folder)) for name, command in _programs(files, length).items()
        }
        seconds = interleaved({**inside, **{f"{name} ": run for name, run in programs.items()}}, rounds)
    return HashRate(
        size=files.size,
        piece_length=length,
        engine=engine.name,
        inside={name: seconds[name] for name in inside},
        programs={name: seconds[f"{name} "] for name in programs},
    )


def _engines() -> dict[str, EngineKind]:
    """Every engine and kernel that this machine can run, by the name that is shown."""
    kinds = []
    for name in multibuffer.LABELS:
        try:
            kinds.append(multibuffer.load(name))
        except Unavailable:
            continue
    return {kind.name: kind for kind in (*kinds, HASHLIB)}


def _hashing(files: FileSet, length: int, kind: EngineKind) -> Callable[[], bytes]:
    return lambda: our_pieces(files, length, kind)


def sha1_limit(size: int) -> None:
    """OpenSSL on every core over a buffer that stays in the cache: what one stream a core can reach."""
    workers = usable_cores()
    buffer = bytes(64 * 1024)

    def one(_worker: int) -> None:
        digest = sha1(usedforsecurity=False)
        for _ in range(max(1, size // workers // len(buffer))):
            digest.update(buffer)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(one, range(workers)))


def copy_limit(files: FileSet) -> None:
    """Every core copies files out of the page cache, and nothing else."""

    def one(path: Path) -> None:
        buffer = bytearray(CHUNK_SIZE)
        with path.open("rb", buffering=0) as file:
            while file.readinto(buffer):
                pass

    with ThreadPoolExecutor(usable_cores()) as pool:
        list(pool.map(one, [file.path for file in files.files]))


def our_pieces(files: FileSet, piece_length: int, engine: EngineKind) -> bytes:
    """Without an event loop, as `mua-async hash` does it."""
    album = AlbumHash(HashWorkers(engine), files, [piece_length])
    album.start()
    return album.result()[0].digests


def torf_pieces(files: FileSet, piece_length: int) -> bytes:
    """torf's own hashing of the same files, with its own number of threads."""
    torrent = torf.Torrent()
    torrent.filepaths = [torf.Filepath(file.path) for file in files.files]
    torrent.piece_size = piece_length
    torrent.generate()
    pieces: bytes = torrent.metainfo["info"]["pieces"]
    return pieces


TORF = """
import sys, torf
piece_length, out, *paths = sys.argv[1:]
torrent = torf.Torrent(private=True)
torrent.filepaths = paths
torrent.piece_size = int(piece_length)
torrent.generate()
torrent.write(out)
"""


def _programs(files: FileSet, length: int) -> dict[str, list[str]]:
    """Commands that write the torrent `{out}`, or into `{folder}`: ours, torf's, those that are installed."""
    album, bits, cores = str(files.root), str(length.bit_length() - 1), str(usable_cores())
    ours = [sys.executable, "-m", "mua_async", "hash", "--one-album", album, "--piece-length", str(length)]
    peers = {
        f"mktorrent -t {cores}": ["mktorrent", "-p", "-t", cores, "-l", bits, "-o", "{out}", album],
        "mkbrr": ["mkbrr", "create", album, "-l", bits, "-o", "{out}"],
        "torrenttools": ["torrenttools", "create", album, "-l", bits, "-o", "{out}"],
        "imdl": ["imdl", "torrent", "create", album, "-p", str(length), "-o", "{out}"],
        "transmission-create": ["transmission-create", album, "-s", str(length // 1024), "-o", "{out}"],
    }
    found = {name: command for name, command in peers.items() if shutil.which(command[0])}
    return {
        OURS: [*ours, "-o", "{folder}"],
        "torf, as a program": [
            sys.executable,
            "-c",
            TORF,
            str(length),
            "{out}",
            *(str(file.path) for file in files.files),
        ],
        **found,
    }


def _running(command: list[str], folder: Path) -> Callable[[], None]:
    def run() -> None:
        with TemporaryDirectory(dir=folder) as new:
            places = {"{out}": os.path.join(new, "made.torrent"), "{folder}": new}
            words = [places.get(word, word) for word in command]
            done = subprocess.run(words, capture_output=True, check=False)  # noqa: S603 - no shell, known words
            if done.returncode or not os.listdir(new):
                raise UsageError(f"{command[0]} failed: {done.stderr.decode(errors='replace').strip()}")

    return run


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
