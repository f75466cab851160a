"""Small torrents of albums that need not exist, and a look into those that come back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, cast

import torf

PIECE_LENGTH = 16 * 1024
ALBUM_FILES = (("01 - One.flac", 40_000), ("CD2/02 - Two.flac", 30_000))


def make_torrent(
    name: str = "Artist - Album (2020)",
    files: Sequence[tuple[str, int]] = ALBUM_FILES,
    *,
    source: str | None = "MINE",
    announce: str = "http://127.0.0.1:9/announce/my-passkey",
) -> bytes:
    """A private torrent of a folder; the sizes of its files are in bytes."""
    listed = [{"length": size, "path": path.split("/")} for path, size in files]
    return _dump({"name": name, "files": listed}, sum(size for _, size in files), source, announce)


def make_single_file_torrent(name: str = "One.flac", size: int = 40_000) -> bytes:
    """A torrent of one file without a folder."""
    return _dump({"name": name, "length": size}, size, None, "http://127.0.0.1:9/announce/my-passkey")


def read_torrent(data: bytes) -> dict[str, Any]:
    """Its dictionaries, texts as str, `pieces` as bytes."""
    return cast("dict[str, Any]", torf.Torrent.read_stream(data).metainfo)


def infohash(data: bytes) -> str:
    """40 hex digits."""
    return torf.Torrent.read_stream(data).infohash


def _dump(contents: Mapping[str, object], size: int, source: str | None, announce: str) -> bytes:
    count = -(-size // PIECE_LENGTH)
    digests = (hashlib.sha1(f"{contents['name']}{number}".encode()).digest() for number in range(count))
    info = {**contents, "piece length": PIECE_LENGTH, "pieces": b"".join(digests), "private": 1}
    torrent = torf.Torrent(created_by="mua-async tests")
    metainfo = cast("dict[str, Any]", torrent.metainfo)
    metainfo |= {"announce": announce, "info": info | ({"source": source} if source else {})}
    return torrent.dump(validate=False)
