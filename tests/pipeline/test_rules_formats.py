"""Rules about what the audio is, and what an examination of it found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.model.audio import BitrateMode, Codec, Stream
from pipeline.model.finding import Finding, Severity
from pipeline.model.release import Release
from pipeline.model.rules import SiteRules
from pipeline.rules import finding_problems, problems
from tests.support.releases import make_release, make_stream, make_tracks


def of_streams(*streams: Stream) -> Release:
    tracks = [
        make_tracks(*"ABCDEF"[: number + 1], stream=stream)[-1] for number, stream in enumerate(streams)
    ]
    return make_release(tracks)


def of(codec: Codec = Codec.FLAC, **changes: Any) -> Release:
    return of_streams(make_stream(codec, **changes))


def mp3(kbits: int, seconds: float = 180.0, preset: str | None = None) -> Stream:
    return make_stream(
        Codec.MP3,
        bitrate=kbits * 1000,
        duration=seconds,
        preset=preset,
        bitrate_mode=BitrateMode.VARIABLE if preset else BitrateMode.CONSTANT,
    )


def test_a_format_that_the_site_does_not_take() -> None:
    rules = SiteRules(formats=frozenset({Codec.MP3, Codec.AAC}))
    assert problems(of(Codec.AAC), rules) == []
    assert problems(of(), rules) == ["the site takes no FLAC: give it the album in one of AAC, MP3"]


def test_the_bit_depth() -> None:
    rules = SiteRules(bit_depth_max=24)
    assert problems(of(bit_depth=24), rules) == []
    assert problems(of(Codec.MP3), rules) == []
    deep = of_streams(make_stream(), make_stream(bit_depth=32))
    assert problems(deep, rules) == ["02.flac: 32 bit, the site takes 24: convert the album"]


def test_the_sample_rate() -> None:
    rules = SiteRules(sample_rate_max=192_000)
    assert problems(of(sample_rate=192_000), rules) == []
    (problem,) = problems(of(sample_rate=352_800), rules)
    assert problem == "01.flac: 352800 Hz, the site takes 192000: convert the album"


def test_dsd_has_no_sample_rate_in_that_sense() -> None:
    assert (
        problems(of(Codec.DSD, sample_rate=2_822_400, bit_depth=1), SiteRules(sample_rate_max=192_000)) == []
    )


class TestBitrate:
    RULES = SiteRules(lossy_bitrate_min=192_000)

    @pytest.mark.parametrize(
        "streams",
        [
            [mp3(192)],
            [mp3(128, 60), mp3(320, 120)],
            [mp3(130, preset="V2"), mp3(130, preset="V9.5")],
            [mp3(110, preset="V4"), mp3(320)],
            [make_stream(Codec.OGG, bitrate=191_600)],
            [make_stream(bitrate=90_000)],
            [mp3(0, 0)],
        ],
    )
    def test_enough(self, streams: list[Stream]) -> None:
        assert problems(of_streams(*streams), self.RULES) == []

    @pytest.mark.parametrize(
        ("streams", "average"),
        [
            ([mp3(128)], 128),
            ([mp3(128, 120), mp3(320, 20)], 155),
            ([mp3(300, preset="V0"), mp3(128)], 128),
            ([make_stream(Codec.OGG, bitrate=160_000, preset="q5")], 160),
            ([make_stream(Codec.WAVPACK, bitrate=150_000, hybrid=True)], 150),
        ],
    )
    def test_too_little(self, streams: list[Stream], average: int) -> None:
        (problem,) = problems(of_streams(*streams), self.RULES)
        assert problem.startswith(f"{average} kbit/s on average, the site takes no less than 192")
        assert "lossless source" in problem


class TestFindings:
    DAMAGED = Finding(Severity.PROBLEM, "md5_mismatch", Path("01.flac"), "01.flac is damaged")
    PADDED = Finding(Severity.WARNING, "padded_bit_depth", Path("01.flac"), "01.flac has 16 bits in 24")
    MQA = Finding(Severity.WARNING, "mqa", Path("01.flac"), "01.flac is MQA")
    UNJUDGED = Finding(Severity.UNJUDGED, "no_decoder", Path("01.ape"), "01.ape cannot be decoded")
    ALL = (MQA, UNJUDGED, PADDED, DAMAGED)

    def test_damage_is_a_problem_everywhere(self) -> None:
        assert finding_problems(self.ALL, SiteRules()) == ["01.flac is damaged"]

    def test_padding_where_the_site_refuses_upconverts(self) -> None:
        _, padded = finding_problems(self.ALL, SiteRules(upconverts_refused=True))
        assert padded.startswith("01.flac has 16 bits in 24: the site refuses padded samples")

    def test_mqa_where_the_site_refuses_it(self) -> None:
        _, mqa = finding_problems(self.ALL, SiteRules(mqa_refused=True))
        assert mqa.startswith("01.flac is MQA: the site refuses MQA")

    def test_many_of_a_kind_are_cut_short(self) -> None:
        found = finding_problems([self.DAMAGED] * 9 + [self.MQA] * 2, SiteRules(mqa_refused=True))
        assert len(found) == 7
        assert found[4] == "01.flac is damaged (+4 more)"
