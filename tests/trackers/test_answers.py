"""A site's words are shown in one line, without markup and secrets; a login page is told from a release."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.secret import Redactor, Secret
from trackers.answers import LONGEST_TEXT, describe, flatten, readable, redirects_to_login, refusal_text
from trackers.request import Answer

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


def same(text: str) -> str:
    return text


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"success": False, "message": "taken"}, "taken"),
        ({"error": "taken"}, "taken"),
        ({"errors": ["taken", "too long"]}, "taken, too long"),
        ({"errors": {"name": ["taken", "too long"], "file": []}}, "name: taken, too long"),
        ({"message": "Validation Error.", "data": "no file"}, "Validation Error.: no file"),
        (
            {"message": "Validation Error.", "data": {"anon": ["required"]}},
            "Validation Error.: anon: required",
        ),
        ({"message": "taken", "error": "taken"}, "taken"),
        ({"error": {"code": 3, "text": "taken"}}, "code: 3; text: taken"),
        ({"error": True, "data": None, "errors": [[]]}, ""),
        ({}, ""),
    ],
)
def test_a_refusal_is_read_in_all_its_shapes(document: dict[str, object], words: str) -> None:
    assert refusal_text(document) == words


@given(JSON)
def test_any_json_can_be_flattened(document: object) -> None:
    assert isinstance(flatten(document), str)


def test_words_that_lie_too_deep_are_left_out() -> None:
    document: object = "deep"
    for _ in range(900):
        document = [document]
    assert flatten(document) == ""


@given(st.text(max_size=1000))
def test_what_is_shown_is_one_short_line(text: str) -> None:
    shown = readable(text, same)
    assert len(shown) <= LONGEST_TEXT
    assert "\n" not in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<p>The <b>name</b>\r\n is taken &amp; gone</p>", "The name is taken & gone"),
        ("<style>p { color: red }</style><script>alert('x')</script>Sorry", "Sorry"),
        ("a < b", "a < b"),
        ("\x1b[31mred\x1b[0m\u202e", "[31mred[0m"),
    ],
)
def test_markup_and_controls_are_taken_out(text: str, shown: str) -> None:
    assert readable(text, same) == shown


@given(st.integers(0, 400), st.sampled_from(["", "<b>", "&lt;b&gt;", "<script>x</script>"]))
def test_a_secret_at_the_cut_is_not_shown_in_part(before: int, markup: str) -> None:
    key = "0123456789abcdef0123456789abcdef"
    shown = readable("x" * before + markup + key + "y" * 400, Redactor([Secret(key)]))
    assert "0123" not in shown


@pytest.mark.parametrize(
    "page", ["<" * 10**6, "<script" * 10**5, "<title" * 10**5, "&" * 10**6, f"&#{'1' * 10**6}"]
)
def test_a_page_that_means_harm_is_read_quickly(page: str) -> None:
    started = time.perf_counter()
    describe(Answer(200, {}, page.encode()), same)
    assert time.perf_counter() - started < 1.0


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(200, {}, b" \n"), "an empty answer"),
        (
            Answer(200, {}, b"<!DOCTYPE html><HTML lang=en><title>\nJust a moment...</title>"),
            "(Just a moment...)",
        ),
        (Answer(200, {}, b"<html><body>Hello"), "an HTML page"),
        (Answer(200, {}, b'{"success": "true", "id": 7}'), "JSON (success: true; id: 7)"),
        (Answer(200, {}, b"[]"), "JSON without any words"),
        (Answer(200, {}, b"OK then"), '"OK then"'),
        (Answer(302, {"Location": "/here"}, b"<html>"), "a redirect to /here"),
    ],
)
def test_what_came_instead_is_told(answer: Answer, words: str) -> None:
    assert words in describe(answer, same)


@pytest.mark.parametrize(
    ("status", "location", "login"),
    [
        (302, "/login", True),
        (302, "https://site.example/login?from=%2Fapi", True),
        (303, "/users/LOGIN.php#top", True),
        (302, "/signin/", True),
        (302, "/torrents/7-login", False),
        (302, "/torrents/7?name=login", False),
        (302, "/torrents/login/7", False),
        (302, "http://[::1/login", False),
        (302, "", False),
        (200, "/login", False),
    ],
)
def test_only_a_page_of_that_name_is_a_login(status: int, location: str, login: bool) -> None:
    assert redirects_to_login(Answer(status, {"Location": location}, b"")) is login
