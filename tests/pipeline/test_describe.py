"""Names and descriptions: what the ready-made templates say, and what a user's template may do."""

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
from pipeline.model.album import Media, ReleaseType
from pipeline.model.audio import Codec
from pipeline.model.release import Release
from tests.support.releases import make_file, make_release, make_stream, make_tracks

EDITION: dict[str, Any] = {
    "media": Media.WEB,
    "label": "Test Tones",
    "catalogue_number": "TT 1",
    "barcode": "0123456789012",
    "edition": "Deluxe Edition",
    "edition_year": 2011,
    "release_type": ReleaseType.EP,
    "genres": ("Rock", "Pop"),
}
L, R = "\uff3b", "\uff3d"
"""Full-width brackets."""
HIRES = make_stream(bit_depth=24, sample_rate=96_000)


def of_codec(codec: Codec = Codec.MP3, **changes: Any) -> Release:
    return make_release(make_tracks("Dawn", "Noon", stream=make_stream(codec, **changes)), media=Media.WEB)


def failed(release: Release, template: str) -> DescribeError:
    with pytest.raises(DescribeError) as caught:
        render_name(release, template)
    return caught.value


class TestDefaultName:
    @pytest.mark.parametrize(
        ("release", "name"),
        [
            (make_release(media=Media.WEB), "The Testers - First Light (2001) [WEB FLAC 16bit 44.1 kHz]"),
            (make_release(year=None), "The Testers - First Light [FLAC 16bit 44.1 kHz]"),
            (
                make_release(make_tracks("Dawn", stream=HIRES), **EDITION),
                "The Testers - First Light (2001) {2011, Deluxe Edition, TT 1} [WEB FLAC 24bit 96 kHz]",
            ),
            (
                make_release(edition_year=2001, media=Media.VINYL),
                "The Testers - First Light (2001) [Vinyl FLAC 16bit 44.1 kHz]",
            ),
            (
                make_release([*make_tracks("Dawn"), *make_tracks("Noon", stream=HIRES, disc=2)]),
                "The Testers - First Light (2001) [FLAC 16/24bit 44.1/96 kHz]",
            ),
            (of_codec(), "The Testers - First Light (2001) [WEB MP3 320]"),
            (of_codec(bitrate=318_500), "The Testers - First Light (2001) [WEB MP3 320]"),
            (of_codec(bitrate=245_000), "The Testers - First Light (2001) [WEB MP3]"),
            (of_codec(constant_bitrate=False), "The Testers - First Light (2001) [WEB MP3]"),
            (of_codec(Codec.OGG, bitrate=499_821), "The Testers - First Light (2001) [WEB OGG]"),
            (make_release(title="( )", artist="[b]"), "[b] - ( ) (2001) [FLAC 16bit 44.1 kHz]"),
        ],
    )
    def test_says_what_is_known(self, release: Release, name: str) -> None:
        assert render_name(release, "default_name") == name

    def test_a_bitrate_is_named_only_where_all_tracks_have_it(self) -> None:
        mixed = [
            *make_tracks("Dawn", stream=make_stream(Codec.MP3)),
            *make_tracks("Noon", stream=make_stream(Codec.MP3, bitrate=192_000), disc=2),
        ]
        assert render_name(make_release(mixed), "default_name").endswith("[MP3]")


class TestDottedName:
    @pytest.mark.parametrize(
        ("release", "name"),
        [
            (
                make_release(**EDITION),
                "The.Testers-First.Light [Barcode-0123456789012] 2001 WEB 16bit 44.1 kHz FLAC",
            ),
            (
                make_release(catalogue_number="TT 1", media=Media.CD),
                "The.Testers-First.Light [Cat-TT 1] 2001 CD 16bit 44.1 kHz FLAC",
            ),
            (make_release(year=None), "The.Testers-First.Light 16bit 44.1 kHz FLAC"),
            (of_codec(), "The.Testers-First.Light 2001 WEB MP3"),
        ],
    )
    def test_is_the_old_tools_without_its_guesses(self, release: Release, name: str) -> None:
        assert render_name(release, "dotted_name") == name


