"""What a file's name and place say of the picture in it."""

from __future__ import annotations

import re
from enum import IntEnum
from pathlib import PurePath

from ..model.album import Album
from ..model.files import AlbumFile

PICTURE_SUFFIXES = {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif"}
"""A file with another is not looked into; what one of these holds is told from its bytes."""
ART_FOLDERS = {"art", "artwork", "cover", "covers", "scan", "scans"}
COVER_NAMES = ("cover", "front", "folder", "album", "albumart")
OTHER_SIDES = {"back", "rear", "inside", "inner", "inlay", "booklet", "tray", "matrix", "spine", "obi"}


class Role(IntEnum):
    """How sure it is that a picture shows the front; the surest comes first."""

    FRONT = 0
    PERHAPS = 1
    OTHER = 2


class Place(IntEnum):
    """Where a picture was found; the nearest comes first."""

    BESIDE = 0
    ART_FOLDER = 1
    EMBEDDED = 2


def place_of(album: Album, file: AlbumFile) -> Place | None:
    """Beside the tracks or in a folder of artwork there; None for any other place."""
    beside = {audio.parts[:-1] for audio in album.files.audio} | {()}
    folder = file.parts[:-1]
    if folder in beside:
        return Place.BESIDE
    is_art = bool(folder) and folder[-1].casefold() in ART_FOLDERS and folder[:-1] in beside
    return Place.ART_FOLDER if is_art else None


def name_rank(album: Album, name: str) -> int | None:
    """How much a file's name says that it is the front cover, 0 the most; None if it is none."""
    path = PurePath(name.casefold())
    words = re.findall(r"[^\W\d_]+", path.stem)
    if path.suffix not in PICTURE_SUFFIXES or OTHER_SIDES & set(words):
        return None
    if path.stem in COVER_NAMES:
        return COVER_NAMES.index(path.stem)
    if _words(path.stem) in _album_names(album):
        return len(COVER_NAMES)
    if any(word.startswith(("cover", "front", "albumart")) for word in words):
        return len(COVER_NAMES) + 1
    return None


def role_of(rank: int) -> Role:
    """Of a file whose name has this rank."""
    return Role.FRONT if rank <= len(COVER_NAMES) else Role.PERHAPS


def _album_names(album: Album) -> list[list[str]]:
    """The words of `artist - album`, of the album's title and of its folder."""
    title = album.title or ""
    names = (f"{album.artist or ''} {title}" if title else "", title, album.files.name)
    return [words for name in names if (words := _words(name.casefold()))]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)
