"""Text measured and cut as a reader sees it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.describe import render_name
from pipeline.errors import DescribeError
from pipeline.filters import display_width, pad, shorten
from tests.support.releases import make_release

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
FLAGS = "\U0001f1eb\U0001f1f7\U0001f1ef\U0001f1f5"


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("abc", 3),
        ("夜明け", 6),
        ("\uff37", 2),
        ("e\u0301", 1),
        ("a\u200bb", 2),
        ("ㅎ", 2),
        ("", 0),
        (None, 0),
    ],
)
def test_the_width_of_text(text: str | None, columns: int) -> None:
    assert display_width(text) == columns


@pytest.mark.parametrize(
    ("text", "right", "padded"),
    [
        ("ab", False, "ab   "),
        ("ab", True, "   ab"),
        ("夜明", False, "夜明 "),
        ("too long", False, "too long"),
    ],
)
def test_padding(text: str, right: bool, padded: str) -> None:
    assert pad(text, 5, right) == padded


@pytest.mark.parametrize(
    ("text", "characters", "short"),
    [
        ("First Light", 11, "First Light"),
        ("First Light", 10, "First Lig…"),
        ("First Light", 7, "First…"),
        ("q\u0301q\u0301q\u0301", 4, "q\u0301…"),
        (f"a{FAMILY}b", 6, "a…"),
        (f"{FLAGS}!", 4, f"{FLAGS[:2]}…"),
        ("\U0001f44d\U0001f3fe!!", 2, "…"),
        ("क्षत्रिय", 3, "…"),
        ("abc", 1, "…"),
        (None, 5, None),
    ],
)
def test_a_text_is_cut_between_what_readers_see_as_characters(
    text: str | None, characters: int, short: str | None
) -> None:
    assert shorten(text, characters) == short


@given(st.text(), st.integers(1, 20))
def test_a_short_text_fits_and_begins_the_same(text: str, characters: int) -> None:
    short = shorten(text, characters)
    assert short is not None
    assert len(short) <= characters
    whole = unicodedata.normalize("NFC", text)
    assert short == whole or (short.endswith("…") and whole.startswith(short[:-1]))


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{{ release.title | shorten(6) }} {{ release.year }}", "First… 2001"),
        ("{{ release.title }} ({{ release.label | shorten(6) }})", "First Light"),
        ("{{ release.title | pad(13) }}|", "First Light |"),
        ("{{ release.title | display_width }}", "11"),
    ],
)
def test_templates_have_them(template: str, name: str) -> None:
    assert render_name(make_release(), template) == name


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{ release.title | pad(1000000000) }}", "1,000 columns"),
        ("{{ release.title | shorten(0) }}", "at least"),
        ("{{ release.title | pad('x') }}", "line 1"),
    ],
)
def test_a_wrong_use_is_told(template: str, words: str) -> None:
    with pytest.raises(DescribeError, match=words):
        render_name(make_release(), template)
