"""What taggers call a release's type and medium, in our words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .model.album import Media, ReleaseType, Track

RELEASE_TYPES = (
    (ReleaseType.BOOTLEG, {"bootleg"}),
    (ReleaseType.COMPILATION, {"compilation"}),
    (ReleaseType.SOUNDTRACK, {"soundtrack"}),
    (ReleaseType.LIVE, {"live"}),
    (ReleaseType.REMIX, {"remix"}),
    (ReleaseType.DEMO, {"demo"}),
    (ReleaseType.MIXTAPE, {"mixtape", "street", "mixtape/street"}),
    (ReleaseType.DJ_MIX, {"dj-mix", "djmix", "dj mix"}),
    (ReleaseType.INTERVIEW, {"interview"}),
    (ReleaseType.SPOKEN, {"spokenword", "spoken word", "audiobook", "audio drama"}),
    (ReleaseType.EP, {"ep"}),
    (ReleaseType.SINGLE, {"single"}),
    (ReleaseType.ALBUM, {"album"}),
)
"""What the tag may say, the first that is said winning: `album; compilation` is a compilation."""

MEDIA = (
    (Media.CD, r"\(cd layer\)"),
    (Media.SACD, r"sacd"),
    (Media.DVD, r"dvd"),
    (Media.BLURAY, r"blu-?ray|\bbd\b"),
    (Media.VINYL, r"vinyl|\blp\b|\b(?:7|10|12)(?:\"|''|″|-?inch)"),
    (Media.CASSETTE, r"cassette"),
    (Media.DAT, r"\bdat\b"),
    (Media.WEB, r"\bdigital(?: media)?$|\bweb\b|download|^file$"),
    (Media.CD, r"\b\d*x?(?:hd|enhanced )?cds?(?:-?r)?\b|compact dis[ck]"),
)

SHORT_TRACK = 10 * 60
SHORT_RELEASE = 30 * 60
SINGLE_TRACKS = 3
EP_TRACKS = 6


def media_named(text: str) -> Media | None:
    """The medium that a tag such as `12" Vinyl` or `Digital Media` means; None for unknown words."""
    lower = text.casefold().strip()
    return next((media for media, pattern in MEDIA if re.search(pattern, lower)), None)


def tagged_release_type(tracks: Sequence[Track]) -> ReleaseType | None:
    """The type that the tags of all tracks name; None where they name none that we know."""
    words = _words(tracks)
    return next((release_type for release_type, names in RELEASE_TYPES if words & names), None)


def release_type_by_length(tracks: Sequence[Track]) -> ReleaseType:
    """Single, EP or album, by how many and how long the tracks are."""
    durations = [track.stream.duration for track in tracks]
    if sum(durations) >= SHORT_RELEASE or len(durations) > EP_TRACKS:
        return ReleaseType.ALBUM
    if len(durations) <= SINGLE_TRACKS and max(durations) < SHORT_TRACK:
        return ReleaseType.SINGLE
    return ReleaseType.EP


def _words(tracks: Sequence[Track]) -> set[str]:
    """The words of the type tags that all tracks have in common."""
    said = [
        {
            word.strip().casefold()
            for name in ("releasetype", "releasestatus")
            for value in track.tags.get(name, ())
            for word in (value, *re.split(r"[;,/+|]", value))
        }
        for track in tracks
    ]
    return set.intersection(*said)
