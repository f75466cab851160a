from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve

from pipeline.integrity.numbering import examine_numbering
from pipeline.model.album import Track
from pipeline.model.audio import Codec, Container, Stream
from pipeline.model.finding import Severity
from tests.support.integrity import album_of, reasons, track_of


def tracks(*numbers: int | None, disc: int | None = None, total: str = "") -> list[Track]:
    return [
        track_of(
            Path("/music/First Light") / f"{disc or ''}{place}.flac",
            number=number,
            disc=disc,
            tags={"tracknumber": (f"{number}/{total}" if total else str(number),)} if number else {},
        )
        for place, number in enumerate(numbers)
    ]


@pytest.mark.parametrize(
    "whole",
    [
        tracks(1, 2, 3, total="3"),
        tracks(None, None),
        tracks(1, 2, disc=1, total="2") + tracks(1, 2, disc=2, total="2"),
        tracks(1, 2, disc=1, total="4") + tracks(3, 4, disc=2, total="4"),
        tracks(0, 1, 2),
    ],
)
def test_a_whole_album_has_no_findings(whole: list[Track]) -> None:
    assert examine_numbering(album_of(*whole)) == ()


@pytest.mark.parametrize(
    ("there", "missing"),
    [((1, 2, 4), "track 3"), ((4, 5), "track 1-3"), ((1, 3, 5, 6, 9), "track 2, 4, 7-8")],
)
def test_missing_numbers_are_named(there: tuple[int, ...], missing: str) -> None:
    (finding,) = examine_numbering(album_of(*tracks(*there)))
    assert (finding.severity, finding.reason) == (Severity.WARNING, "missing_track")
    assert finding.message.endswith(missing)


def test_a_missing_number_is_told_with_its_disc() -> None:
    (finding,) = examine_numbering(album_of(*tracks(1, 2, disc=1), *tracks(1, 3, disc=2)))
    assert "disc 2" in finding.message


def test_a_huge_number_is_told_in_few_words() -> None:
    (finding,) = examine_numbering(album_of(*tracks(1, 100_000)))
    assert finding.message.endswith("track 2-99999")


def test_numbers_that_repeat_are_named() -> None:
    (finding,) = examine_numbering(album_of(*tracks(1, 2, 2, 3)))
    assert (finding.severity, finding.reason) == (Severity.WARNING, "duplicate_track")


def test_a_total_that_is_not_there_is_told() -> None:
    (finding,) = examine_numbering(album_of(*tracks(1, 2, 3, total="12")))
    assert (finding.severity, finding.reason) == (Severity.WARNING, "track_total")
    assert "12" in finding.message


@pytest.mark.parametrize("name", ["tracktotal", "totaltracks"])
def test_a_total_in_a_tag_of_its_own_counts_too(name: str) -> None:
    (track,) = tracks(1)
    track = evolve(track, tags={**track.tags, name: ("5",)})
    assert reasons(examine_numbering(album_of(track))) == ["track_total"]


def test_mqa_is_told_where_tags_claim_it() -> None:
    plain, mqa = tracks(1, 2)
    mqa = evolve(mqa, tags={**mqa.tags, "mqaencoder": ("MQAEncode v1.1",)})
    (finding,) = examine_numbering(album_of(plain, mqa))
    assert (finding.severity, finding.reason) == (Severity.WARNING, "mqa")
    assert finding.path == mqa.file.path


def test_a_track_without_duration_is_told() -> None:
    (track,) = tracks(1)
    empty = evolve(track, stream=Stream(Codec.FLAC, Container.FLAC, 0.0, 44_100, 2, 0))
    assert reasons(examine_numbering(album_of(empty))) == ["no_duration"]