DESCRIPTION = """\
[b]The Testers - First Light[/b]

[b]Year:[/b] 2001
[b]Edition:[/b] 2011, Deluxe Edition
[b]Label:[/b] Test Tones
[b]Catalogue number:[/b] TT 1
[b]Barcode:[/b] 0123456789012
[b]Genre:[/b] Rock, Pop
[b]Type:[/b] EP
[b]Media:[/b] WEB
[b]Format:[/b] FLAC / 16 bit / 44.1 kHz / stereo

[b]Disc 1[/b]
[code]
01. 3:00  Dawn
02. 3:00  夜明け
[/code]

[b]Disc 2[/b]
[code]
01. 1:06:40  A Guest - Noon
[/code]

[b]Total:[/b] 1:12:40, 57.2 MiB"""

PLAIN = """\
The Testers - First Light

Year: 2001
Format: MP3 / 320 kbps / 44.1 kHz

01. 3:00  Dawn
02. 3:00  Noon

Total: 6:00, 38.1 MiB"""


class TestDescriptions:
    def test_the_default_has_facts_tracks_and_totals(self) -> None:
        long = make_tracks("Noon", stream=make_stream(duration=4000), disc=2)
        guest = evolve(long[0], artists=("A Guest",))
        release = make_release([*make_tracks("Dawn", "夜明け", disc=1), guest], **EDITION)
        assert render_description(release, "default_description") == DESCRIPTION

    def test_the_plain_one_has_no_bbcode(self) -> None:
        release = make_release(make_tracks("Dawn", "Noon", stream=make_stream(Codec.MP3)))
        assert render_description(release, "plain_description") == PLAIN

    def test_times_line_up(self) -> None:
        tracks = make_tracks("Short", "Long")
        tracks[1] = evolve(tracks[1], stream=make_stream(duration=754.6))
        lines = render_description(make_release(tracks), "default_description").splitlines()
        assert "01.  3:00  Short" in lines
        assert "02. 12:35  Long" in lines

    def test_tracks_stand_in_the_order_of_the_album(self) -> None:
        one, two = make_tracks("One", "Two")
        bonus = evolve(make_tracks("Bonus")[0], number=None)
        text = render_description(make_release([one, two, bonus]), "plain_description")
        assert text.index("One") < text.index("Two") < text.index("Bonus")

    def test_a_track_without_tags_is_named_by_its_file(self) -> None:
        (track,) = make_tracks(None)
        track = evolve(track, file=make_file("CD1/Side A.flac"), number=None, artists=())
        assert "    3:00  Side A\n" in render_description(make_release([track]), "default_description")

    @pytest.mark.parametrize(
        ("streams", "technical"),
        [
            ([make_stream()], "FLAC / 16 bit / 44.1 kHz / stereo"),
            ([make_stream(), HIRES], "FLAC / 16/24 bit / 44.1/96 kHz / stereo"),
            ([make_stream(channels=1)], "FLAC / 16 bit / 44.1 kHz / mono"),
            ([make_stream(channels=6)], "FLAC / 16 bit / 44.1 kHz / 6 channels"),
            ([make_stream(Codec.MP3)], "MP3 / 320 kbps / 44.1 kHz"),
            (
                [make_stream(Codec.MP3), make_stream(Codec.MP3, constant_bitrate=False)],
                "MP3 / average 320 kbps / 44.1 kHz",
            ),
            ([make_stream(Codec.MP3, bitrate=245_300)], "MP3 / average 245 kbps / 44.1 kHz"),
        ],
    )
    def test_the_technical_line(self, streams: list[Any], technical: str) -> None:
        tracks = [
            track
            for disc, stream in enumerate(streams, 1)
            for track in make_tracks("A", stream=stream, disc=disc)
        ]
        assert render_name(make_release(tracks), "{{ release.technical }}") == technical

    @pytest.mark.parametrize(
        ("size", "shown"),
        [(1, "0.0 KiB"), (300_000, "293.0 KiB"), (2**20, "1.0 MiB"), (3 * 2**29, "1.50 GiB")],
    )
    def test_the_size_counts_all_files(self, size: int, shown: str) -> None:
        (track,) = make_tracks("Dawn")
        track = evolve(track, file=evolve(track.file, size=0))
        release = make_release([track], extra=[make_file("cover.jpg", size)])
        assert render_name(release, "{{ release.size }}") == shown


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


def test_a_release_type_that_no_tag_tells_is_not_stated() -> None:
    told = make_release(release_type=ReleaseType.EP)
    inferred = make_release(release_type=ReleaseType.EP, inferred=frozenset({"release_type"}))
    assert "EP" in render_description(told, "default_description")
    assert "EP" not in render_description(inferred, "default_description")
