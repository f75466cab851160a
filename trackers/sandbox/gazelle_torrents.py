"""What Gazelle does to a .torrent: refuses what it cannot use, sets its own flags, hands out little else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any

from attrs import frozen

from .gazelle_kinds import GazelleKind
from .torrents import (
    ListedFile,
    NoFilesInTorrent,
    RegisteredTorrent,
    UnreadableTorrent,
    as_text,
    decode,
    encode,
    infohash_of,
    listed_files,
)

KEPT = ("comment", "encoding")
OF_OTHER_SITES = ("x_cross_seed", "unique")
FORBIDDEN_CHARACTER = re.compile('[:?<>*|"]')
FORBIDDEN_NAMES = (
    *("incomplete~", "ahashare.com", "demonoid.com", "demonoid.me", "djtunes.com", "h33t"),
    *("housexclusive.net", "limetorrents.com", "mixesdb.com", "mixfiend.blogstop", "mixtapetorrent.blogspot"),
    *("plixid.com", "reggaeme.com", "scc.nfo", "thepiratebay.org", "torrentday"),
)


class Broken(Exception):
    """The site's own code fails on it."""


class BadTorrent(ValueError):
    """The site refuses it; the text is its own."""


@frozen
class Received:
    """A torrent as the site registers it, and what of it was right already."""

    registered: RegisteredTorrent
    was_private: bool
    had_source: bool


def register(received: bytes, filename: str, source: str) -> Received:
    """Blocks. Raises BadTorrent and Broken."""
    try:
        metainfo = decode(received)
        info: dict[str, Any] = dict(metainfo["info"])
        files = listed_files(info)
    except UnreadableTorrent:
        raise BadTorrent(f"The torrent file '{filename}' is corrupted, please recreate it") from None
    except NoFilesInTorrent:
        raise Broken from None
    if "encrypted_files" in metainfo:
        raise BadTorrent("This torrent contains an encrypted file list which is not supported here.")
    if "meta version" in info:
        raise BadTorrent("This torrent is not a V1 torrent. V2 and Hybrid torrents are not supported here.")
    was_private, had_source = info.get("private") == 1, info.get("source") == source
    info["private"] = 1
    if not had_source:
        info = {key: value for key, value in info.items() if key not in OF_OTHER_SITES}
        info["source"] = source
    name = as_text(info.get("name", ""))
    registered = RegisteredTorrent(
        data=encode({**{key: metainfo[key] for key in KEPT if key in metainfo}, "info": info}),
        infohash=infohash_of(info),
        name=name,
        folder=name if "files" in info else None,
        files=files,
    )
    return Received(registered, was_private, had_source)


def folder_problem(registered: RegisteredTorrent) -> str | None:
    return _name_problem(registered.folder or "")


def file_problems(registered: RegisteredTorrent, kind: GazelleKind) -> Iterator[str]:
    """The first that is told, and those that follow it."""
    for file in registered.files:
        if problem := _name_problem(file.path) or _extension_problem(file, kind):
            yield problem
    folder = registered.folder or ""
    too_long = [file.path for file in registered.files if len(f"{folder}/{file.path}") > kind.path_length]
    if too_long:
        listed = "".join(f"<li>{escape(path)}</li>" for path in too_long)
        yield f"The torrent contained one or more files with too long a name: <ul>{listed}</ul>"


def _name_problem(name: str) -> str | None:
    if any(forbidden in name.lower() for forbidden in FORBIDDEN_NAMES):
        return f"The torrent contained one or more forbidden files ({escape(name)})"
    if match := FORBIDDEN_CHARACTER.search(name):
        return (
            "One or more of the files or folders in the torrent has a name that contains the forbidden "
            f"character '{escape(match[0])}'. Please rename the files as necessary and recreate the torrent."
            "<br /><br />\nNote: The complete list of characters that are disallowed are shown below:<br />"
            '\n\t\t : ? < > \\ * | " '
        )
    return None


def _extension_problem(file: ListedFile, kind: GazelleKind) -> str | None:
    _, dot, extension = file.parts[-1].rpartition(".")
    if not dot or extension.lower() not in kind.extensions:
        return f"The torrent contained one or more invalid files ({escape(file.path)})"
    return None
