"""Who did what on a release, by its tags: no name is made up, and none is parted on a guess."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from attrs import frozen

from .artist_names import (
    VARIOUS_ARTISTS_ID,
    folded,
    is_nobody,
    is_various,
    part_guests,
    split_names,
    title_guests,
)
from .model.album import Credit, Role, Track

ROLE_TAGS = {
    Role.REMIXER: ("remixer",),
    Role.COMPOSER: ("composer",),
    Role.CONDUCTOR: ("conductor",),
    Role.DJ: ("djmixer", "dj-mix", "dj mix", "dj-mixer"),
    Role.PRODUCER: ("producer",),
}
ARTIST_TAGS = ("albumartists", "albumartist", "artists", "artist")
MUSICBRAINZ_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
BRACKETED = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
REMIX = " remix"


@frozen
class Billing:
    """The artists of one track or album."""

    mains: tuple[str, ...] = ()
    guests: tuple[str, ...] = ()


def credits_of(tracks: Sequence[Track], album_artist: str | None = None) -> tuple[Credit, ...]:
    """Every artist in every role once, by role, in the order of the tracks.

    `album_artist` is what the user says, where no tag does.
    """
    known = _known_artists(tracks)
    billings = [_track_billing(track, known) for track in tracks]
    album = _album_billing(tracks, album_artist, known)
    mains = album.mains or tuple(name for billing in billings for name in billing.mains)
    guests = [*album.guests]
    for track, billing in zip(tracks, billings, strict=True):
        guests += _guests(track, billing, mains, known)
    found = {Role.MAIN: _once(mains), Role.GUEST: _once(guests, without=mains)}
    for role, names in ROLE_TAGS.items():
        found[role] = _once(name for track in tracks for name in _in_role(track, names, known))
    credited = {folded(name): name for names in found.values() for name in names}
    named = [name for track in tracks for name in _remixers(track, credited)]
    found[Role.REMIXER] = _once([*found[Role.REMIXER], *named])
    return tuple(Credit(name, role) for role in Role for name in found[role])


def says_various(track: Track, artist: str) -> bool:
    """Whether the track's album artist is Various Artists; MusicBrainz ids know better than names."""
    ids = _ids(track, "musicbrainz_albumartistid")
    return VARIOUS_ARTISTS_ID in ids if ids else is_various(artist)


def _album_billing(tracks: Sequence[Track], album_artist: str | None, known: frozenset[str]) -> Billing:
    """The album's own artists; none where it has none, or various ones."""
    if album_artist is not None:
        return Billing() if is_various(album_artist) else _billing((_nfc(album_artist),), 0, known)
    for track in tracks:
        names = _values(track, "albumartists", "albumartist")
        if names:
            various = any(says_various(track, name) for name in names)
            count = len(_ids(track, "musicbrainz_albumartistid"))
            return Billing() if various else _billing(names, count, known)
    return Billing()


def _track_billing(track: Track, known: frozenset[str]) -> Billing:
    """The artists of a track; `artists` names them one by one, `artist` tells who is a guest."""
    count = len(_ids(track, "musicbrainz_artistid"))
    shown = tuple(map(_nfc, track.artists))
    exact = _billing(_values(track, "artists"), count, known).mains
    if len(exact) < 2:
        return _billing(shown, count, known)
    parted = [part_guests(value) for value in shown]
    mains, guests = " / ".join(main for main, _ in parted), " / ".join(invited for _, invited in parted)
    invited = tuple(name for name in exact if _stands_in(name, guests) and not _stands_in(name, mains))
    return Billing(tuple(name for name in exact if name not in invited), invited)


def _billing(values: tuple[str, ...], count: int, known: frozenset[str]) -> Billing:
    """Several values are one artist each; a single one is parted where evidence allows it."""
    parted = [part_guests(value) for value in values]
    if len(values) > 1:
        guests = split_names([text for _, text in parted if text], known)
        return Billing(tuple(main for main, _ in parted if main), tuple(chain.from_iterable(guests)))
    texts = [text for pair in parted for text in pair]
    names = iter(split_names([text for text in texts if text], known, count or None))
    return Billing(*(next(names) if text else () for text in texts))


def _guests(track: Track, billing: Billing, mains: Iterable[str], known: frozenset[str]) -> Iterator[str]:
    """The named guests, and who shares the track with an artist of the album."""
    album = set(map(folded, mains))
    own = {name: folded(name) in album for name in billing.mains}
    if any(own.values()):
        yield from (name for name, is_main in own.items() if not is_main)
    yield from billing.guests
    if text := title_guests(_nfc(track.title or "")):
        yield from split_names([text], known)[0]


def _in_role(track: Track, tags: Iterable[str], known: frozenset[str]) -> Iterator[str]:
    for tag in tags:
        values = _values(track, tag)
        yield from split_names(values, known)[0] if len(values) == 1 else values


def _remixers(track: Track, credited: dict[str, str]) -> Iterator[str]:
    """By the title, where no tag tells and the name is that of an artist of the release."""
    if _values(track, *ROLE_TAGS[Role.REMIXER]):
        return
    for words in BRACKETED.findall(_nfc(track.title or "")):
        name = folded(words)
        if name.endswith(REMIX) and name.removesuffix(REMIX) in credited:
            yield credited[name.removesuffix(REMIX)]


def _known_artists(tracks: Iterable[Track]) -> frozenset[str]:
    """Every name, folded, that stands by itself in a tag of artists."""
    return frozenset(
        folded(name)
        for track in tracks
        for value in (*track.artists, *(value for tag in ARTIST_TAGS for value in track.tags.get(tag, ())))
        for name in part_guests(_nfc(value))
        if name
    )


def _once(names: Iterable[str], without: Iterable[str] = ()) -> tuple[str, ...]:
    taken = set(map(folded, without))
    kept: dict[str, str] = {}
    for name in names:
        if folded(name) not in taken and not is_nobody(name):
            kept.setdefault(folded(name), name)
    return tuple(kept.values())


def _stands_in(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(folded(name))}(?!\w)", folded(text)) is not None


def _ids(track: Track, tag: str) -> frozenset[str]:
    """MusicBrainz ids, which some taggers write into one value."""
    ids = (found for value in track.tags.get(tag, ()) for found in MUSICBRAINZ_ID.findall(value))
    return frozenset(map(str.lower, ids))


def _values(track: Track, *tags: str) -> tuple[str, ...]:
    """The values of the first of these tags that has any, NFC, without blank ones."""
    for tag in tags:
        if values := tuple(filter(None, (_nfc(value).strip() for value in track.tags.get(tag, ())))):
            return values
    return ()


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
