"""Whether a torrent that a site lists is the release that is to be uploaded."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from pipeline.album import VARIOUS_ARTISTS
from pipeline.model import UploadRequest

Entry: TypeAlias = Mapping[str, object]
"""The attributes of a torrent in a site's list: `id`, `name`, `files` with `name` and `size`..."""

YEAR = re.compile(r"(?:19|20)[0-9]{2}")
EDITION_STEMS = (
    *("anniversary", "bonus", "collector", "deluxe", "expanded", "japan"),
    *("limited", "mono", "reissue", "remaster", "special"),
)
"""Beginnings of words that tell one edition of a release from another."""


def search_words(request: UploadRequest) -> str:
    """What finds the release by name: nothing that another uploader would not write, too."""
    album = request.release.album
    artist = "" if album.artist == VARIOUS_ARTISTS else album.artist
    return " ".join(word for word in (album.title, artist) if word)


def same_files(entry: Entry, request: UploadRequest) -> bool:
    """The same paths below the top folder, with the same sizes."""
    ours = sorted(("/".join(file.parts), file.size) for file in request.release.album.files.files)
    return sorted(_listed_files(entry)) == ours


def same_release(entry: Entry, request: UploadRequest) -> bool:
    """Our artist and title stand in its name, and no year or edition there is another one than ours.

    Two uploads that only may be of one edition count as one: the user is asked, the site is not.
    """
    album = request.release.album
    name = str(entry.get("name") or "")
    if not _names(name, album.title) or not _names_artist(name, album.artist):
        return False
    theirs, title = set(words_of(name)), set(words_of(f"{album.artist} {album.title}"))
    ours = title | set(words_of(f"{request.name} {album.edition or ''}"))
    years = {word for word in theirs - title if YEAR.fullmatch(word)}
    known = {str(year) for year in (album.year, album.edition_year) if year}
    return (not known or years <= known) and _edition(theirs) == _edition(ours)


def words_of(text: str) -> list[str]:
    """Its words as a site's database compares them: case and accents do not distinguish."""
    return re.findall(r"\w+", _folded(text).replace("_", " "))


def _names(name: str, wanted: str | None) -> bool:
    """Whether the wanted words stand in the name; a title without words, such as `÷`, stands there itself."""
    words = words_of(wanted or "")
    return set(words) <= set(words_of(name)) if words else _folded(wanted or "") in _folded(name)


def _names_artist(name: str, artist: str | None) -> bool:
    if artist == VARIOUS_ARTISTS and not {"va", "various"}.isdisjoint(words_of(name)):
        return True
    return _names(name, artist)


def _edition(words: set[str]) -> set[str]:
    return {stem for stem in EDITION_STEMS for word in words if word.startswith(stem)}


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _listed_files(entry: Entry) -> Iterator[tuple[str, int]]:
    files = entry.get("files")
    for file in files if isinstance(files, list) else []:
        # An entry that cannot be read is not left out: the lists would seem equal without it.
        size = str(file.get("size")) if isinstance(file, dict) else ""
        yield (str(file.get("name")), int(size)) if re.fullmatch("[0-9]+", size) else ("", -1)
