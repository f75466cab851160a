"""What the ready-made templates say of a release."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from pipeline.describe import render_description, render_name
from pipeline.filters import display_width
from pipeline.model.album import Media, ReleaseType
from pipeline.model.audio import BitrateMode, Codec, Stream
from pipeline.model.release import Release
from pipeline.model.rips import LogChecksum, RipLog
from tests.support.releases import GUESS, make_file, make_release, make_stream, make_tracks

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
HIRES = make_stream(bit_depth=24, sample_rate=96_000)
DSD = make_stream(Codec.DSD, sample_rate=2_822_400, bit_depth=1)
HYBRID = make_stream(Codec.WAVPACK, hybrid=True, bitrate=384_000)
V0 = make_stream(Codec.MP3, bitrate=245_300, bitrate_mode=BitrateMode.VARIABLE, preset="V0")


def of_codec(codec: Codec = Codec.MP3, **changes: Any) -> Release:
    return make_release(make_tracks("Dawn", "Noon", stream=make_stream(codec, **changes)), media=Media.WEB)


def made_of(stream: Stream, **changes: Any) -> Release:
    return make_release(make_tracks("Dawn", "Noon", stream=stream), **changes)


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
            (of_codec(bitrate_mode=None), "The Testers - First Light (2001) [WEB MP3]"),
            (of_codec(Codec.OGG, bitrate=499_821), "The Testers - First Light (2001) [WEB Vorbis]"),
            (made_of(V0), "The Testers - First Light (2001) [MP3 V0]"),
            (made_of(DSD), "The Testers - First Light (2001) [DSD64]"),
            (made_of(HYBRID), "The Testers - First Light (2001) [WavPack hybrid]"),
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
            (of_codec(), "The.Testers-First.Light 2001 WEB MP3 320"),
            (made_of(DSD, media=Media.SACD), "The.Testers-First.Light 2001 SACD DSD64"),
            (made_of(HYBRID), "The.Testers-First.Light 2001 WavPack hybrid"),
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


PERFECT = """\
[code]
---------------------------------------------------------------------
The Testers - First Light
---------------------------------------------------------------------

Label:            Test Tones
Date:             2001
Catalogue number: TT 1
Media:            CD
Format:           FLAC / 16 bit / 44.1 kHz / stereo
Rip log:          EAC 1.6, score 100, checksum good (CD1/rip.log)
Rip log:          XLD 2020, no checksum (CD2/rip.log)

---------------------------------------------------------------------
CD 1: Morning                                                     6:00
---------------------------------------------------------------------

01. Dawn                                                          3:00
02. 夜明け                                                        3:00

---------------------------------------------------------------------
CD 2                                                           1:06:40
---------------------------------------------------------------------

01. A Guest - Noon                                             1:06:40

