"""What taggers call a release's type, medium and genres, in our words; what they write for nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .model.album import Media, ReleaseType, Track

RELEASE_TYPES = (
    (ReleaseType.BOOTLEG, {"bootleg"}),
    (ReleaseType.MIXTAPE, {"mixtape", "street", "mixtape/street"}),
    (ReleaseType.DJ_MIX, {"dj-mix", "djmix", "dj mix"}),
    (ReleaseType.COMPILATION, {"compilation"}),
    (ReleaseType.SOUNDTRACK, {"soundtrack"}),
    (ReleaseType.LIVE, {"live"}),
    (ReleaseType.REMIX, {"remix"}),
    (ReleaseType.DEMO, {"demo"}),
    (ReleaseType.INTERVIEW, {"interview"}),
    (ReleaseType.SPOKEN, {"spokenword", "spoken word", "audiobook", "audio drama"}),
    (ReleaseType.EP, {"ep"}),
    (ReleaseType.SINGLE, {"single"}),
    (ReleaseType.ALBUM, {"album"}),
)
"""What the tag may say, the first that is said winning: `album; compilation` is a compilation."""

CD_LAYER = "(cd layer)"
MEDIA = (
    (Media.SACD, r"sacd"),
    (Media.DVD, r"dvd"),
    (Media.BLURAY, r"blu-?ray|\bbd\b"),
    (Media.VINYL, r"vinyl|\b\d*x?lps?\b|\b(?:7|10|12)(?:\"|''|″|-?inch)"),
    (Media.CASSETTE, r"cassette"),
    (Media.DAT, r"\bdat\b"),
    (Media.WEB, r"\bdigital(?: media)?$|\bweb\b|download|^file$"),
    (Media.CD, r"\b\d*x?(?:hd|enhanced )?cds?(?:-?r)?\b|compact dis[ck]"),
)

SOUNDTRACK_TITLE = (
    r"\b(?:[Oo]riginal|[Mm]otion\s[Pp]icture)\s(?:[\w-]+\s){0,3}[Ss]oundtrack\b"
    r"|\S\s(?:-\s)?[(\[]?(?:OST|O\.S\.T\.)[)\]]?$"
)
TITLE_TYPES = (
    (ReleaseType.EP, r"\S\s(?:-\s)?(?:EP|E\.P\.)$"),
    (ReleaseType.SINGLE, r"\s-\s[Ss]ingle$"),
)

PLACEHOLDERS = frozenset(
    {
        *(
            "[no label]",
            "[no barcode]",
            "[none]",
            "[unknown]",
            "<none>",
            "<unknown>",
            "(none)",
            "none",
            "n/a",
        ),
        *("no label", "unknown", "unknown label"),
    }
)
NO_GENRES = frozenset({*PLACEHOLDERS, "genre", "no genre", "other", "unclassifiable", "unknown genre"})
GENRE_JOINTS = re.compile(r"[;,\0]|\s/\s")

BARCODE_LENGTHS = frozenset({8, 12, 13, 14})
SCENE_NAME = re.compile(r"[^\s-]+(?:-[^\s-]+)+-(?:19|20)[0-9]{2}-[A-Za-z0-9_]+")
"""Artist-Title-...-YEAR-GROUP."""

SHORT_TRACK = 10 * 60
SHORT_RELEASE = 30 * 60
SINGLE_TRACKS = 3
EP_TRACKS = 6


def media_in(text: str) -> frozenset[Media]:
    """Every medium that a tag names: two in `CD + DVD`, none in unknown words."""
    lower = text.casefold().strip()
    if CD_LAYER in lower:
        return frozenset({Media.CD})
    return frozenset(media for media, pattern in MEDIA if re.search(pattern, lower))


def media_named(text: str) -> Media | None:
    """The one medium that a tag such as `12" Vinyl` or `Digital Media` means; None for none or several."""
    found = media_in(text)
    return next(iter(found)) if len(found) == 1 else None


def tagged_release_type(tracks: Sequence[Track], tag: str) -> ReleaseType | None:
    """The type that this tag of all tracks names; None where they name none that we know."""
    words = _common_words(tracks, tag)
    return next((release_type for release_type, names in RELEASE_TYPES if words & names), None)


def stated_release_types(tracks: Sequence[Track], tag: str) -> frozenset[ReleaseType]:
    """Every type that this tag of any track names."""
    words = set().union(*_words_of(tracks, tag))
    return frozenset(release_type for release_type, names in RELEASE_TYPES if words & names)


def is_soundtrack_title(title: str) -> bool:
    """Whether the title is such as `Dawn (Original Motion Picture Soundtrack)` or `Dawn OST`."""
    return re.search(SOUNDTRACK_TITLE, title) is not None


def release_type_by_title(title: str) -> ReleaseType | None:
    """The type that a title such as `Dawn EP` or `Dawn - Single` ends in."""
    return next((release_type for release_type, end in TITLE_TYPES if re.search(end, title)), None)


def release_type_by_length(tracks: Sequence[Track]) -> ReleaseType:
    """Single, EP or album, by how many and how long the tracks are."""
    durations = [track.stream.duration for track in tracks]
    if sum(durations) >= SHORT_RELEASE or len(durations) > EP_TRACKS:
        return ReleaseType.ALBUM
    if len(durations) <= SINGLE_TRACKS and max(durations) < SHORT_TRACK:
        return ReleaseType.SINGLE
    return ReleaseType.EP


def is_placeholder(text: str) -> bool:
    """Whether a tagger wrote it for want of a value."""
    lower = text.casefold()
    return lower in PLACEHOLDERS or lower.startswith("not on label")


def split_genres(text: str) -> tuple[str, ...]:
    """The genres of one tag: `Rock; Drum & Bass / Jungle` are three, `R&B/Soul` is one."""
    names = (" ".join(part.split()).removeprefix("& ") for part in GENRE_JOINTS.split(text))
    return tuple(name for name in names if name and name.casefold() not in NO_GENRES)


def valid_barcode(text: str) -> str | None:
    """The digits of an EAN or UPC; None where they are too few, too many, or their check digit is wrong."""
    digits = re.sub("[ -]", "", text)
    if len(digits) not in BARCODE_LENGTHS or not re.fullmatch("[0-9]+", digits) or not digits.strip("0"):
        return None
    weighted = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits[:-1])))
    return digits if (weighted + int(digits[-1])) % 10 == 0 else None


def full_barcode(digits: str) -> str:
    """The same for a UPC and for the EAN that is a UPC with a zero before it."""
    return digits.zfill(max(BARCODE_LENGTHS))


def is_scene_name(text: str) -> bool:
    return SCENE_NAME.fullmatch(text) is not None


def _common_words(tracks: Sequence[Track], tag: str) -> set[str]:
    """The words of this tag that all tracks have in common."""
    return set.intersection(*_words_of(tracks, tag))


def _words_of(tracks: Sequence[Track], tag: str) -> list[set[str]]:
    """Each track's words of this tag."""
    return [
        {
            word.strip().casefold()
            for value in track.tags.get(tag, ())
            for word in (value, *re.split(r"[;,/+|]", value))
        }
        for track in tracks
    ]
