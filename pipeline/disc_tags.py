"""Whether sibling folders are the discs of one album, by the tags of one file in each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from .errors import TagError
from .tags import parse_number, read_tags

Tags = Mapping[str, tuple[str, ...]]


def share_an_album(tracks: Iterable[Path | None]) -> bool:
    """Tells whether the tracks, one of each folder, are of discs 1..N of one album and album artist.

    Ends at the first that is not; None stands for a folder that is surely no disc.
    """
    discs: list[int] = []
    album: tuple[str, str] | None = None
    for track in tracks:
        tags = _tags(track) if track is not None else {}
        own, disc = _album(tags), parse_number(tags.get("discnumber", ()))
        if disc is None or own is None or own != (album or own):
            return False
        album = own
        discs.append(disc)
    return len(discs) > 1 and sorted(discs) == list(range(1, len(discs) + 1))


def _tags(track: Path) -> Tags:
    """No tags where the file is broken: the next stage says so, with the file's name."""
    try:
        return read_tags(track)
    except TagError:
        return {}


def _album(tags: Tags) -> tuple[str, str] | None:
    titles = tags.get("album")
    artists = tags.get("albumartist") or tags.get("artist")
    return (titles[0].casefold(), artists[0].casefold()) if titles and artists else None
