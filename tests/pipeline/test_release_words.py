"""The words of taggers, in ours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.album import Media
from pipeline.release_words import is_scene_name, media_named, split_genres, valid_barcode


@pytest.mark.parametrize(
    ("text", "media"),
    [
        ("CD", Media.CD),
        ("2xCD", Media.CD),
        ("CD-R", Media.CD),
        ("Enhanced CD", Media.CD),
        ("HDCD", Media.CD),
        ("Hybrid SACD (CD layer)", Media.CD),
        ("Hybrid SACD", Media.SACD),
        ("Digital Media", Media.WEB),
        ("WEB", Media.WEB),
        ("Vinyl", Media.VINYL),
        ('12" Vinyl', Media.VINYL),
        ("LP", Media.VINYL),
        ('7"', Media.VINYL),
        ("Blu-ray", Media.BLURAY),
        ("DVD-Audio", Media.DVD),
        ("Cassette", Media.CASSETTE),
        ("DAT", Media.DAT),
        ("Digital Compact Cassette", Media.CASSETTE),
        ("8-Track Cartridge", None),
        ("Wax Cylinder", None),
        ("2xLP", Media.VINYL),
        ("CD (mini LP sleeve)", None),
        ("CD + DVD", None),
        ("Promo CD, not for download", None),
    ],
)
def test_media(text: str, media: Media | None) -> None:
    assert media_named(text) is media


@pytest.mark.parametrize(
    ("text", "genres"),
    [
        ("Rock; Pop, Jazz", ("Rock", "Pop", "Jazz")),
        ("R&B/Soul", ("R&B/Soul",)),
        ("Drum & Bass / Jungle", ("Drum & Bass", "Jungle")),
        ("Folk, World, & Country", ("Folk", "World", "Country")),
        ("Rock\0Unknown\0Other;genre", ("Rock",)),
        (" ; ", ()),
    ],
)
def test_genres(text: str, genres: tuple[str, ...]) -> None:
    assert split_genres(text) == genres


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("96385074", "96385074"),
        ("036000291452", "036000291452"),
        ("0 36000 29145 2", "036000291452"),
        ("5-012345-678900", "5012345678900"),
        ("00012345600012", "00012345600012"),
        ("036000291453", None),
        ("12345", None),
        ("000000000000", None),
        ("\u0665012345678900", None),
        ("", None),
    ],
)
def test_barcodes(text: str, digits: str | None) -> None:
    assert valid_barcode(text) == digits


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(digits: str, change: int) -> None:
    valid = {digits + check for check in "0123456789" if valid_barcode(digits + check)}
    if digits.strip("0"):
        (barcode,) = valid
        wrong = str((int(barcode[5]) + change) % 10)
        assert valid_barcode(barcode[:5] + wrong + barcode[6:]) is None


@pytest.mark.parametrize(
    ("name", "scene"),
    [
        ("The_Testers-First_Light-CD-FLAC-2001-GRP", True),
        ("The_Testers-First_Light-(CAT001)-WEB-2001-GRP_iNT", True),
        ("The_Testers-2001-GRP", False),
        ("The Testers-First Light-2001-GRP", False),
        ("The_Testers-First_Light-GRP", False),
    ],
)
def test_scene_names(name: str, scene: bool) -> None:
    assert is_scene_name(name) is scene
