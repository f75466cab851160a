"""Who is credited with what, and which names are never parted."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from pipeline.artist_names import part_guests, split_names
from pipeline.credits import credits_of
from pipeline.model.album import Role, Track
from tests.support.releases import make_tracks

IDS = [f"{digit * 8}-1111-1111-1111-111111111111" for digit in "12345"]
NAMES = ["A", "B", "A & B", "Earth, Wind & Fire", "AC/DC", "Various Artists", "Tyler, the Creator", "e\u0301"]
JOINTS = [" & ", ", ", ";", " / ", " and ", " feat. ", " (with ", ") ", "\0", "[ft. ", " Remix)", " (", " - "]


def track(title: str = "x", /, **tags: str | Sequence[str]) -> Track:
    values = {name: (value,) if isinstance(value, str) else tuple(value) for name, value in tags.items()}
    return evolve(make_tracks(title)[0], artists=values.get("artist", ()), tags=values)


def credited(role: Role, *tracks: Track) -> list[str]:
    return [credit.name for credit in credits_of(tracks) if credit.role is role]


@pytest.mark.parametrize(
    "name",
    [
        "Earth, Wind & Fire",
        "Tyler, the Creator",
        "Simon & Garfunkel",
        "Florence + the Machine",
        "AC/DC",
        "Crosby, Stills, Nash & Young",
        "Hall and Oates",
        "A;B",
        "A / B",
    ],
)
def test_a_name_stays_whole(name: str) -> None:
    other = track(artist="Somebody else", composer=["Crosby", "Stills", "Nash", "Young"])
    for tags in ({"albumartist": name}, {"artist": name}, {"artist": name, "musicbrainz_artistid": IDS[0]}):
        assert name in credited(Role.MAIN, track(**tags), other)


@pytest.mark.parametrize(
    ("tags", "names"),
    [
        ({"albumartist": ["A", "B"]}, ["A", "B"]),
        ({"albumartist": "A & B", "albumartists": ["A", "B"]}, ["A", "B"]),
        ({"albumartist": "A & B", "musicbrainz_albumartistid": IDS[:2]}, ["A", "B"]),
        ({"albumartist": "A;B", "musicbrainz_albumartistid": "/".join(IDS[:2])}, ["A", "B"]),
        ({"artist": "A, B & C", "musicbrainz_artistid": IDS[:3]}, ["A", "B", "C"]),
        ({"artist": "A & B; C", "musicbrainz_artistid": IDS[:2]}, ["A & B", "C"]),
        # Two artists, and two ways to part them:
        ({"artist": "A, B & C", "musicbrainz_artistid": IDS[:2]}, ["A, B & C"]),
        ({"artist": "A & B", "artists": ["A", "B"]}, ["A", "B"]),
        ({"artist": ["A & B", "C"]}, ["A & B", "C"]),
        ({"artist": ["A", "a"]}, ["A"]),
    ],
)
def test_evidence_parts_names(tags: dict[str, str | list[str]], names: list[str]) -> None:
    assert credited(Role.MAIN, track(**tags)) == names


def test_names_that_stand_alone_elsewhere_are_evidence() -> None:
    together = track(artist="A & B")
    assert credited(Role.MAIN, together, track(artist="A")) == ["A & B", "A"]
    assert credited(Role.MAIN, together, track(artist="A"), track(artist="B")) == ["A", "B"]


def test_known_names_settle_what_the_number_leaves_open() -> None:
    together = track(artist="Tyler, the Creator & B", musicbrainz_artistid=IDS[:2])
    assert credited(Role.MAIN, together, track(artist="Tyler, the Creator"), track(artist="B")) == [
        "Tyler, the Creator",
        "B",
    ]


def test_no_names_are_told_that_the_number_does_not_allow() -> None:
    together = track(artist="A, B & C", musicbrainz_artistid=IDS[:2])
    alone = [track(artist=name) for name in "ABC"]
    assert credited(Role.MAIN, together, *alone) == ["A, B & C", "A", "B", "C"]


@pytest.mark.parametrize("name", ["Various Artists", "VA", "Verschiedene", "Varios Artistas"])
def test_various_artists_are_the_artists_of_the_tracks(name: str) -> None:
    tracks = (track(albumartist=name, artist="A"), track(albumartist=name, artist="B"))
    assert credited(Role.MAIN, *tracks) == ["A", "B"]


@pytest.mark.parametrize(
    ("title", "tags", "guests"),
    [
        ("x", {"artist": "A feat. B"}, ["B"]),
        ("x", {"artist": "A ft B"}, ["B"]),
        ("x", {"artist": "A (featuring B)"}, ["B"]),
        ("x", {"artist": "A (with B)"}, ["B"]),
        ("x", {"artist": "A with B"}, []),
        ("x", {"artist": "A feat. B & C"}, ["B & C"]),
        ("x", {"artist": "A feat. B & C", "artists": ["A", "B", "C"]}, ["B", "C"]),
        ("x", {"artist": "A feat. B & C", "musicbrainz_artistid": IDS[:3]}, ["B", "C"]),
        ("x", {"artist": ["A", "B"], "albumartist": "A"}, ["B"]),
        ("Dawn (feat. B)", {"artist": "A"}, ["B"]),
        ("Dawn [with B]", {"artist": "A"}, ["B"]),
        ("Dawn (with strings)", {"artist": "A"}, []),
        ("Dawn (With Strings)", {"artist": "A"}, []),
        ("Dawn feat. B (Live)", {"artist": "A"}, ["B"]),
        ("Dawn feat. B - Edit", {"artist": "A"}, ["B"]),
        ("Last Feat of Strength", {"artist": "A"}, []),
        ("Seven by 9 ft. Tall", {"artist": "A"}, []),
        ("Dawn (feat. A)", {"artist": "A"}, []),
    ],
)
def test_guests(title: str, tags: dict[str, str | list[str]], guests: list[str]) -> None:
    assert credited(Role.GUEST, track(title, **tags)) == guests
    assert credited(Role.MAIN, track(title, **tags)) == ["A with B" if tags["artist"] == "A with B" else "A"]


def test_the_other_roles() -> None:
    tags = {"remixer": "R", "composer": ["C", "D"], "conductor": "E", "dj-mix": "J", "producer": "P"}
    found = [(credit.name, credit.role) for credit in credits_of([track(artist="A", **tags)])]
    assert found == [
        ("A", Role.MAIN),
        ("R", Role.REMIXER),
        ("C", Role.COMPOSER),
        ("D", Role.COMPOSER),
        ("E", Role.CONDUCTOR),
        ("J", Role.DJ),
        ("P", Role.PRODUCER),
    ]


def test_a_remixer_in_the_title_is_credited_where_known() -> None:
    assert credited(Role.REMIXER, track("Dawn (B Remix)", artist="A"), track(artist="B")) == ["B"]
    assert credited(Role.REMIXER, track("Dawn (Radio Remix)", artist="A")) == []
    assert credited(Role.REMIXER, track("Dawn (A Remix)", artist="A", remixer="R")) == ["R"]


def test_the_user_names_the_album_artist() -> None:
    tracks = [track(artist="A"), track(artist="B")]
    assert [credit.name for credit in credits_of(tracks, "DJ X") if credit.role is Role.MAIN] == ["DJ X"]
    assert [credit.name for credit in credits_of(tracks, "VA") if credit.role is Role.MAIN] == ["A", "B"]


words = st.lists(st.sampled_from([*NAMES, *JOINTS]) | st.text(max_size=4), max_size=8).map("".join)
values = st.lists(words, max_size=3).map(tuple)
tag_names = st.sampled_from(
    [
        *("artist", "artists", "albumartist", "albumartists", "remixer", "composer", "djmixer", "producer"),
        *("musicbrainz_artistid", "musicbrainz_albumartistid"),
    ]
)
ids = st.lists(st.sampled_from(IDS), max_size=3).map(tuple)


@given(st.lists(st.tuples(words, st.dictionaries(tag_names, values | ids)), min_size=1, max_size=4))
def test_no_name_is_made_up(said: list[tuple[str, dict[str, tuple[str, ...]]]]) -> None:
    tracks = [track(title, **tags) for title, tags in said]
    texts = [
        unicodedata.normalize("NFC", text)
        for title, tags in said
        for text in (title, *(value for values in tags.values() for value in values))
    ]
    found = credits_of(tracks)
    for credit in found:
        assert credit.name.strip()
        assert any(credit.name in text for text in texts), credit
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("unit", [" ", "&", " & ", "(", "feat. ", " feat. ", ";", "\0", ", ", " - "])
def test_a_hostile_name_costs_no_time(unit: str) -> None:
    hostile = f"A{unit * 50_000}B"
    assert credits_of([track(hostile, artist=hostile, remixer=hostile, composer=[hostile, "C"])])


@pytest.mark.parametrize(
    ("artist", "main", "guests"),
    [
        ("60 Ft. Dolls", "60 Ft. Dolls", ""),
        ("60 Ft. Dolls feat. Cerys", "60 Ft. Dolls", "Cerys"),
        ("Little Feat & Bonnie Raitt", "Little Feat & Bonnie Raitt", ""),
        ("Little Feat feat. Bonnie Raitt", "Little Feat", "Bonnie Raitt"),
        ("Ft. Lauderdale", "Ft. Lauderdale", ""),
        ("The Feat. Band", "The Feat. Band", ""),
        ("Loop feat. $ign", "Loop", "$ign"),
    ],
)
def test_a_name_is_not_parted_at_a_word_of_its_own(artist: str, main: str, guests: str) -> None:
    assert part_guests(artist) == (main, guests)


def test_many_names_are_parted_in_no_time() -> None:
    texts = [f"N{number} & X{number}, Z{number}" for number in range(40)]
    assert split_names(texts, frozenset()) == [(text,) for text in texts]
    assert split_names(texts, frozenset(), 77) == [(text,) for text in texts]
