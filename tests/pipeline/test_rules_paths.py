"""Rules about names: what breaks them is named, with what mends it."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from pipeline.file_sets import files_for
from pipeline.model.release import Release
from pipeline.model.rules import SiteRules
from pipeline.rules import problems
from pipeline.text import printable
from tests.support.releases import make_file, make_release, make_tracks
from tests.support.site_rules import UNIT3D

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=300)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)


def with_files(*names: str) -> Release:
    return make_release(extra=[make_file(name) for name in names])


def in_folder(name: str) -> Release:
    release = make_release()
    files = evolve(release.album.files, root=Path("/music") / name)
    return evolve(release, album=evolve(release.album, files=files))


class TestLengths:
    @pytest.mark.parametrize("limit", [180, 255])
    def test_folder_and_file_count_together_with_the_slash(self, limit: int) -> None:
        rules, room = SiteRules(path_length=limit), limit - len("First Light/CD1/")
        assert problems(with_files("CD1/" + "x" * room), rules) == []
        (problem,) = problems(with_files("CD1/" + "x" * (room + 1)), rules)
        assert f"folder and file together have {limit + 1} characters, the site takes {limit}" in problem
        assert problem.endswith("shorten their names")

    @pytest.mark.parametrize("limit", [180, 255])
    def test_a_site_may_count_only_what_is_below_the_folder(self, limit: int) -> None:
        rules = SiteRules(inner_path_length=limit)
        assert problems(with_files("CD1/" + "x" * (limit - 4)), rules) == []
        (problem,) = problems(with_files("CD1/" + "x" * (limit - 3)), rules)
        assert f"below the folder there are {limit + 1} characters" in problem

    def test_characters_are_counted_not_bytes(self) -> None:
        assert problems(with_files("夜" * 20), SiteRules(path_length=32)) == []

    def test_a_decomposed_letter_counts_as_it_lies_on_the_disk(self) -> None:
        rules = SiteRules(inner_path_length=20)
        name = "é" * 20
        assert problems(with_files(unicodedata.normalize("NFC", name)), rules) == []
        (problem,) = problems(with_files(unicodedata.normalize("NFD", name)), rules)
        assert "40 characters" in problem

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
    def test_a_clean_album_has_none(self) -> None:
        assert problems(with_files("cover.jpg"), UNIT3D, name="First Light", description="Good.") == []

    def test_without_rules_only_the_limits_of_every_file_system_hold(self) -> None:
        assert problems(with_files("aux.", "a:b?", "x" * 200 + "/" + "y" * 200), SiteRules()) == []

    @pytest.mark.parametrize("character", list('\\?<>:*|"'))
    def test_forbidden_characters_are_shown(self, character: str) -> None:
        (problem,) = problems(with_files(f"CD1/a{character}b.txt"), UNIT3D)
        told = f"CD1/a{character}b.txt: the site refuses {character} in a name"
        assert problem == f"{told}: rename it, or give --stage DIR"

    def test_the_top_folder_may_have_them(self) -> None:
        assert problems(make_release(), SiteRules(forbidden_characters=" ")) == []

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
        assert len(problems(with_files(name), evolve(UNIT3D, junk=()))) == 1

    @pytest.mark.parametrize(
        "name", ["console.flac", "com10.txt", "my aux.flac", ".hidden", "a..b", "padding"]
    )
    def test_names_that_only_look_alike_are_fine(self, name: str) -> None:
        assert problems(with_files(name), UNIT3D) == []

    def test_a_name_of_a_file_that_the_site_does_not_get_harms_nobody(self) -> None:
        assert problems(with_files("CD1/@eaDir/aux?", "What?.url", "x" * 300 + ".part"), UNIT3D) == []

    def test_a_single_file_where_a_folder_is_wanted(self) -> None:
        rules = SiteRules(folder_required=True)
        assert problems(make_release(), rules) == []
        (problem,) = problems(make_release(make_tracks("Dawn"), single=True), rules)
        assert "put it into one of its own" in problem


class TestInvisible:
    @pytest.mark.parametrize("name", ["\u200b", "CD1/\u200b\u200b", "\u202e\u2066", "\u3164", " ", "\u00a0"])
    def test_a_name_that_shows_nothing_is_always_refused(self, name: str) -> None:
        (problem,) = problems(with_files(name), SiteRules())
        assert problem.endswith(": the name shows nothing: rename it")
        assert f"U+{ord(name[-1]):04X}" in problem

    def test_a_folder_that_shows_nothing_is_refused_too(self) -> None:
        (problem,) = problems(in_folder("\u200b"), SiteRules())
        assert problem == "U+200B: the name shows nothing: rename it"

    @pytest.mark.parametrize("name", ["👩\u200d🎤.txt", "می\u200cرو.txt", "a\u200bb.txt", "\u0301.txt"])
    def test_joiners_belong_to_emoji_and_persian(self, name: str) -> None:
        assert problems(with_files(name), UNIT3D) == []

    def test_what_a_site_forbids_is_shown_by_its_number(self) -> None:
        (problem,) = problems(with_files("a\u200bb.txt"), SiteRules(forbidden_characters="?\u200b"))
        assert "the site refuses U+200B in a name" in problem

    def test_a_leading_space_is_shown_by_its_number(self) -> None:
        (problem,) = problems(with_files("CD1/ a.txt"), SiteRules(forbidden_prefixes=(" ",)))
        assert (
            problem
            == "CD1/ a.txt: the site refuses a name that starts with U+0020: rename it, or give --stage DIR"
        )

    def test_bytes_that_are_no_utf8_are_always_refused(self) -> None:
        (problem,) = problems(with_files("\udce9tude.txt"), SiteRules())
        assert problem == "\\xe9tude.txt: the name is not UTF-8: rename it"

    def test_control_characters_do_not_reach_the_terminal(self) -> None:
        (problem,) = problems(with_files("a\x1b[31m?.txt"), UNIT3D)
        assert "a\\x1b[31m?.txt" in problem


@given(st.binary(min_size=1).map(lambda name: os.fsdecode(name.translate(None, b"/\0") or b"x")))
def test_any_name_is_judged_in_clean_lines(name: str) -> None:
    for line in problems(with_files(name), UNIT3D):
        assert printable(line) == line


@given(PATHS, st.integers(1, 400))
def test_a_path_is_refused_exactly_from_its_limit_on(path: str, limit: int) -> None:
    release = evolve(make_release(), cover=None)
    files = evolve(release.album.files, files=(make_file(path),))
    release = evolve(release, album=evolve(release.album, files=files))
    rules = SiteRules(inner_path_length=limit, file_name_bytes=10_000, junk=())
    found = [line for line in problems(release, rules) if "below the folder" in line]
    assert bool(found) == (len(path) > limit)


@given(st.lists(PATHS, max_size=6, unique=True))
def test_every_name_that_the_server_refuses_is_found(paths: list[str]) -> None:
    release = with_files(*paths)
    parts = {part for file in files_for(release.album.files, UNIT3D).files for part in file.parts}
    refused = any(
        set(part) & set(UNIT3D.forbidden_characters) or part.endswith((".", " ")) or part.startswith("~")
        for part in parts
    )
    if refused:
        assert problems(release, UNIT3D)
