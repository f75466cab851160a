"""Albums that differ in what their tags say; each is made in every encoding."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

from attrs import field, frozen

from tests.support.audio import Tags, write_tags

from .encodings import Encoding
from .manifest import CorpusAlbum, Truth

TRACKS = 2
TagValue = str | Sequence[str]


@frozen(kw_only=True)
class Tagging:
    """Tags of an album and, beside them, what they mean."""

    id: str
    tags: Tags
    artist: str
    title: str
    track_artists: tuple[str, ...] = ()
    truth: Mapping[str, Any] = field(factory=dict)


TAGGINGS = (
    Tagging(
        id="plain",
        tags={"artist": "The Testers", "album": "First Light", "date": "2001-05-04"},
        artist="The Testers",
        title="First Light",
        truth={"year": 2001},
    ),
    Tagging(
        id="reissue",
        tags={
            "artist": "Loop & Sons",
            "albumartist": "Loop & Sons",
            "album": "Second Light",
            "date": "2010",
            "originaldate": "1999-01-01",
            "label": "Loop Records",
            "catalognumber": "LOOP 12",
            "media": "DVD",
            "releasetype": "ep",
            "genre": "Ambient",
        },
        artist="Loop & Sons",
        title="Second Light",
        truth={
            "year": 1999,
            "edition": "2010, LOOP 12",
            "media": "DVD",
            "category": "EP",
            "genres": ("Ambient",),
        },
    ),
    Tagging(
        id="compilation",
        tags={"albumartist": "Various Artists", "album": "Many Lights", "date": "2015", "compilation": "1"},
        artist="Various Artists",
        title="Many Lights",
        track_artists=("Earth, Wind & Fire", "Tyler, the Creator"),
        truth={"year": 2015, "category": "COMPILATION"},
    ),
    Tagging(
        id="live",
        tags={
            "artist": "AC/DC",
            "albumartist": "AC/DC",
            "album": "Live Light",
            "date": "1992",
            "releasetype": ["album", "live"],
            "media": "Digital Media",
            "genre": ["Rock", "Hard Rock"],
        },
        artist="AC/DC",
        title="Live Light",
        truth={"year": 1992, "media": "WEB", "category": "LIVE", "genres": ("Rock", "Hard Rock")},
    ),
    Tagging(
        id="unicode",
        tags={
            "artist": unicodedata.normalize("NFD", "Beyoncé Ånge"),
            "album": "東京 😀 العربية",
            "date": "2020",
        },
        artist="Beyoncé Ånge",
        title="東京 😀 العربية",
        truth={"year": 2020},
    ),
    Tagging(
        id="punctuation",
        tags={"artist": "What?", "album": 'Why: "Because" * <Really>', "date": "1984"},
        artist="What?",
        title='Why: "Because" * <Really>',
        truth={"year": 1984},
    ),
)


def make_tagged(library: Path, tagging: Tagging, encoding: Encoding) -> CorpusAlbum:
    """Two tracks; the name of the encoding is part of the title, so that no two releases are alike."""
    name = f"{tagging.id} {encoding.id}"
    title = f"{tagging.title} {encoding.id}"
    folder = library / name
    folder.mkdir(parents=True)
    tracks = tuple(f"Song {number} of {tagging.id}" for number in range(1, TRACKS + 1))
    for number, track in enumerate(tracks, 1):
        path = folder / f"{number:02} Song{encoding.suffix}"
        path.write_bytes(encoding.encode(crc32(f"{name} {number}".encode())))
        own: dict[str, TagValue] = {"title": track, "tracknumber": f"{number}/{TRACKS}", "album": title}
        if tagging.track_artists:
            own["artist"] = tagging.track_artists[number - 1]
        write_tags(path, encoding.codec, {**tagging.tags, **own})
    truth: dict[str, Any] = {
        "artist": tagging.artist,
        "title": title,
        "format": str(encoding.codec),
        "quality": encoding.quality,
        "told": encoding.told,
        "tracks": tracks,
        **tagging.truth,
    }
    return CorpusAlbum(folder, Truth(id=name, **truth))
