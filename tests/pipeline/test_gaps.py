"""What a user may say of an album, and what is refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import TagError, UsageError
from pipeline.gaps import GAPS, fill_gaps, read_gaps
from pipeline.model.album import Media, ReleaseType
from tests.support.releases import make_release


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
        ("colour", "red"),
    ],
)
def test_nonsense_is_refused(key: str, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_gaps({key: text})
    (problem,) = caught.value.problems
    assert key in problem


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        read_gaps({"year": "x", "media": "y", "z": ""})
    assert len(caught.value.problems) == 3


def test_gaps_are_filled() -> None:
    album = fill_gaps(make_release().album, {"label": "Loop", "media": Media.WEB})
    assert (album.label, album.media, album.title) == ("Loop", Media.WEB, "First Light")


def test_what_was_only_inferred_gives_way() -> None:
    guessed = make_release(release_type=ReleaseType.EP, inferred=frozenset({"release_type"})).album
    album = fill_gaps(guessed, {"release_type": ReleaseType.ALBUM})
    assert album.release_type is ReleaseType.ALBUM
    assert album.inferred == frozenset()


def test_what_contradicts_the_files_is_refused() -> None:
    with pytest.raises(TagError) as caught:
        fill_gaps(make_release().album, {"year": 1999})
    assert caught.value.reason == "contradiction"
    assert "set to 1999, but the files say 2001" in caught.value.message


def test_the_same_in_other_letters_is_no_contradiction() -> None:
    album = make_release(genres=("Rock", "Pop")).album
    assert fill_gaps(album, {"title": "first LIGHT", "genres": ("pop", "rock")}) == album


@given(st.sampled_from(sorted(GAPS)), st.text())
def test_any_text_is_read_or_refused(key: str, text: str) -> None:
    with suppress(UsageError):
        (value,) = read_gaps({key: text}).values()
        assert value
