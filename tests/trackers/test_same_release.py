"""Which names on a site mean the release that is to be uploaded."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.model.upload import UploadRequest
from tests.support.requests import with_album
from trackers.same_release import same_files, same_release, search_words, words_of


def release(album: UploadRequest, **changes: Any) -> UploadRequest:
    return with_album(album, **{"year": None, **changes})


@pytest.mark.parametrize(
    ("changes", "name", "same"),
    [
        ({}, "The Testers - First Light", True),
        ({}, "the.testers.first_light.FLAC", True),
        ({}, "The Testers - First Light (1999)", True),
        ({}, "Testers - First Light", False),
        ({}, "The Testers - Light", False),
        ({"year": 2001}, "The Testers - First Light (2001)", True),
        ({"year": 2001}, "The Testers - First Light", True),
        ({"year": 2001}, "The Testers - First Light (1999)", False),
        ({"year": 1973, "edition_year": 2016}, "The Testers - First Light (1973)", True),
        ({"year": 1973, "edition_year": 2016}, "The Testers - First Light (1973) {2016}", True),
        ({"year": 1973, "edition_year": 2016}, "The Testers - First Light (1973) {2003}", False),
        ({"year": 1973}, "The Testers - First Light (1973) {2003}", False),
        ({"edition": "Deluxe Edition"}, "The Testers - First Light", False),
        ({"edition": "Deluxe Edition"}, "The Testers - First Light [Deluxe]", True),
        ({"edition": "2016 Remaster"}, "The Testers - First Light (Remastered)", True),
        ({}, "The Testers - First Light (Remastered)", False),
        ({"title": "1989", "year": 2014}, "The Testers - 1989 (2014)", True),
        ({"title": "1989", "year": 2014}, "The Testers - 1989", True),
        ({"title": "÷"}, "The Testers - ÷", True),
        ({"title": "÷"}, "The Testers - x", False),
        ({"title": "Jóga", "artist": "Björk"}, "BJORK - Joga", True),
        ({"title": "進撃", "artist": "東京"}, "東京 - 進撃 [FLAC]", True),
        ({"title": "進撃", "artist": "東京"}, "東京 - 大人 [FLAC]", False),
        ({"artist": "Various Artists"}, "VA - First Light", True),
        ({"artist": "Various Artists"}, "Various - First Light", True),
        ({"artist": "Various Artists"}, "The Testers - First Light", False),
        ({"title": "Monolith", "year": 2001}, "The Testers - Monolith (2001)", True),
        ({"title": "Help!"}, "The Testers - Help! [FLAC]", True),
        ({"title": "Help!"}, "The Testers - Help Me, The Tribute Live (1965)", False),
        ({"title": "1"}, "The Testers - 1 (2000)", True),
        ({"title": "1"}, "The Testers - Anthology 1", False),
        ({}, "First Light - The Testers", True),
        ({}, "The.Testers.2001.First.Light.WEB.FLAC", True),
        ({}, "The Testers First Light EP 2001", True),
        ({}, "The Testers - Light of the First", False),
        ({"title": "The Testers"}, "The Testers - The Testers (2001)", True),
        ({"title": "The Testers"}, "The Testers - First Light (2001)", False),
        ({"artist": "A & B"}, "A and B - First Light", True),
        ({"artist": "!!!"}, "!!! - First Light", True),
        ({}, "The Testers - First Light [FLAC 16bit]", True),
        ({}, "The Testers - First Light [FLAC 24-bit]", False),
        ({}, f"The Testers - First Light {'x' * 5000}", False),
    ],
)
def test_a_name_means_the_release_or_not(
    album: UploadRequest, changes: dict[str, Any], name: str, same: bool
) -> None:
    assert same_release({"id": "1", "name": name}, release(album, **changes)) is same


def test_an_entry_without_a_name_is_none(album: UploadRequest) -> None:
    assert not same_release({"id": "1"}, album)
    assert not same_release({"id": "1", "name": None}, album)


def test_a_size_without_end_proves_nothing(album: UploadRequest) -> None:
    files = [{"name": "01 - Track 1.flac", "size": "9" * 5000}]
    ours = [(file.parts, file.size) for file in album.release.album.files.files]
    assert not same_files({"id": "1", "files": files}, ours)


def test_compilations_are_searched_by_their_title_alone(album: UploadRequest) -> None:
    assert search_words(album) == "First Light The Testers"
    assert search_words(release(album, artist="Various Artists")) == "First Light"


def test_words_are_compared_as_the_database_does() -> None:
    assert words_of("Sigur Rós_( ) Ágætis-Byrjun ﬁn") == ["sigur", "ros", "agætis", "byrjun", "fin"]
