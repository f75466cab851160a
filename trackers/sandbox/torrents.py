"""What a site does to a .torrent: reads it, judges its file names, rewrites it, hands it out."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Mapping
from typing import Any, cast

from attrs import field, frozen
from torf import TorfError, Torrent

KEPT = ("comment", "created by", "encoding")
KEPT_IN_INFO = ("files", "length", "name", "piece length", "pieces")
SITE_COMMENT = "A torrent of the mua-async sandbox"

BAD_NAME = re.compile(
    r"""
    .*[\\/?<>:*|"\x00-\x1f].*
    | \.+
    | .*[. ]
    | (con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?
    | \.?____padding.*
    | \.pad.*
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
LONGEST_NAME = 255
"""Bytes of a file's or folder's name."""


class UnreadableTorrent(ValueError):
    """It is not bencode, or has no `info`."""


class NoFilesInTorrent(ValueError):
    """It lists no files in the way of BitTorrent v1."""


@frozen
class ListedFile:
    """A file of a torrent: the parts of its path below the top folder, its size in bytes."""

    parts: tuple[str, ...]
    size: int

    @property
    def path(self) -> str:
        return "/".join(self.parts)


@frozen
class RegisteredTorrent:
    """A .torrent as rewritten for the site; `folder` is None where it is a single file."""

    data: bytes = field(repr=False)
    infohash: str
    name: str
    folder: str | None
    files: tuple[ListedFile, ...]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


def register(received: bytes, *, source: str, random_infohash: bool) -> RegisteredTorrent:
    """Rewrites a torrent as UNIT3D does; blocks. Raises UnreadableTorrent and NoFilesInTorrent."""
    metainfo = decode(received)
    info = {key: metainfo["info"][key] for key in KEPT_IN_INFO if key in metainfo["info"]}
    files = listed_files(info)
    info |= {"source": source, "private": 1}
    if random_infohash:
        info["entropy"] = secrets.token_hex(64)
    kept = {key: metainfo[key] for key in KEPT if key in metainfo}
    creator = as_text(kept.get("created by", "")).rstrip(". ")
    kept["created by"] = f"{creator}. Edited by UNIT3D" if creator else "Edited by UNIT3D"
    name = as_text(info.get("name", ""))
    return RegisteredTorrent(
        data=encode({**kept, "comment": SITE_COMMENT, "info": info}),
        infohash=infohash_of(info),
        name=name,
        folder=name if "files" in info else None,
        files=files,
    )


def personal_copy(torrent: bytes, *, announce: str, page: str, other_pieces: bool = False) -> bytes:
    """The torrent as one user downloads it, made for other content if asked; blocks."""
    metainfo = decode(torrent)
    metainfo |= {"announce": announce, "comment": f"{SITE_COMMENT}. {page}"}
    if other_pieces:
        metainfo["info"]["pieces"] = bytes(byte ^ 0xFF for byte in metainfo["info"]["pieces"])
    return encode(metainfo)


def is_bad_name(name: str, *, tilde_forbidden: bool) -> bool:
    """Whether UNIT3D refuses a file or folder of that name."""
    too_long = len(name.encode("utf-8", "surrogateescape")) > LONGEST_NAME
    return too_long or bool(BAD_NAME.fullmatch(name)) or (tilde_forbidden and name.startswith("~"))


def is_utf8(name: str) -> bool:
    return not any("\udc80" <= character <= "\udcff" for character in name)


def fold(text: str) -> str:
    """The text as a database compares it: neither case nor accents distinguish."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character)).strip()


def decode(data: bytes) -> dict[str, Any]:
    """The torrent's dictionaries, texts as str, or as bytes where they are no UTF-8."""
    try:
        metainfo = cast("dict[str, Any]", Torrent.read_stream(data, validate=False).metainfo)
    except (TorfError, ValueError, TypeError, ArithmeticError, OSError, MemoryError, RecursionError) as error:
        # torf turns only some of what a hostile file makes it stumble over into errors of its own.
        raise UnreadableTorrent("the file is not bencode") from error
    if not isinstance(metainfo["info"].get("pieces"), bytes):
        raise UnreadableTorrent("the file has no info with pieces")
    return metainfo


def encode(metainfo: Mapping[str, Any]) -> bytes:
    torrent = Torrent(created_by=None)
    cast("dict[str, Any]", torrent.metainfo).update(metainfo)
    return torrent.dump(validate=False)


def infohash_of(info: Mapping[str, Any]) -> str:
    """40 hex digits, lower case."""
    bencoded = encode({"info": info})[len(b"d4:info") : -len(b"e")]
    return hashlib.sha1(bencoded, usedforsecurity=False).hexdigest()


def listed_files(info: Mapping[str, Any]) -> tuple[ListedFile, ...]:
    """Raises NoFilesInTorrent."""
    try:
        if "files" not in info:
            return (ListedFile((as_text(info["name"]),), int(info["length"])),)
        return tuple(
            ListedFile(tuple(map(as_text, file["path"])), int(file["length"])) for file in info["files"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise NoFilesInTorrent("the torrent lists no files") from error


def as_text(value: object) -> str:
    """A text of a torrent, which is bytes where it is no UTF-8."""
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)
