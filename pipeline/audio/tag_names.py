"""Every tag under one name: the lower-case Vorbis names for ID3, MP4, APEv2 and text chunks."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mutagen.apev2 import TEXT as APE_TEXT

Tags = Mapping[str, tuple[str, ...]]
Pairs = Iterator[tuple[str, str]]

ID3_NAMES = {
    "TALB": "album",
    "TBPM": "bpm",
    "TCMP": "compilation",
    "TCOM": "composer",
    "TCON": "genre",
    "TCOP": "copyright",
    "TDOR": "originaldate",
    "TDRC": "date",
    "TENC": "encodedby",
    "TEXT": "lyricist",
    "TIT1": "grouping",
    "TIT2": "title",
    "TIT3": "subtitle",
    "TLAN": "language",
    "TMED": "media",
    "TOPE": "originalartist",
    "TPE1": "artist",
    "TPE2": "albumartist",
    "TPE3": "conductor",
    "TPE4": "remixer",
    "TPOS": "discnumber",
    "TPUB": "label",
    "TRCK": "tracknumber",
    "TSO2": "albumartistsort",
    "TSOA": "albumsort",
    "TSOP": "artistsort",
    "TSOT": "titlesort",
    "TSRC": "isrc",
    "TSSE": "encodersettings",
    "TSST": "discsubtitle",
}
MP4_NAMES = {
    "\xa9ART": "artist",
    "\xa9alb": "album",
    "\xa9cmt": "comment",
    "\xa9day": "date",
    "\xa9gen": "genre",
    "\xa9grp": "grouping",
    "\xa9lyr": "lyrics",
    "\xa9nam": "title",
    "\xa9too": "encodedby",
    "\xa9wrt": "composer",
    "aART": "albumartist",
    "cprt": "copyright",
    "cpil": "compilation",
    "disk": "discnumber",
    "soaa": "albumartistsort",
    "soal": "albumsort",
    "soar": "artistsort",
    "sonm": "titlesort",
    "tmpo": "bpm",
    "trkn": "tracknumber",
}
APE_NAMES = {
    "ean/upc": "barcode",
    "mixartist": "remixer",
    "original year": "originalyear",
    "record label": "label",
    "year": "date",
}
"""Those that differ; many programs write Vorbis names into APEv2."""
AIFF_NAMES = {
    b"NAME": "title",
    b"AUTH": "artist",
    b"(c) ": "copyright",
    b"ANNO": "comment",
}
INFO_NAMES = {
    "IART": "artist",
    "ICMT": "comment",
    "ICOP": "copyright",
    "ICRD": "date",
    "IGNR": "genre",
    "INAM": "title",
    "IPRD": "album",
    "IPRT": "tracknumber",
    "ITRK": "tracknumber",
}
ALIASES = {
    "album artist": "albumartist",
    "album_artist": "albumartist",
    "catalog": "catalognumber",
    "catalog #": "catalognumber",
    "catalog number": "catalognumber",
    "cataloguenumber": "catalognumber",
    "description": "comment",
    "disc": "discnumber",
    "disk": "discnumber",
    "ean": "barcode",
    "itunescompilation": "compilation",
    "labelno": "catalognumber",
    "musicbrainz album artist id": "musicbrainz_albumartistid",
    "musicbrainz album comment": "musicbrainz_albumcomment",
    "musicbrainz album id": "musicbrainz_albumid",
    "musicbrainz album release country": "releasecountry",
    "musicbrainz album status": "releasestatus",
    "musicbrainz album type": "releasetype",
    "musicbrainz artist id": "musicbrainz_artistid",
    "musicbrainz release group id": "musicbrainz_releasegroupid",
    "musicbrainz release track id": "musicbrainz_releasetrackid",
    "musicbrainz_albumstatus": "releasestatus",
    "musicbrainz_albumtype": "releasetype",
    "organization": "label",
    "original year": "originalyear",
    "publisher": "label",
    "release type": "releasetype",
    "source media": "media",
    "sourcemedia": "media",
    "track": "tracknumber",
    "upc": "barcode",
}
VORBIS_PICTURES = frozenset({"metadata_block_picture", "coverart"})


def collect(pairs: Iterable[tuple[str, str]]) -> Tags:
    """Tags under their usual names, each value NFC, stripped and once; empty ones are left out."""
    tags: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        key = name.strip().lower()
        key = ALIASES.get(key, key)
        text = unicodedata.normalize("NFC", value).strip().strip("\0").strip()
        if text and text not in tags.get(key, ()):
            tags[key] = (*tags.get(key, ()), text)
    return tags


def vorbis_pairs(comments: Iterable[tuple[str, str]]) -> Pairs:
    """The text of Vorbis comments."""
    for name, value in comments:
        if name.lower() not in VORBIS_PICTURES:
            yield name, value


def id3_pairs(frames: Iterable[Any]) -> Pairs:
    """The text of ID3 frames; people come under their role, such as `producer`."""
    for frame in frames:
        match frame.FrameID:
            case "TIPL" | "TMCL":
                yield from ((role, person) for role, person in frame.people)
            case "TXXX":
                yield from ((frame.desc, text) for text in frame.text)
            case "COMM" if not frame.desc:
                yield from (("comment", text) for text in frame.text)
            case "USLT":
                yield "lyrics", frame.text
            case "TCON":
                yield from (("genre", genre) for genre in frame.genres)
            case name if name in ID3_NAMES:
                yield from ((ID3_NAMES[name], str(text)) for text in frame.text)


def mp4_pairs(atoms: Iterable[tuple[str, Any]]) -> Pairs:
    """The text of MP4 atoms; number pairs become `3/12`, a set flag `1`."""
    for atom, values in atoms:
        name = MP4_NAMES.get(atom) or _freeform_name(atom)
        if name is None:
            continue
        for value in values if isinstance(values, list) else [values]:
            yield name, _mp4_text(value)


def ape_pairs(items: Iterable[tuple[str, Any]]) -> Pairs:
    """The text of APEv2 items; pictures and links are none."""
    for name, value in items:
        if value.kind == APE_TEXT:
            yield from ((APE_NAMES.get(name.lower(), name), text) for text in value)


def aiff_pairs(texts: Iterable[tuple[bytes, bytes]]) -> Pairs:
    """The text chunks of an AIFF."""
    for name, value in texts:
        if name in AIFF_NAMES:
            yield AIFF_NAMES[name], _decode(value)


def info_pairs(fields: Iterable[tuple[str, bytes]]) -> Pairs:
    """The text of a WAV's RIFF INFO fields."""
    for field, value in fields:
        if field in INFO_NAMES:
            yield INFO_NAMES[field], _decode(value.rstrip(b"\0"))


def _freeform_name(atom: str) -> str | None:
    """The name in `----:com.apple.iTunes:NAME`."""
    kind, _, rest = atom.partition(":")
    return rest.partition(":")[2] if kind == "----" else None


def _mp4_text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, bytes):
        return _decode(value)
    if isinstance(value, tuple):
        number, total = value
        return f"{number}/{total}" if total else str(number or "")
    return str(value)


def _decode(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("cp1252", errors="replace")