---------------------------------------------------------------------
Playing Time:                                                  1:12:40
Total Size:                                                   57.2 MiB
---------------------------------------------------------------------
[/code]"""


def two_discs() -> Release:
    first = make_tracks("Dawn", "夜明け", disc=1)
    (noon,) = make_tracks("Noon", stream=make_stream(duration=4000), disc=2)
    logs = (
        RipLog(make_file("CD1/rip.log"), "EAC 1.6", LogChecksum.GOOD, 100),
        RipLog(make_file("CD2/rip.log"), "XLD 2020", LogChecksum.MISSING),
    )
    return make_release(
        [
            *(evolve(track, tags={"discsubtitle": ("Morning",)}) for track in first),
            evolve(noon, artists=("A Guest",)),
        ],
        media=Media.CD,
        label="Test Tones",
        catalogue_number="TT 1",
        rip_logs=logs,
    )


class TestPerfectDescription:
    def test_is_the_old_tools_without_the_day_it_was_made(self) -> None:
        assert render_description(two_discs(), "perfect_description") == PERFECT

    def test_times_end_in_column_70_whatever_the_script(self) -> None:
        titles = ("e\u0301te\u0301", "夜明け", "ㅎᅡᆫ", "\uff37ide", "[b]bold[/b]")
        text = render_description(make_release(make_tracks(*titles)), "perfect_description")
        lines = [line for line in text.splitlines() if line.endswith("3:00")]
        assert [display_width(line) for line in lines] == [70] * len(titles)

    def test_a_long_title_is_not_cut(self) -> None:
        text = render_description(make_release(make_tracks("long " * 20)), "perfect_description")
        assert f"01. {'long ' * 20}3:00\n" in text

    def test_one_disc_is_no_disc_one(self) -> None:
        text = render_description(make_release(media=Media.CD), "perfect_description")
        assert "\nTracks\n" in text
        assert "CD 1" not in text


class TestLogs:
    @pytest.mark.parametrize(
        ("template", "line"),
        [
            ("default_description", "[b]Rip log:[/b] EAC 1.6, score 100, checksum good (CD1/rip.log)\n"),
            ("plain_description", "Rip log: XLD 2020, no checksum (CD2/rip.log)\n"),
        ],
    )
    def test_every_log_is_told(self, template: str, line: str) -> None:
        assert line in render_description(two_discs(), template)

    @pytest.mark.parametrize(
        ("checksum", "words"),
        [
            (LogChecksum.BAD, "EAC 1.6, score 0, checksum bad"),
            (LogChecksum.UNCHECKED, "EAC 1.6, score 0, checksum not checked"),
        ],
    )
    def test_a_bad_log_is_told_as_it_is(self, checksum: LogChecksum, words: str) -> None:
        release = make_release(rip_logs=(RipLog(make_file("rip.log"), "EAC 1.6", checksum, 0),))
        assert f"Rip log:[/b] {words}\n" in render_description(release, "default_description")

    def test_a_ripper_cannot_smuggle_in_a_tag(self) -> None:
        log = RipLog(make_file("rip.log"), "EAC [/code]\n[b]", LogChecksum.GOOD, 100)
        text = render_description(make_release(rip_logs=(log,)), "default_description")
        assert "EAC \uff3b/code\uff3d \uff3bb\uff3d, score 100" in text


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
                [make_stream(Codec.MP3), make_stream(Codec.MP3, bitrate_mode=None)],
                "MP3 / average 320 kbps / 44.1 kHz",
            ),
            ([make_stream(Codec.MP3, bitrate=245_300)], "MP3 / average 245 kbps / 44.1 kHz"),
            ([V0], "MP3 / V0, average 245 kbps / 44.1 kHz"),
            ([V0, evolve(V0, preset="V2")], "MP3 / VBR, average 245 kbps / 44.1 kHz"),
            ([DSD], "DSD64 / 2822.4 kHz / stereo"),
            ([DSD, evolve(DSD, sample_rate=5_644_800)], "DSD64/128 / 2822.4/5644.8 kHz / stereo"),
            ([HYBRID], "WavPack hybrid / average 384 kbps / 44.1 kHz"),
            (
                [make_stream(Codec.AC3, channels=6, bitrate=448_000, sample_rate=48_000)],
                "AC3 / 448 kbps / 48 kHz / 5.1",
            ),
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


GUESSABLE: dict[str, tuple[Any, str]] = {
    "year": (1987, "1987"),
    "edition_year": (1988, "1988"),
    "edition": ("Gilded", "Gilded"),
    "label": ("Hearsay Records", "Hearsay"),
    "catalogue_number": ("HS 9", "HS 9"),
    "barcode": ("0000000000017", "0000000000017"),
    "media": (Media.CASSETTE, "Cassette"),
    "release_type": (ReleaseType.MIXTAPE, "Mixtape"),
    "genres": (("Skronk",), "Skronk"),
    "scene": ("Tst-Scn", "Tst-Scn"),
}


@pytest.mark.parametrize("template", ["default_description", "perfect_description", "plain_description"])
@pytest.mark.parametrize("field", GUESSABLE)
def test_only_what_is_stated_is_told(field: str, template: str) -> None:
    value, words = GUESSABLE[field]
    stated = make_release(**{field: value})
    guessed = make_release(**{field: value}, origins={field: GUESS})
    assert words in render_description(stated, template)
    assert words not in render_description(guessed, template)


def test_various_artists_are_told_though_no_tag_says_so() -> None:
    release = make_release(artist="Various Artists", origins={"artist": GUESS})
    assert "Various Artists - First Light" in render_description(release, "default_description")


@pytest.mark.parametrize("template", ["default_description", "perfect_description", "plain_description"])
def test_the_encoder_of_a_lossy_album_is_told(template: str) -> None:
    mp3 = made_of(evolve(V0, encoder="LAME 3.100"))
    assert "LAME 3.100" in render_description(mp3, template)
    assert "libFLAC" not in render_description(made_of(make_stream(encoder="libFLAC 1.4")), template)
