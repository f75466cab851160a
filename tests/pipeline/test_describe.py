"""Names and descriptions: what a template may do, and what it never lets through."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from pipeline.describe import READY_MADE, check_template, load_template, render_description, render_name
from pipeline.errors import DescribeError
from pipeline.model.release import Release
from tests.support.releases import make_release, make_tracks

L, R = "\uff3b", "\uff3d"
"""Full-width brackets."""


def failed(release: Release, template: str) -> DescribeError:
    with pytest.raises(DescribeError) as caught:
        render_name(release, template)
    return caught.value


class TestBbcode:
    @pytest.mark.parametrize(
        ("title", "shown"),
        [
            ("Dawn [b]loud[/b]", f"Dawn {L}b{R}loud{L}/b{R}"),
            ("Dawn [URL=x]y[/url]", f"Dawn {L}URL=x{R}y{L}/url{R}"),
            ("[*] [hr] [img width=9]", f"{L}*{R} {L}hr{R} {L}img width=9{R}"),
            ("[/code]", f"{L}/code{R}"),
            ("open [b", f"open {L}b"),
            ("[url=a [b]", f"{L}url=a {L}b{R}"),
            ("Noon [Live]", "Noon [Live]"),
            ("[b-side] [i am] [1999] []", "[b-side] [i am] [1999] []"),
        ],
    )
    def test_only_what_a_site_would_take_for_a_tag_is_escaped(self, title: str, shown: str) -> None:
        release = make_release(make_tracks(title), title=title)
        assert f"  {shown}\n" in render_description(release, "default_description")
        assert f"The Testers - {shown}[/b]" in render_description(release, "default_description")

    def test_a_name_is_no_bbcode(self) -> None:
        assert render_name(make_release(title="A [b]"), "{{ release.title }}") == "A [b]"


class TestAbsence:
    @pytest.mark.parametrize("template", READY_MADE)
    def test_nothing_is_invented(self, template: str) -> None:
        track = evolve(make_tracks("Dawn")[0], artists=(), number=None)
        text = (render_name if template.endswith("name") else render_description)(
            make_release([track], year=None), template
        )
        for word in ("None", "Unknown", "()", "[]", "{}"):
            assert word not in text

    @pytest.mark.parametrize(
        ("template", "name"),
        [
            ("{{ release.artist }} - {{ release.title }} ({{ release.year }})", "The Testers - First Light"),
            ("{{ release.title }} [{{ release.media }} / {{ release.label }}] x", "First Light x"),
            ("{{ release.title }} {{ release.barcode }}", "First Light"),
            ("{{ release.title }} [{{ release.media }} {{ release.format }}]", "First Light [ FLAC]"),
            ("{{ release.title }} ( )", "First Light ( )"),
        ],
    )
    def test_an_absent_value_takes_its_brackets_along(self, template: str, name: str) -> None:
        assert render_name(make_release(year=None), template) == name

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"title": None}, ["no title", "--set title=..."]),
            ({"artist": " "}, ["no artist", "--set artist=..."]),
            ({"title": None, "artist": None}, ["no artist and no title", "--set artist=... --set title=..."]),
        ],
    )
    def test_title_and_artist_are_needed(self, changes: dict[str, Any], words: list[str]) -> None:
        error = failed(make_release(**changes), "default_name")
        assert error.reason == "missing"
        assert error.path == Path("/music/First Light")
        assert all(word in str(error) for word in words)


class TestTemplates:
    def test_a_release_has_documented_fields(self) -> None:
        template = (
            "{{ release.bit_depth }} {{ release.sample_rate }} {{ release.channels }} "
            "{{ release.bitrate_kbps }} {{ release.lossless }} {{ release.track_count }} "
            "{{ release.disc_count }} {{ release.size_bytes }} "
            "{% for track in release.tracks %}{{ track.disc }}.{{ track.number }} {{ track.path }} "
            "{{ track.artists | join('+') }} {{ track.duration }} {% endfor %}"
        )
        assert render_name(make_release(), template) == (
            "16 44100 2 900 True 2 1 40000000 1.1 01.flac The Testers 3:00 1.2 02.flac The Testers 3:00"
        )

    @pytest.mark.parametrize(
        ("template", "words"),
        [
            ("\n{{ release.yeer }}", "line 2: release has no field yeer; did you mean year?"),
            ("{{ relese.year }}", "line 1: relese is not known"),
            ("{{ release.title | shout }}", "line 1: No filter named 'shout'"),
            ("{{ release.genres | random }}", "line 1: No filter named 'random'"),
            ("\n\n{% if %}", "line 3: "),
            ("defualt_name", "did you mean default_name?"),
            ("{{ " + "(" * 5000, "recursion"),
        ],
    )
    def test_a_check_finds_it(self, template: str, words: str) -> None:
        assert words in str(check_template(template))
        error = failed(make_release(), template)
        assert error.reason == "template"
        assert words in error.message
        assert "configuration" in error.hint

    @pytest.mark.parametrize(
        ("template", "words"),
        [
            (
                "{% for t in release.tracks %}\n{{ t.titel }}{% endfor %}",
                "line 2: Track has no attribute 'titel'",
            ),
            ("\n{{ 1 / 0 }}", "line 2: "),
            ("{{ release.title + 1 }}", "line 1: "),
            ("{{ release.artist.__class__ }}", "unsafe"),
            ("{% include 'x' %}", "line 1: "),
            ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "recursion"),
            ("{{ 'a' * 10000000 }}", "200,000"),
            ("{{ [1] * 10000000 }}", "200,000"),
            ("{{ 9 ** 9 ** 9 }}", "**"),
            ("{% for n in range(10000) %}{{ release }}{% endfor %}", "200,000"),
            ("{% for n in range(10 ** 9) %}{% endfor %}", "**"),
            ("{% for n in range(1000000000) %}{% endfor %}", "20,000 steps"),
            ("{% for n in range(999) %}{% for m in range(999) %}{% endfor %}{% endfor %}", "20,000 steps"),
        ],
    )
    def test_a_fault_or_an_excess_is_told(self, template: str, words: str) -> None:
        assert check_template(template) is None
        error = failed(make_release(), template)
        assert error.reason == "template"
        assert words in error.message

    def test_an_empty_name_is_refused(self) -> None:
        assert failed(make_release(), "{{ release.label }}\n").reason == "empty"

    def test_loops_and_sets_are_no_unknown_names(self) -> None:
        template = (
            "{% if release.year %}{% set when = release.year %}{% else %}{% set when = 'then' %}{% endif %}"
            "{% for n in range(3) %}{{ loop.index }}{% endfor %} {{ when }}"
        )
        assert check_template(template) is None
        assert render_name(make_release(), template) == "123 2001"

    @pytest.mark.parametrize("name", READY_MADE)
    def test_the_ready_made_ones_are_sound(self, name: str) -> None:
        assert check_template(name) is None
        assert check_template(load_template(name)) is None
        assert "release." in load_template(name)


class TestAnyText:
    @given(st.text(), st.text())
    def test_a_name_is_one_clean_line(self, title: str, artist: str) -> None:
        release = make_release(title=f"x{title}", artist=f"{artist}x")
        name = render_name(release, "default_name")
        assert name == render_name(release, load_template("default_name"))
        assert name == unicodedata.normalize("NFC", " ".join(name.split()))
        assert not any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in name)
        assert "None" not in name.replace(title, "").replace(artist, "")
        name.encode()

    @given(st.lists(st.text(), min_size=1, max_size=3))
    def test_a_description_keeps_its_shape(self, titles: list[str]) -> None:
        text = render_description(make_release(make_tracks(*titles)), "default_description")
        assert not any(unicodedata.category(character) == "Cc" for character in text.replace("\n", ""))
        assert text.count("\n") == 9 + len(titles)
        assert (text.count("[b]"), text.count("[code]"), text.count("[/code]")) == (5, 1, 1)
        text.encode()

    @given(st.text())
    def test_text_that_is_no_template_still_gives_a_plain_error(self, template: str) -> None:
        problem = check_template(template)
        if problem is not None:
            assert problem in failed(make_release(), template).message
        else:
            with suppress(DescribeError):
                render_name(make_release(), template)


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("...{{ release.title }}. ", "First Light"),
        (" .hidden {{ release.title }} Vol. 2.", "hidden First Light Vol. 2"),
        ("{{ release.title }}: why? *", "First Light: why? *"),
    ],
)
def test_a_name_has_no_dot_or_space_at_its_ends(template: str, name: str) -> None:
    assert render_name(make_release(), template) == name


def test_a_name_of_dots_is_empty() -> None:
    assert failed(make_release(), "...").reason == "empty"
