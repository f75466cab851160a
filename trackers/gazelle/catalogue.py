"""Compares what a site lists with what is to be uploaded: groups, editions, files."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from pipeline.labels import Encoding
from pipeline.model.album import Album

from ..answers import first_text
from ..same_release import LONGEST_NAME, Files
from ..same_release import words_of as all_words_of
from .form import main_artists

LISTED_FILE = re.compile(r"(.*)\{\{\{([0-9]{1,18})\}\}\}", re.DOTALL)
"""A path and a size in `fileList`."""
BETWEEN_FILES = "|||"
MANY = 3
"""Main artists from which on a site shows a group as one of various artists."""
VARIOUS = ["various", "artists"]

Table = Mapping[str, object]


@frozen
class Wanted:
    """What is looked for: the album in the form's words."""

    album: Album
    media: str
    encoding: Encoding

    @property
    def bitrate(self) -> str:
        """As replies write it: `320`, `V0 (VBR)`, and of others `243 (VBR)`."""
        if self.encoding.other_bitrate is None:
            return self.encoding.encoding or ""
        return self.encoding.other_bitrate + (" (VBR)" if self.encoding.vbr else "")

    def is_group(self, group: Table) -> bool:
        """Whether the group is of this title by one of these artists."""
        title = self.album.title or ""
        named = _text(group, "groupName", "name")
        if words_of(named) != words_of(title) and named.casefold() != title.casefold():
            return False
        wanted = [words_of(name) for name in main_artists(self.album)]
        shown = words_of(_text(group, "artist"))
        listed = [words_of(name) for name in _artists(group)]
        if not wanted or (shown == VARIOUS and len(wanted) >= MANY):
            return True
        return any(name in listed or _is_part(name, shown) for name in wanted)

    def is_like(self, torrent: Table) -> bool:
        """The same medium, format and bitrate, in what may be the same edition."""
        pairs = (("media", self.media), ("format", self.encoding.format), ("encoding", self.bitrate))
        return all(_text(torrent, key) == word for key, word in pairs) and self._is_edition(torrent)

    def _is_edition(self, torrent: Table) -> bool:
        """Two uploads that only may be of one edition count as one: the user is asked, the site is not."""
        album = self.album
        year = _text(torrent, "remasterYear")
        ours = str(album.edition_year or album.year or "")
        if year not in ("", "0") and ours and year != ours:
            return False
        number = _text(torrent, "remasterCatalogueNumber")
        if number and album.catalogue_number and words_of(number) != words_of(album.catalogue_number):
            return False
        return words_of(_text(torrent, "remasterTitle")) == words_of(album.edition or "")


def search_query(album: Album) -> list[tuple[str, str]]:
    """What finds the album by name; empty where its name has no words."""
    artists = main_artists(album)
    texts = {"artistname": artists[0] if artists else "", "groupname": album.title or ""}
    # The search engine has signs of its own, on which it fails.
    plain = {name: " ".join(re.findall(r"\w+", text)) for name, text in texts.items()}
    return [(name, text) for name, text in plain.items() if text]


def torrents_of(group: Table) -> list[Table]:
    """The torrents that a search lists for a group."""
    found = group.get("torrents")
    return [torrent for torrent in found if isinstance(torrent, dict)] if isinstance(found, list) else []


def same_file_list(torrent: Table, files: Files) -> bool:
    """The same paths below the folder, with the same sizes."""
    listed = []
    for entry in _text(torrent, "fileList").split(BETWEEN_FILES):
        match = LISTED_FILE.fullmatch(entry)
        if match is None:
            return False
        listed.append((match[1], int(match[2])))
    return sorted(listed) == sorted(("/".join(parts), size) for parts, size in files)


def may_have_size(torrent: Table, files: Files) -> bool:
    size = first_text([torrent], "size")
    return size is None or size == str(sum(size for _, size in files))


def described(group: Table, torrent: Table) -> str:
    """A torrent in words: `The Testers - First Light [2001 / WEB / FLAC / Lossless]`."""
    artist = _text(group, "artist") or ", ".join(_artists(group))
    name = " - ".join(filter(None, (artist, _text(group, "groupName", "name"))))
    facts = [_text(torrent, key) for key in ("remasterTitle", "media", "format", "encoding")]
    return f"{name} [{' / '.join(filter(None, (_text(group, 'groupYear', 'year'), *facts)))}]"


def words_of(text: str) -> list[str]:
    """A name's words: no name is as long as what a broken site may give for one."""
    return all_words_of(text[:LONGEST_NAME])


def _artists(group: Table) -> Iterator[str]:
    """The main artists, as a search tells them of each torrent and a group of itself."""
    info = group.get("musicInfo")
    places = [info] if isinstance(info, dict) else torrents_of(group)
    for place in places:
        listed = place.get("artists")
        for artist in listed if isinstance(listed, list) else []:
            if isinstance(artist, dict):
                yield _text(artist, "name")


def _is_part(words: Sequence[str], of: Sequence[str]) -> bool:
    size = len(words)
    return bool(words) and any(of[start : start + size] == words for start in range(len(of) - size + 1))


def _text(table: Table, *keys: str) -> str:
    """The first of these texts, unescaped; numbers are texts to some sites."""
    return html.unescape(first_text([table], *keys) or "")
