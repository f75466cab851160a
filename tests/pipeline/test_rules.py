"""A site's rules as data: what breaks them is named, with what mends it."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.release import Release
from pipeline.model.rules import SiteRules
from pipeline.rules import problems
from pipeline.text import printable
from tests.support.releases import make_file, make_release, make_tracks

UNIT3D = SiteRules(
    name_length=255,
    inner_path_length=255,
    forbidden_characters='\\/?<>:*|"',
    forbidden_prefixes=("~",),
    windows_names=True,
    description_bytes=65_535,
)


def with_files(*names: str) -> Release:
    return make_release(extra=[make_file(name) for name in names])


def test_a_clean_album_has_none() -> None:
    assert problems(with_files("cover.jpg"), UNIT3D, name="First Light", description="Good.") == []


def test_without_rules_only_the_limits_of_every_file_system_hold() -> None:
    assert problems(with_files("aux.", "a:b?", "x" * 200 + "/" + "y" * 200), SiteRules()) == []


class TestPaths:
    def test_folder_and_file_count_together(self) -> None:
        rules = SiteRules(path_length=len("First Light/") + 20)
        assert problems(with_files("x" * 20), rules) == []
        (problem,) = problems(with_files("x" * 21), rules)
        assert problem.startswith("x" * 21 + ": folder and file together have 33 characters")
        assert "the site takes 32" in problem
        assert "shorten" in problem

    def test_characters_are_counted_not_bytes(self) -> None:
        assert problems(with_files("夜" * 20), SiteRules(path_length=32)) == []

    def test_a_site_may_count_only_what_is_below_the_folder(self) -> None:
        rules = SiteRules(inner_path_length=20)
        assert problems(with_files("x" * 20), rules) == []
        (problem,) = problems(with_files("CD1/" + "x" * 17), rules)
        assert "below the folder there are 21 characters" in problem

    def test_a_single_file_has_no_folder(self) -> None:
        assert problems(make_release(make_tracks("Dawn"), single=True), SiteRules(path_length=7)) == []

    def test_a_name_is_measured_in_bytes(self) -> None:
        rules = SiteRules(file_name_bytes=30)
        assert problems(with_files("夜" * 10), rules) == []
        (problem,) = problems(with_files("夜" * 11), rules)
        assert "33 bytes" in problem

    def test_a_folder_is_named_once(self) -> None:
        (problem,) = problems(with_files("Vol./a.txt", "Vol./b.txt"), UNIT3D)
        assert problem.startswith("Vol.: ")

    def test_many_files_of_one_fault_are_cut_short(self) -> None:
        found = problems(with_files(*(f"{number}?.txt" for number in range(12))), UNIT3D)
        assert len(found) == 5
        assert found[-1].endswith("(+7 more)")


class TestNames:
    @pytest.mark.parametrize("character", list('\\?<>:*|"'))
    def test_forbidden_characters_are_shown(self, character: str) -> None:
        (problem,) = problems(with_files(f"CD1/a{character}b.txt"), UNIT3D)
        assert problem == f"CD1/a{character}b.txt: the site refuses {character} in a name: rename it"

    def test_the_top_folder_may_have_them(self) -> None:
        release = make_release(title="What?")
        assert release.album.files.name == "First Light"
        assert problems(release, SiteRules(forbidden_characters=" ")) == []

    def test_a_single_file_may_not(self) -> None:
        release = make_release(make_tracks("Dawn"), single=True)
        assert problems(release, SiteRules(forbidden_characters=".")) != []

    @pytest.mark.parametrize(
        "name",
        [
            "con", "PRN", "aux.flac", "Nul.tar.gz", "com0.txt", "COM9", "lpt1.log", "a.", "a ", "etc./a.flac",
            "...", "____padding_file_0", ".____padding", ".pad/1", "~a",
        ],
    )  # fmt: skip
    def test_names_that_windows_or_a_client_cannot_take(self, name: str) -> None:
        assert len(problems(with_files(name), UNIT3D)) == 1

    @pytest.mark.parametrize(
        "name", ["console.flac", "com10.txt", "my aux.flac", ".hidden", "a..b", "padding"]
    )
    def test_names_that_only_look_alike_are_fine(self, name: str) -> None:
        assert problems(with_files(name), UNIT3D) == []

    def test_bytes_that_are_no_utf8_are_always_refused(self) -> None:
        (problem,) = problems(with_files("\udce9tude.txt"), SiteRules())
        assert problem == "\\xe9tude.txt: the name is not UTF-8: rename it"

    def test_control_characters_do_not_reach_the_terminal(self) -> None:
        (problem,) = problems(with_files("a\x1b[31m?.txt"), UNIT3D)
        assert "a\\x1b[31m?.txt" in problem


class TestRelease:
    def test_a_single_file_where_a_folder_is_wanted(self) -> None:
        rules = SiteRules(folder_required=True)
        assert problems(make_release(), rules) == []
        (problem,) = problems(make_release(make_tracks("Dawn"), single=True), rules)
        assert "folder" in problem

    def test_a_long_name(self) -> None:
        rules = SiteRules(name_length=10)
        assert problems(make_release(), rules, name="夜" * 10) == []
        (problem,) = problems(make_release(), rules, name="x" * 11)
        assert "11 characters" in problem
        assert "name_template" in problem

    def test_a_long_description_in_bytes(self) -> None:
        rules = SiteRules(description_bytes=10)
        assert problems(make_release(), rules, description="x" * 10) == []
        (problem,) = problems(make_release(), rules, description="夜" * 4)
        assert "12 bytes" in problem

    def test_what_is_not_given_is_not_checked(self) -> None:
        assert problems(make_release(), SiteRules(name_length=0, description_bytes=0)) == []


@given(st.binary(min_size=1).map(lambda name: os.fsdecode(name.translate(None, b"/\0") or b"x")))
def test_any_name_is_judged_in_clean_lines(name: str) -> None:
    for line in problems(with_files(name), UNIT3D):
        assert printable(line) == line
