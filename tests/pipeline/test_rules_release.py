"""Rules about what must be known of an album, its files, its rip logs and its cover."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from attrs import evolve

from pipeline.model.album import Certainty, Media, Origin, ReleaseType, Track
from pipeline.model.audio import Codec
from pipeline.model.release import Cover, Release
from pipeline.model.rips import LogChecksum, RipLog
from pipeline.model.rules import SiteRules
from pipeline.rules import problems, warnings
from tests.support.releases import GUESS, make_file, make_release, make_stream, make_tracks
from tests.support.site_rules import GAZELLE, UNIT3D

TAGS = {"artist": ("The Testers",), "album": ("First Light",), "title": ("Dawn",), "tracknumber": ("1",)}


def tagged(*titles: str, without: tuple[str, ...] = ()) -> list[Track]:
    tags = {name: values for name, values in TAGS.items() if name not in without}
    return [evolve(track, tags=tags) for track in make_tracks(*titles)]


def cd(**changes: Any) -> Release:
    values: Mapping[str, Any] = {
        "media": Media.CD,
        "release_type": ReleaseType.ALBUM,
        "genres": ("jazz",),
        "year": 1994,
    }
    return make_release(tagged("Dawn", "Noon"), **{**values, **changes})


def log(score: int | None, *deductions: str) -> RipLog:
    return RipLog(make_file("rip.log"), "EAC 1.6", LogChecksum.GOOD, score, deductions)


class TestTypes:
    def test_a_type_that_the_site_does_not_take(self) -> None:
        rules = SiteRules(release_types=frozenset({ReleaseType.ALBUM, ReleaseType.EP}))
        assert problems(make_release(release_type=ReleaseType.EP), rules) == []
        (problem,) = problems(make_release(release_type=ReleaseType.SPOKEN), rules)
        assert problem.startswith("the site takes no release of type SPOKEN: it takes ALBUM, EP")
        assert "--set release_type=" in problem

    def test_one_track_is_a_single(self) -> None:
        rules, one = SiteRules(one_track_is_single=True), make_tracks("Dawn")
        assert problems(make_release(one, release_type=ReleaseType.SINGLE), rules) == []
        assert problems(make_release(release_type=ReleaseType.EP), rules) == []
        (problem,) = problems(make_release(one, release_type=ReleaseType.EP), rules)
        assert problem.startswith("one track is a SINGLE at the site, not EP")


class TestKnown:
    def test_fields_that_are_not_known(self) -> None:
        rules = SiteRules(required=frozenset({"year", "media", "genres", "catalogue_number"}))
        assert problems(cd(catalogue_number="TST 1"), rules) == []
        assert problems(cd(genres=()), rules) == [
            "the site wants to know the catalogue number: --set catalogue_number=..., or tag the files",
            "the site wants to know the genres: --set tags=..., or tag the files",
        ]

    def test_a_guess_is_known(self) -> None:
        release = make_release(release_type=ReleaseType.EP, origins={"release_type": GUESS})
        assert problems(release, SiteRules(required=frozenset({"release_type"}))) == []

    def test_tags_that_are_missing(self) -> None:
        rules = SiteRules(required_tags=frozenset({"artist", "album", "title", "tracknumber"}))
        assert problems(make_release(tagged("Dawn", "Noon")), rules) == []
        found = problems(make_release(tagged("Dawn", "Noon", without=("title", "album"))), rules)
        assert found == [
            f"{name}: the site wants the tag album, title: tag the file" for name in ("01.flac", "02.flac")
        ]

    def test_the_length_of_genres(self) -> None:
        rules = SiteRules(genre_length=(2, 5))
        assert problems(cd(genres=("jazz", "新浪")), rules) == []
        short, long = problems(cd(genres=("j", "jazz", "electronic")), rules)
        assert short.startswith("the genre “j” has 1 characters, the site takes 2 to 5")
        assert long.startswith("the genre “electronic” has 10 characters")

    @pytest.mark.parametrize(
        ("album", "broken"),
        [
            ({"year": 1982}, False),
            ({"year": 1981}, True),
            ({"year": 1959, "edition_year": 1987}, False),
            ({"year": 1959, "media": Media.VINYL}, False),
            ({"year": None}, False),
        ],
    )
    def test_a_year_before_the_medium(self, album: dict[str, Any], broken: bool) -> None:
        found = problems(cd(**album), SiteRules(earliest_year=((Media.CD, 1982),)))
        assert found == (
            [
                "no CD is of 1981, the site takes them from 1982 on: "
                "give the year of this edition, --set edition_year=..."
            ]
            if broken
            else []
        )


class TestLogs:
    def test_a_cd_without_a_log(self) -> None:
        rules = SiteRules(log_required=True)
        assert problems(cd(rip_logs=(log(None),)), rules) == []
        assert problems(cd(media=Media.WEB), rules) == []
        (problem,) = problems(cd(), rules)
        assert "put the log beside the tracks" in problem

    def test_a_lossy_cd_rip_needs_none(self) -> None:
        lossy = make_tracks("Dawn", stream=make_stream(Codec.MP3))
        assert problems(make_release(lossy, media=Media.CD), SiteRules(log_required=True)) == []

    def test_a_bad_score(self) -> None:
        rules = SiteRules(log_score_min=90)
        assert problems(cd(rip_logs=(log(90),)), rules) == []
        assert problems(cd(rip_logs=(log(70, "no AccurateRip", "gap handling"),)), rules) == [
            "rip.log: the log scores 70 (no AccurateRip; gap handling), the site takes 90: rip the CD anew"
        ]

    def test_a_score_that_cannot_be_told_is_a_warning(self) -> None:
        release, rules = cd(rip_logs=(log(None),)), SiteRules(log_score_min=90)
        assert problems(release, rules) == []
        (warning,) = warnings(release, rules)
        assert warning == "rip.log: its score cannot be told here, the site takes 90 or more"


class TestFiles:
    def test_audio_that_the_site_does_not_take(self) -> None:
        rules = SiteRules(extensions=frozenset({"mp3", "jpg"}))
        found = problems(make_release(), rules)
        assert (
            found[0] == "01.flac: the site takes no .flac files: give it the album in a format that it takes"
        )
        assert len(found) == 2

    def test_an_extension_may_be_in_capitals(self) -> None:
        (track,) = make_tracks("Dawn")
        release = make_release([evolve(track, file=evolve(track.file, parts=("01.FLAC",)))])
        assert problems(release, SiteRules(extensions=frozenset({"flac"}))) == []


class TestCover:
    @staticmethod
    def with_cover(width: int = 600, height: int = 500, size: int = 1000) -> Release:
        return Release(make_release().album, Cover(b"x" * size, "image/jpeg", width, height, "front.jpg"))

    def test_within_all_limits(self) -> None:
        rules = SiteRules(cover_bytes_max=1000, cover_side_min=500, cover_side_max=600)
        assert problems(self.with_cover(), rules) == []
        assert problems(make_release(), rules) == []

    @pytest.mark.parametrize(
        ("rules", "said"),
        [
            (SiteRules(cover_bytes_max=999), "has 1000 bytes, the site takes 999"),
            (SiteRules(cover_side_min=501), "has only 500 pixels a side, the site takes 501"),
            (SiteRules(cover_side_max=599), "has 600 pixels a side, the site takes 599"),
        ],
    )
    def test_a_cover_that_breaks_one(self, rules: SiteRules, said: str) -> None:
        (problem,) = problems(self.with_cover(), rules)
        assert problem.startswith(f"the cover (front.jpg) {said}")


class TestWarnings:
    def test_nothing_to_tell(self) -> None:
        assert warnings(cd(), UNIT3D) == []

    def test_what_is_left_out(self) -> None:
        release = make_release(extra=[make_file(f"Scans/{number}.url") for number in range(7)])
        found = warnings(release, UNIT3D)
        assert found[0] == "Scans/0.url is left out of the torrent"
        assert found[-1].endswith("(+2 more)")

    def test_what_is_guessed(self) -> None:
        origins = {"release_type": GUESS, "year": Origin("tag date", Certainty.STATED)}
        (warning,) = warnings(make_release(release_type=ReleaseType.EP, origins=origins), UNIT3D)
        assert warning == (
            "the release type EP is only a guess by track count and length: "
            "--set release_type=... corrects it"
        )


class TestGazelle:
    def test_a_clean_cd_rip(self) -> None:
        assert problems(cd(rip_logs=(log(100),)), GAZELLE) == []

    def test_all_that_is_wrong_is_told_at_once(self) -> None:
        stream = make_stream(bit_depth=32, sample_rate=384_000)
        bad = make_tracks("Dawn", stream=stream)
        release = make_release(
            bad,
            extra=[make_file("What?.txt"), make_file("x" * 180 + ".jpg"), make_file("a:b.webp")],
            media=Media.CD,
            release_type=ReleaseType.ALBUM,
            year=1975,
        )
        found = problems(release, GAZELLE)
        assert [line.partition(":")[0] for line in found] == [
            "x" * 180 + ".jpg",
            "What?.txt",
            "01.flac",
            "01.flac",
            "one track is a SINGLE at the site, not ALBUM",
            "the site wants to know the genres",
            "01.flac",
            "no CD is of 1975, the site takes them from 1982 on",
        ]
        assert warnings(release, GAZELLE) == ["a:b.webp is left out of the torrent"]
