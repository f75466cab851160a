"""Makes the .torrent for a tracker from an album's pieces, and reads what a site gives back."""

from __future__ import annotations

import os
from collections.abc import Mapping
from hashlib import sha1
from typing import TypeVar, cast

import torf
from attrs import field, frozen

from .bencode import BencodeError, top_level
from .errors import HashError
from .model.files import FileSet
from .model.pieces import Pieces, Torrent
from .secret import Secret
from .text import printable

T = TypeVar("T")

CREATED_BY = "mua-async"
LARGEST_TORRENT = 64 * 1024 * 1024


class NotATorrent(ValueError):
    """The bytes are no BitTorrent v1 metainfo that can be trusted."""


@frozen
class SiteTorrent:
    """A .torrent as a site gave it."""

    name: str
    infohash: str
    """40 hex digits, lower case, over the bytes of `info` as the site wrote them."""
    piece_length: int
    pieces: bytes = field(repr=False)
    files: tuple[tuple[tuple[str, ...], int], ...] = field(repr=False)
    """Path below the folder and size of each; for a single file its name."""
    private: bool
    source: str | None
    announce: Secret | None


def make_torrent(pieces: Pieces, *, announce_url: Secret, source: str) -> Torrent:
    """A private BitTorrent v1 torrent; the same input gives the same bytes.

    Raises HashError (`name_not_utf8`) where a name cannot be written into a torrent.
    """
    files = pieces.files
    check_names(files)
    torrent = torf.Torrent(private=True, created_by=CREATED_BY)
    info = torrent.metainfo["info"]
    info["name"] = _utf8(files.name)
    info["piece length"] = pieces.piece_length
    info["pieces"] = pieces.digests
    if files.single:
        info["length"] = files.size
    else:
        info["files"] = [
            {"length": file.size, "path": [_utf8(part) for part in file.parts]} for file in files.files
        ]
    if source:
        info["source"] = source
    if announce_url:
        torrent.metainfo["announce"] = announce_url.reveal()
    data = torrent.dump(validate=False)  # validation takes 100 ms at 3000 files and finds nothing here
    return Torrent(files.name, data, _infohash(data[top_level(data)[b"info"]]), pieces.piece_length)


def info_of(torrent: Torrent) -> bytes:
    """The info dictionary as it stands in the torrent: all of it but the announce address, which is a key."""
    return torrent.data[top_level(torrent.data)[b"info"]]


def torrent_around(info: bytes, announce_url: Secret) -> Torrent:
    """The torrent that `make_torrent` made, from its info dictionary."""
    announce = announce_url.reveal().encode()
    head = b"8:announce%d:%b" % (len(announce), announce) if announce else b""
    creator = b"10:created by%d:%b" % (len(CREATED_BY), CREATED_BY.encode())
    data = b"d%b%b4:info%be" % (head, creator, info)
    site = read_torrent(data)
    return Torrent(site.name, data, site.infohash, site.piece_length)


def check_names(files: FileSet) -> None:
    """Raises HashError (`name_not_utf8`) for the first name that is not UTF-8: no client could seed it."""
    names = [(files.name, files.root)]
    names += [(part, file.path) for file in files.files for part in file.parts]
    for name, path in names:
        try:
            _utf8(name)
        except UnicodeDecodeError as error:
            raise HashError(
                f"{printable(str(path))} has a name that is not UTF-8",
                path=path,
                reason="name_not_utf8",
                hint="rename it, for instance with convmv",
            ) from error


def _utf8(name: str) -> str:
    """A name such that its UTF-8 is the name's bytes on the disk."""
    return os.fsencode(name).decode("utf-8")


def same_pieces(ours: SiteTorrent, theirs: SiteTorrent) -> bool:
    """Whether both hold the very same bytes, cut in the same way."""
    return ours.piece_length == theirs.piece_length and ours.pieces == theirs.pieces


def same_names(ours: SiteTorrent, theirs: SiteTorrent) -> bool:
    """Whether both look for the very same names and sizes on the disk."""
    return ours.name == theirs.name and sorted(ours.files) == sorted(theirs.files)


def read_torrent(data: bytes) -> SiteTorrent:
    """What the bytes from a site say; raises NotATorrent for anything else. Blocks: 50 ms at 3000 files."""
    if len(data) > LARGEST_TORRENT:
        raise NotATorrent(f"no torrent: {len(data)} bytes are too many")
    try:
        spans = top_level(data)
        raw_info = data[spans[b"info"]]
        # torf gets nothing but the info, so that an odd date elsewhere cannot make a good torrent unreadable.
        metainfo = _Metainfo.read_stream(b"d4:info" + raw_info + b"e", validate=False).metainfo
    except KeyError:
        raise NotATorrent("no torrent: it has no info") from None
    except (BencodeError, torf.TorfError) as error:
        raise NotATorrent(f"no torrent: {error}") from error
    info = cast(Mapping[str, object], metainfo["info"])
    files, length, pieces = _files(info), _get(info, "piece length", int), _get(info, "pieces", bytes)
    size = sum(size for _, size in files)
    if length <= 0 or len(pieces) != 20 * -(-size // length):
        raise NotATorrent("no torrent: the number of pieces is not that of the files")
    return SiteTorrent(
        name=_text(info.get("name")),
        infohash=_infohash(raw_info),
        piece_length=length,
        pieces=pieces,
        files=files,
        private=bool(info.get("private")),
        source=_text(info["source"]) if "source" in info else None,
        announce=_announce(data[spans[b"announce"]]) if b"announce" in spans else None,
    )


class _Metainfo(torf.Torrent):
    MAX_TORRENT_FILE_SIZE = LARGEST_TORRENT + 64


def _infohash(raw_info: bytes) -> str:
    return sha1(raw_info, usedforsecurity=False).hexdigest()


def _announce(bencoded: bytes) -> Secret | None:
    _, is_text, url = bencoded.partition(b":")
    return Secret(url.decode("utf-8", "replace")) if is_text and bencoded[:1].isdigit() else None


def _files(info: Mapping[str, object]) -> tuple[tuple[tuple[str, ...], int], ...]:
    if "files" not in info:
        return (((_text(info.get("name")),), _size(info)),)
    tables = _get(info, "files", list)
    if not all(isinstance(table, dict) for table in tables):
        raise NotATorrent("no torrent: a file is no dictionary")
    return tuple((tuple(_text(part) for part in _get(table, "path", list)), _size(table)) for table in tables)


def _size(table: Mapping[str, object]) -> int:
    size = _get(table, "length", int)
    if size < 0:
        raise NotATorrent("no torrent: a file has a negative size")
    return size


def _get(table: Mapping[str, object], key: str, kind: type[T]) -> T:
    value = table.get(key)
    if not isinstance(value, kind):
        raise NotATorrent(f"no torrent: {key!r} is missing, or is something else")
    return value


def _text(value: object) -> str:
    """torf leaves texts that are not UTF-8 as bytes."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, str):
        return value
    raise NotATorrent("no torrent: a name is no text")
