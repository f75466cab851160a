from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mua_async.display.text import (
    album_label,
    duration_text,
    percent_text,
    rate_text,
    sentence,
    size_text,
    wait_text,
)
from pipeline.text import printable, valid_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Sigur Rós - ( )", "Sigur Rós - ( )"),
        ("caf\udce9", r"caf\xe9"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("two\nlines\tand\r", r"two\nlines\tand\r"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("half \ud800", r"half \ud800"),
        ("next\x85line", r"next\u0085line"),
        ("👩‍👩‍👧‍👦 [bold]椎名林檎", "👩‍👩‍👧‍👦 [bold]椎名林檎"),
    ],
)
def test_what_acts_on_a_terminal_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_becomes_one_line_that_can_be_encoded(text: str) -> None:
    shown = printable(text)
    shown.encode()
    assert len(shown.splitlines()) <= 1
    assert "\x1b" not in shown


def test_valid_text_leaves_alone_what_json_can_carry() -> None:
    assert valid_text("a\nb \udcff") == "a\nb \\xff"


def test_a_message_of_several_lines_becomes_one_sentence_and_keeps_its_names() -> None:
    assert sentence("The name is taken.\r\n  /a  b/c is wrong.\n", "rename it") == (
        "The name is taken. /a  b/c is wrong. (rename it)"
    )


@pytest.mark.parametrize(
    ("folder", "label"),
    [
        ("Miles Davis - Kind of Blue (1959)", "Miles Davis - Kind of Blue (1959)"),
        ("miles davis, KIND OF BLUE", "miles davis, KIND OF BLUE"),
        ("1959 Kind of Blue", "1959 Kind of Blue (Miles Davis - Kind of Blue)"),
    ],
)
def test_an_album_is_called_by_its_folder_and_by_what_the_folder_leaves_out(folder: str, label: str) -> None:
    assert album_label(Path("/music") / folder, "Miles Davis", "Kind of Blue") == label


def test_an_album_without_tags_is_called_by_its_folder() -> None:
    assert album_label(Path("/music/caf\udce9")) == r"caf\xe9"
    assert album_label(Path("/music/x"), None, "Title") == "x (Title)"


def test_numbers_read_as_people_write_them() -> None:
    assert [size_text(n) for n in (0, 1023, 1024, 12_900_000, 345 << 20, 1000 << 20, 5 << 40)] == [
        "0 B",
        "1023 B",
        "1.0 KiB",
        "12.3 MiB",
        "345 MiB",
        "1.0 GiB",
        "5.0 TiB",
    ]
    assert rate_text(345 << 20, 0.5) == "690 MiB/s"
    assert rate_text(1, 0.0) == ""
    assert [duration_text(s) for s in (0, 42.9, 2832, 3723)] == ["0:00", "0:42", "47:12", "1:02:03"]
    assert [wait_text(s) for s in (-1, 0.2, 12, 300)] == ["0 s", "1 s", "12 s", "5:00"]
    assert [percent_text(*p) for p in ((0, 0), (999, 1000), (1000, 1000))] == ["100 %", "99 %", "100 %"]
