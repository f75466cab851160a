"""In what the sites of the Gazelle family differ, as data."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

EXTENSIONS = frozenset(
    {
        *("ac3", "accurip", "azw3", "chm", "cue", "djv", "djvu", "doc", "dts", "epub", "ffp", "flac", "gif"),
        *("htm", "html", "jpeg", "jpg", "lit", "log", "m3u", "m3u8", "m4a", "m4b", "md5", "mobi", "mp3"),
        *("mp4", "nfo", "pdf", "pls", "png", "rtf", "sfv", "txt"),
    }
)
COMMON_TYPES = {
    "1": "Album",
    "3": "Soundtrack",
    "5": "EP",
    "6": "Anthology",
    "7": "Compilation",
    "9": "Single",
    "11": "Live album",
    "13": "Remix",
    "14": "Bootleg",
    "15": "Interview",
    "16": "Mixtape",
    "18": "Concert Recording",
    "21": "Unknown",
}
COMMON_MEDIA = frozenset({"CD", "WEB", "Vinyl", "DVD", "Soundboard", "SACD", "DAT", "Cassette"})
COMMON_BITRATES = frozenset(
    {
        *("192", "256", "320", "V0 (VBR)", "V1 (VBR)", "V2 (VBR)", "APS (VBR)", "APX (VBR)"),
        *("Lossless", "24bit Lossless", "Other"),
    }
)


@frozen(kw_only=True)
class GazelleKind:
    """One site's words and manners."""

    name: str
    release_types: Mapping[str, str]
    media: frozenset[str]
    formats: frozenset[str]
    bitrates: frozenset[str]
    extensions: frozenset[str]
    roles: int
    """Importances are counted from 1 to it."""
    path_length: int
    text_bytes: tuple[int, int]
    """Of a label, a catalogue number and the title of an edition; an empty one is none."""
    token_prefix: str
    """What may stand before the key in the header; the bare key is taken, too."""
    always_200: bool
    """Refusals have status 200."""
    camel_case: bool
    """A success says `torrentId` rather than `torrentid`."""
    escapes_names: bool
    """Names in replies are HTML."""
    remaster_needed: bool
    """Without the flag an upload is one of an unknown edition."""
    not_found: str
    """What is said of a hash that is not there."""
    form_of_ancestor: bool
    """The form answers with pages, and wants the fields of the release even with a group."""


OPS = GazelleKind(
    name="OPS",
    release_types=COMMON_TYPES | {"8": "Sampler", "10": "Demo", "12": "Split", "17": "DJ Mix"},
    media=COMMON_MEDIA | {"BD"},
    formats=frozenset({"MP3", "FLAC", "Ogg Vorbis", "AAC", "AC3", "DTS"}),
    bitrates=COMMON_BITRATES | {"160", "128", "96", "64", "q8.x (VBR)"},
    extensions=EXTENSIONS | {"docx", "json", "lrc", "toc", "yaml", "yml"},
    roles=8,
    path_length=255,
    text_bytes=(1, 80),
    token_prefix="token ",  # noqa: S106 - no secret
    always_200=True,
    camel_case=True,
    escapes_names=False,
    remaster_needed=True,
    not_found="bad parameters",
    form_of_ancestor=False,
)

RED = GazelleKind(
    name="RED",
    release_types=COMMON_TYPES | {"17": "Demo", "19": "DJ Mix"},
    media=COMMON_MEDIA | {"Blu-Ray"},
    formats=frozenset({"MP3", "FLAC", "AAC", "AC3", "DTS", "DSD"}),
    bitrates=COMMON_BITRATES | {"DSD64", "DSD128", "DSD256", "DSD512"},
    extensions=EXTENSIONS | {"dff", "dsf"},
    roles=7,
    path_length=180,
    text_bytes=(2, 80),
    token_prefix="",
    always_200=False,
    camel_case=False,
    escapes_names=True,
    remaster_needed=False,
    not_found="bad hash parameter",
    form_of_ancestor=True,
)
