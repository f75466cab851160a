"""Which albums are formats of one release, and in which order they go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from pipeline.formats import MOST_HELD, FormatWindow, release_key
from pipeline.model.album import Album, Credit, ReleaseType, Role
from pipeline.model.audio import Codec
from tests.support.releases import make_release, make_stream, make_tracks


def album(title: str = "First Light", codec: Codec = Codec.FLAC, **changes: Any) -> Album:
    tracks = make_tracks("One", "Two", stream=make_stream(codec))
    return make_release(tracks=tuple(tracks), title=title, **changes).album


def order(albums: Sequence[Album]) -> list[tuple[str, ...]]:
    """The codecs of each group, as the window lets them go."""
    window = FormatWindow()
    groups = [group for one in albums for group in window.add(one)]
    return [tuple(str(one.codec) for one in group) for group in (*groups, *window.rest())]


@pytest.mark.parametrize(
    "changes",
    [
        {"artist": "Others"},
        {"title": "Second Light"},
        {"year": 1999},
        {"release_type": ReleaseType.LIVE},
        {"credits": (Credit("Somebody", Role.MAIN),)},
    ],
)
def test_what_makes_another_release(changes: dict[str, Any]) -> None:
    assert release_key(album()) == release_key(album(codec=Codec.MP3))
    assert release_key(album()) != release_key(album(**changes))


def test_guests_and_case_make_no_other_release() -> None:
    guest = (Credit("The Testers", Role.MAIN), Credit("A Guest", Role.GUEST))
    shouted = (Credit("THE TESTERS", Role.MAIN),)
    assert release_key(album(credits=guest)) == release_key(album(title="FIRST LIGHT", credits=shouted))


def test_lossless_goes_first_and_releases_in_the_order_of_their_first_formats() -> None:
    albums = [album("A", Codec.MP3), album("B"), album("A", Codec.AAC), album("A"), album("B", Codec.MP3)]
    assert order(albums) == [("FLAC", "MP3", "AAC"), ("FLAC", "MP3")]


def test_no_more_than_a_window_is_held_back() -> None:
    window = FormatWindow()
    gone = [group for number in range(MOST_HELD + 2) for group in window.add(album(str(number)))]
    assert [one.title for group in gone for one in group] == ["0", "1"]
