"""Questions written for the user, and the answers read back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.gap_file import GapEntry, gap_entry, missing_fields, read_answers, write_gaps
from pipeline.gaps import GAPS
from pipeline.model.album import Media, ReleaseType
from tests.support.releases import FOLDER, GUESS, make_release

ID, OTHER_ID = f"a1-{'0' * 32}", f"a1-{'f' * 32}"


def test_what_is_missing() -> None:
    album = make_release(artist=None, label="L").album
    required = frozenset({"media", "genres", "label", "cover"})
    assert missing_fields(album, required) == ("artist", "media", "tags")


def test_an_album_is_asked_for() -> None:
    album = make_release(
        release_type=ReleaseType.EP, origins={"release_type": GUESS}, genres=("A", "B")
    ).album
    assert gap_entry(album, frozenset({"media"})) == GapEntry(
        content_id=album.content_id,
        folder=FOLDER,
        missing=("media",),
        guessed={"release_type": "EP"},
        known={"artist": "The Testers", "title": "First Light", "year": "2001", "tags": "A, B"},
    )


def test_what_is_filled_in_is_read() -> None:
    text = write_gaps(
        [
            GapEntry(ID, FOLDER, ("year", "media", "tags"), {"release_type": "EP"}, {"title": "First Light"}),
            GapEntry(OTHER_ID, Path("/music/Other"), ("label",)),
        ]
    )
    assert all(words in text for words in ("# /music/First Light", "# /music/Other", "# title: First Light"))
    filled = (
        text.replace('year = ""', "year = 2011")
        .replace('media = ""', 'media = "CD"')
        .replace('# release_type = "EP"', 'release_type = "album"')
    )
    assert read_answers(filled, "answers.toml") == {
        ID: {"year": 2011, "media": Media.CD, "release_type": ReleaseType.ALBUM}
    }


def test_a_guess_is_confirmed_by_taking_the_mark_away() -> None:
    text = write_gaps([GapEntry(ID, FOLDER, (), {"release_type": "EP"})])
    confirmed = read_answers(text.replace("# release_type", "release_type"), "answers.toml")
    assert confirmed == {ID: {"release_type": ReleaseType.EP}}


def test_a_copy_is_asked_of_once() -> None:
    text = write_gaps([GapEntry(ID, FOLDER, ("year",)), GapEntry(ID, Path("/copy"), ("year",))])
    assert read_answers(text.replace('""', "2001"), "answers.toml") == {ID: {"year": 2001}}


def test_all_problems_are_told_at_once() -> None:
    text = f"x = 1\n[{ID}]\nyaer = 2001\nmedia = 'Tape'\n[other]\n"
    with pytest.raises(UsageError) as caught:
        read_answers(text, "answers.toml")
    assert "answers.toml" in caught.value.message
    assert len(caught.value.problems) == 4
    assert any("did you mean year?" in problem for problem in caught.value.problems)


@pytest.mark.parametrize("text", ["x", f"[{ID}]\n[{ID}]", f"x = {'[' * 20_000}"])
def test_what_is_no_toml_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"answers\.toml is no TOML"):
        read_answers(text, "answers.toml")


keys = st.sampled_from(sorted(GAPS))
entries = st.builds(
    GapEntry,
    st.text("0123456789abcdef", min_size=32, max_size=32).map("a1-{}".format),
    st.text(st.characters(exclude_characters="\0", categories=None)).map(Path),
    st.lists(keys, unique=True).map(tuple),
    st.dictionaries(keys, st.text()),
    st.dictionaries(keys, st.text()),
)


@given(st.lists(entries, max_size=3))
def test_an_unfilled_file_gives_no_answers(albums: list[GapEntry]) -> None:
    text = write_gaps(albums)
    text.encode()
    assert read_answers(text, "answers.toml") == {}
