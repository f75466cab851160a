"""Whether a torrent that a site lists is the release that is to be uploaded."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from attrs import frozen

from pipeline.album import VARIOUS_ARTISTS
from pipeline.model.album import Media
from pipeline.model.audio import Codec
from pipeline.model.upload import UploadRequest

Entry: TypeAlias = Mapping[str, object]
"""The attributes of a torrent in a site's list: `id`, `name`, `files` with `name` and `size`..."""

Files: TypeAlias = Sequence[tuple[tuple[str, ...], int]]
"""Path below the top folder and size of each."""

LONGEST_NAME = 1024
"""Characters; a name's accents are compared in quadratic time."""
BIT_DEPTH = re.compile(r"(?<![0-9])(16|24)[ ._-]?bit")
# What joins the words of one title; brackets, dashes and the like part it from others.
JOINT = re.compile(r"[\s.'\u2019&]*")
YEAR = re.compile(r"(?:19|20)[0-9]{2}")
EDITION_STEMS = (
    *("anniversary", "bonus", "collector", "deluxe", "expanded", "japan"),
    *("limited", "mono", "reissue", "remaster", "special"),
)
"""Beginnings of words that tell one edition of a release from another."""
DESCRIPTIONS = frozenset(
    {
        *(codec.lower() for codec in Codec),
        *(media.lower() for media in Media),
        *("16bit", "24bit", "lossless", "lossy", "320", "v0", "album", "ep", "lp", "single"),
    }
)
"""Words in a name that belong to no title."""
VARIOUS = (("various", "artists"), ("various",), ("va",))


@frozen
class Word:
    text: str
    apart: bool
    """More than a space or a dot stands before it."""


def search_words(request: UploadRequest) -> str:
    """What finds the release by name: nothing that another uploader would not write, too."""
    album = request.release.album
    artist = "" if album.artist == VARIOUS_ARTISTS else album.artist
    return " ".join(word for word in (album.title, artist) if word)


def same_files(entry: Entry, files: Files) -> bool:
    """The same paths below the top folder, with the same sizes."""
    return sorted(_listed_files(entry)) == sorted(("/".join(parts), size) for parts, size in files)


def same_release(entry: Entry, request: UploadRequest) -> bool:
    """Our artist and title stand in its name, and no year, edition or bit depth there is not ours.

    Two uploads that only may be of one edition count as one: the user is asked, the site is not.
    """
    album = request.release.album
    name = str(entry.get("name") or "")[:LONGEST_NAME]
    if not _names(name, album.artist, album.title) or _other_bit_depth(name, request.name):
        return False
    theirs, title = set(words_of(name)), set(words_of(f"{album.artist} {album.title}"))
    ours = title | set(words_of(f"{request.name} {album.edition or ''}"))
    years = {word for word in theirs - title if YEAR.fullmatch(word)}
    known = {str(year) for year in (album.year, album.edition_year) if year}
    return (not known or years <= known) and _edition(theirs) == _edition(ours)


def words_of(text: str) -> list[str]:
    """Its words as a site's database compares them: case and accents do not distinguish."""
    return [word.text for word in _split(text)]


def _split(text: str) -> list[Word]:
    folded = _folded(text).replace("_", " ")
    words: list[Word] = []
    end = 0
    for match in re.finditer(r"\w+", folded):
        # `and` is an `&` to others.
        if match[0] != "and":
            words.append(Word(match[0], apart=JOINT.fullmatch(folded, end, match.start()) is None))
        end = match.end()
    return words


def _names(name: str, artist: str | None, title: str | None) -> bool:
    """Whether the name is of that title by that artist, whichever stands first."""
    words, wanted = _split(name), words_of(title or "")
    return any(
        _stands_alone(part, wanted) if wanted else _folded(title or "") in _folded(name)
        for part in _parts_beside(words, artist or "", _folded(name))
    )


def _parts_beside(words: list[Word], artist: str, folded_name: str) -> Iterator[list[Word]]:
    """What stands before and after the artist, wherever that is."""
    spellings = [*(VARIOUS if artist == VARIOUS_ARTISTS else ()), tuple(words_of(artist))]
    if not any(spellings):
        # An artist without words, such as `!!!`, can only be looked for as it stands.
        yield from [words] if _folded(artist) in folded_name else []
    for spelling in filter(None, spellings):
        for start in _places(words, spelling):
            yield words[:start]
            yield words[start + len(spelling) :]


def _places(words: Sequence[Word], wanted: Sequence[str]) -> Iterator[int]:
    """Where the wanted words begin, one directly after the other."""
    texts = [word.text for word in words]
    size = len(wanted)
    return (start for start in range(len(texts) - size + 1) if texts[start : start + size] == [*wanted])


def _stands_alone(words: Sequence[Word], wanted: Sequence[str]) -> bool:
    """Whether the wanted words stand there as a title, rather than in the midst of a longer one."""
    for start in _places(words, wanted):
        end = start + len(wanted)
        begins = start == 0 or words[start].apart or _describes(words[start - 1].text)
        ends = end == len(words) or words[end].apart or _describes(words[end].text)
        if begins and ends:
            return True
    return False


def _describes(word: str) -> bool:
    return word in DESCRIPTIONS or YEAR.fullmatch(word) is not None or bool(_edition({word}))


def _other_bit_depth(name: str, ours: str) -> bool:
    depths = [set(BIT_DEPTH.findall(text.lower())) for text in (name, ours)]
    return all(depths) and depths[0].isdisjoint(depths[1])


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
        yield (str(file.get("name")), int(size)) if re.fullmatch("[0-9]{1,18}", size) else ("", -1)
