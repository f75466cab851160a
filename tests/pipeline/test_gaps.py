"""What a user may say of an album, and what is refused."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import TagError, UsageError
from pipeline.gaps import GAPS, fill_all, fill_gaps, read_fields, read_gaps
from pipeline.model.album import Certainty, Credit, Media, Origin, ReleaseType, Role
from tests.support.releases import GUESS, make_release, make_stream, make_tracks


@pytest.mark.parametrize(
    ("key", "text", "field", "value"),
    [
        ("artist", "  Björk ", "artist", "Björk"),
        ("artist", "Bjo\u0308rk", "artist", "Björk"),
        ("year", "2011", "year", 2011),
        ("media", "vinyl", "media", Media.VINYL),
        ("media", "blu-ray", "media", Media.BLURAY),
        ("release_type", "dj mix", "release_type", ReleaseType.DJ_MIX),
        ("release_type", "Live", "release_type", ReleaseType.LIVE),
        ("tags", "rock, post-punk,", "genres", ("rock", "post-punk")),
        ("barcode", "0 36000 29145 2", "barcode", "036000291452"),
        ("scene", "A-B-2001-GRP", "scene", "A-B-2001-GRP"),
    ],
)
def test_values_are_read(key: str, text: str, field: str, value: object) -> None:
    assert read_gaps({key: text}) == {field: value}


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("year", "11"),
        ("year", "2_011"),
        ("year", "0123"),
        ("year", "²011"),
        ("media", "tape"),
        ("release_type", "albums"),
        ("artist", " "),
        ("artist", "\u202e"),
        ("tags", ","),
        ("barcode", "036000291453"),
        ("scene", "A B"),
        ("colour", "red"),
    ],
)
def test_nonsense_is_refused(key: str, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_gaps({key: text})
    (problem,) = caught.value.problems
    assert key in problem


def test_a_key_that_is_almost_right() -> None:
    with pytest.raises(UsageError) as caught:
        read_gaps({"yaer": "2001"})
    assert "did you mean year?" in caught.value.problems[0]


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        read_gaps({"year": "x", "media": "y", "z": ""})
    assert len(caught.value.problems) == 3


def test_values_of_toml_are_read() -> None:
    fields, problems = read_fields({"year": 2001, "tags": ["Folk, World", "Rock"], "title": "1999"})
    assert fields == {"year": 2001, "genres": ("Folk, World", "Rock"), "title": "1999"}
    assert problems == ()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("year", True),
        ("year", 99),
        ("year", 2001.0),
        ("title", 1999),
        ("barcode", 36000291452),
        ("tags", []),
        ("tags", [1]),
        ("media", ["CD"]),
        ("label", {"name": "L"}),
    ],
)
def test_values_of_another_kind_are_refused(key: str, value: object) -> None:
    fields, (problem,) = read_fields({key: value})
    assert fields == {}
    assert problem.startswith(f"{key}: must be ")


def test_gaps_are_filled() -> None:
    album = fill_gaps(make_release().album, {"label": "Loop", "media": Media.WEB})
    assert (album.label, album.media, album.title) == ("Loop", Media.WEB, "First Light")
    assert album.origins == {"label": Origin("--set"), "media": Origin("--set")}


def test_what_was_only_inferred_gives_way() -> None:
    guessed = make_release(release_type=ReleaseType.EP, origins={"release_type": GUESS}).album
    album = fill_gaps(guessed, {"release_type": ReleaseType.ALBUM})
    assert album.release_type is ReleaseType.ALBUM
    assert album.inferred == frozenset()


def test_a_guess_that_is_confirmed_is_stated() -> None:
    guessed = make_release(release_type=ReleaseType.EP, origins={"release_type": GUESS}).album
    album = fill_gaps(guessed, {"release_type": ReleaseType.EP}, "ALBUM.release.toml")
    assert album.origins["release_type"] == Origin("ALBUM.release.toml", Certainty.STATED)


def test_what_contradicts_the_files_is_refused() -> None:
    album = make_release(origins={"year": Origin("tag date")}).album
    with pytest.raises(TagError) as caught:
        fill_gaps(album, {"year": 1999})
    assert caught.value.reason == "contradiction"
    assert "year is set to 1999 (--set), but the files say 2001 (tag date)" in caught.value.message
    assert "edition_year=2001" in caught.value.hint


def test_a_contradiction_names_the_key_that_was_set() -> None:
    with pytest.raises(TagError, match="tags is set to Jazz"):
        fill_gaps(make_release(genres=("Rock",)).album, {"genres": ("Jazz",)})


def test_the_only_year_of_the_files_may_be_the_editions() -> None:
    album = fill_gaps(make_release().album, {"year": 1975, "edition_year": 2001})
    assert (album.year, album.edition_year) == (1975, 2001)
    for values in ({"year": 1975, "edition_year": 1990}, {"year": 2010, "edition_year": 2001}):
        with pytest.raises(TagError):
            fill_gaps(make_release().album, values)


def test_an_edition_of_the_same_year_is_no_contradiction() -> None:
    album = fill_gaps(make_release().album, {"edition_year": 2001, "year": 2001})
    assert (album.year, album.edition_year) == (2001, 2001)


@pytest.mark.parametrize(
    ("said", "values"),
    [
        ({"genres": ("Rock", "Pop")}, {"title": "first LIGHT", "genres": ("pop", "rock")}),
        ({"title": "Bjo\u0308rk"}, {"title": "BJÖRK"}),
        ({"artist": "Various Artists"}, {"artist": "VA"}),
        ({"barcode": "036000291452"}, {"barcode": "0036000291452"}),
    ],
)
def test_the_same_in_other_letters_is_no_contradiction(
    said: dict[str, Any], values: dict[str, object]
) -> None:
    album = make_release(**said).album
    assert fill_gaps(album, values) == album


@pytest.mark.parametrize(
    ("field", "said", "inside", "outside"),
    [
        ("media", {Media.CD, Media.VINYL}, Media.VINYL, Media.WEB),
        ("media", {"CD + DVD"}, Media.DVD, Media.WEB),
        ("year", {2001, 2002, 2003}, 2002, 1950),
        ("label", {"L0", "L1"}, "l1", "Warp"),
        ("barcode", {"036000291452", "5012345678900"}, "0036000291452", "96385074"),
        ("release_type", {ReleaseType.ALBUM}, ReleaseType.ALBUM, ReleaseType.SINGLE),
    ],
)
def test_where_tags_disagree_one_of_them_may_be_chosen(
    field: str, said: set[object], inside: object, outside: object
) -> None:
    album = make_release(year=None, said={field: frozenset(said)}).album
    assert getattr(fill_gaps(album, {field: inside}), field) == inside
    with pytest.raises(TagError) as caught:
        fill_gaps(album, {field: outside})
    assert caught.value.reason == "contradiction"
    assert all(str(one) in caught.value.message for one in said)


def test_a_medium_that_is_none_of_ours_is_a_statement() -> None:
    album = make_release(said={"media": frozenset({"MiniDisc"})}).album
    with pytest.raises(TagError, match="the files say MiniDisc"):
        fill_gaps(album, {"media": Media.WEB})


def test_one_of_several_years_may_be_the_editions() -> None:
    album = make_release(year=None, said={"year": frozenset({2001, 2003})}).album
    filled = fill_gaps(album, {"year": 1950, "edition_year": 2003})
    assert (filled.year, filled.edition_year) == (1950, 2003)


def test_an_edition_is_not_older_than_its_release() -> None:
    with pytest.raises(TagError, match="edition_year is 1990") as caught:
        fill_gaps(make_release().album, {"edition_year": 1990})
    assert caught.value.reason == "contradiction"
    with pytest.raises(TagError, match="year is 2010"):
        fill_gaps(make_release(year=None).album, {"year": 2010, "edition_year": 2001})


def test_no_cd_is_made_of_what_none_holds() -> None:
    deep = make_release(make_tracks("Dawn", stream=make_stream(bit_depth=24))).album
    with pytest.raises(TagError, match="24 bit") as caught:
        fill_gaps(deep, {"media": Media.CD})
    assert caught.value.reason == "contradiction"
    assert fill_gaps(deep, {"media": Media.WEB}).media is Media.WEB


def test_an_artist_that_is_set_is_credited() -> None:
    guess = Origin("the artists of the tracks", Certainty.GUESSED)
    album = make_release(artist="Various Artists", origins={"artist": guess}).album
    filled = fill_gaps(album, {"artist": "The Band"})
    assert filled.artist == "The Band"
    assert Credit("The Band", Role.MAIN) in filled.credits


def test_the_first_source_wins() -> None:
    sources = (
        ("--set", {"label": "One"}),
        ("answers", {"label": "Two", "edition": "Deluxe"}),
        ("sidecar", {"edition": "Plain", "media": Media.CD}),
    )
    album = fill_all(make_release().album, sources)
    assert (album.label, album.edition, album.media) == ("One", "Deluxe", Media.CD)
    assert {name: origin.source for name, origin in album.origins.items()} == {
        "label": "--set",
        "edition": "answers",
        "media": "sidecar",
    }


def test_no_source_contradicts_the_files() -> None:
    with pytest.raises(TagError, match="sidecar") as caught:
        fill_all(make_release().album, (("--set", {"label": "L"}), ("sidecar", {"year": 1966})))
    assert caught.value.reason == "contradiction"


@given(st.sampled_from(sorted(GAPS)), st.text())
def test_any_text_is_read_or_refused(key: str, text: str) -> None:
    with suppress(UsageError):
        (value,) = read_gaps({key: text}).values()
        assert value
