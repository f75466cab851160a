"""What a Gazelle form gets of an album, and what is refused before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.album import Credit, Media, ReleaseType, Role
from pipeline.model.audio import BitrateMode, Codec
from pipeline.model.release import Release
from pipeline.secret import Redactor
from tests.support.gazelle import SITES
from tests.support.gazelle_table import parts, rows
from tests.support.releases import FOLDER, make_file, make_release, make_stream, make_tracks
from trackers.dry_run import DrySession
from trackers.gazelle.form import artists_of, joined_tags, normal_tag
from trackers.gazelle_tracker import GazelleTracker
from trackers.ops_tracker import OPSTracker
from trackers.red_tracker import REDTracker
from trackers.tracker_config import TrackerConfig

KNOWN: dict[str, Any] = {
    "media": Media.WEB,
    "release_type": ReleaseType.ALBUM,
    "genres": ("Ambient",),
}
TAGS = dict.fromkeys(("artist", "album", "title", "tracknumber"), ("x",))


def release(codec: Codec = Codec.FLAC, *, suffix: str = "flac", **changes: Any) -> Release:
    stream = {
        key: changes.pop(key)
        for key in [*changes]
        if key in {"bitrate", "bit_depth", "preset", "bitrate_mode", "sample_rate"}
    }
    tracks = [
        evolve(track, tags=TAGS, file=make_file(f"{track.number:02}.{suffix}"))
        for track in make_tracks("Dawn", "Noon", stream=make_stream(codec, **stream))
    ]
    return make_release(tracks, **{**KNOWN, **changes})


def problems(cls: type[GazelleTracker], it: Release) -> list[str]:
    config = cls.settled(TrackerConfig(id=cls.__name__.removesuffix("Tracker")))
    return cls(config, DrySession(Redactor())).problems(it)


@pytest.mark.parametrize("cls", [OPSTracker, REDTracker])
def test_an_ordinary_album_breaks_no_rule(cls: type[GazelleTracker]) -> None:
    assert problems(cls, release()) == []


@pytest.mark.parametrize(
    ("cls", "it", "words"),
    [
        (OPSTracker, release(release_type=ReleaseType.SPOKEN), "OPS has no release type SPOKEN"),
        (GazelleTracker, release(release_type=ReleaseType.DEMO), "trackers.Gazelle.category_ids.DEMO"),
        (GazelleTracker, release(media=Media.BLURAY), "Gazelle has no media Blu-Ray: it takes CD, WEB"),
        (REDTracker, release(Codec.OGG, suffix="ogg"), "RED has no format OGG"),
        (OPSTracker, release(Codec.OGG, suffix="ogg"), "the site takes no .ogg files"),
        (OPSTracker, release(Codec.WAV, suffix="wav"), "OPS has no format WAV: give it the album in one"),
        (OPSTracker, release(Codec.DSD, suffix="dsf"), "OPS has no format DSD"),
        (REDTracker, release(bit_depth=20), "no bitrate that is true of all tracks (FLAC of 20 bits)"),
        (OPSTracker, release(title="é" * 101), "the title has 202 bytes, OPS takes 200"),
        (OPSTracker, release(label="x" * 81), "the label “x"),
        (REDTracker, release(catalogue_number="1"), "the catalogue number “1” has 1 bytes"),
        (OPSTracker, release(edition="x" * 81), "the edition “"),
        (OPSTracker, release(genres=("???", "日本")), "no genre (???, 日本) makes a tag of OPS"),
        (OPSTracker, release(genres=()), "--set tags=..."),
        (OPSTracker, release(artist=None), "OPS wants a main artist: --set artist=..."),
        (OPSTracker, release(year=None), "--set year=..."),
        (OPSTracker, release(media=None), "--set media=..."),
        (OPSTracker, release(media=Media.CD, year=1979), "no CD is of 1979"),
        (OPSTracker, release(extra=[make_file("at Demonoid.ME.txt")]), "OPS refuses demonoid.me in a path"),
        (OPSTracker, release(extra=[make_file("a" * 170 + ".txt")]), "the site takes 180"),
    ],
)  # fmt: skip
def test_what_the_site_would_not_take_is_told(cls: type[GazelleTracker], it: Release, words: str) -> None:
    assert words in "\n".join(problems(cls, it))


def test_a_folder_with_a_forbidden_sign_is_refused() -> None:
    it = release()
    files = evolve(it.album.files, root=FOLDER.with_name("First: Light?"))
    (told,) = problems(OPSTracker, evolve(it, album=evolve(it.album, files=files)))
    assert told == "the folder First: Light?: OPS refuses : ? in a name: rename it"


def test_what_a_site_does_not_take_of_files_is_left_out_of_its_rules() -> None:
    it = release(extra=[make_file(name) for name in ("cover.webp", "sox.log", ".DS_Store", "notes.txt")])
    assert problems(OPSTracker, it) == []


# The words of each site


@pytest.mark.parametrize(
    ("kind", "ops", "red"),
    [(ReleaseType.DEMO, "10", "17"), (ReleaseType.DJ_MIX, "17", "19"), (ReleaseType.LIVE, "11", "11")],
)
def test_a_type_has_another_number_at_each_site(kind: ReleaseType, ops: str, red: str) -> None:
    assert (OPSTracker.category_ids[kind], REDTracker.category_ids[kind]) == (ops, red)


def test_a_medium_has_another_word_at_each_site() -> None:
    assert OPSTracker.media_words[Media.BLURAY] == "BD"
    assert REDTracker.media_words[Media.BLURAY] == "Blu-Ray"


@pytest.mark.parametrize(
    ("cls", "it", "sent"),
    [
        (OPSTracker, release(), ("FLAC", "Lossless", None, False)),
        (OPSTracker, release(bit_depth=24), ("FLAC", "24bit Lossless", None, False)),
        (OPSTracker, release(Codec.MP3), ("MP3", "320", None, False)),
        (OPSTracker, release(Codec.MP3, bitrate=160_000), ("MP3", "160", None, False)),
        (REDTracker, release(Codec.MP3, bitrate=160_000), ("MP3", "Other", "160", False)),
        (REDTracker, release(Codec.MP3, bitrate=224_000), ("MP3", "Other", "224", False)),
        (
            REDTracker,
            release(Codec.MP3, bitrate=245_000, preset="V0", bitrate_mode=BitrateMode.VARIABLE),
            ("MP3", "V0 (VBR)", None, False),
        ),
        (REDTracker, release(Codec.AAC, bitrate=253_000), ("AAC", "Other", "253", True)),
        (
            OPSTracker,
            release(Codec.OGG, bitrate=270_000, preset="q8", bitrate_mode=BitrateMode.VARIABLE),
            ("Ogg Vorbis", "q8.x (VBR)", None, False),
        ),
        (REDTracker, release(Codec.DSD, sample_rate=2_822_400), ("DSD", "DSD64", None, False)),
        (REDTracker, release(Codec.DSD, sample_rate=45_158_400), ("DSD", None, None, False)),
    ],
)
def test_the_audio_in_the_site_s_words(
    cls: type[GazelleTracker], it: Release, sent: tuple[object, ...]
) -> None:
    tracker = cls(cls.settled(TrackerConfig(id="XY")), DrySession(Redactor()))
    encoding = tracker._site_words.encoding(it.album)
    assert (encoding.format, encoding.encoding, encoding.other_bitrate, encoding.vbr) == sent


# Artists and tags


def test_forty_artists_are_sent_in_order_each_once_in_a_role() -> None:
    names = [f"Artist {number}" for number in range(40)]
    mains = [Credit(name, Role.MAIN) for name in names]
    twice = [Credit("artist  7", Role.MAIN), Credit("Artist 7", Role.GUEST)]
    it = release(credits=(*mains, *twice))
    assert artists_of(it.album) == [*((name, Role.MAIN) for name in names), ("Artist 7", Role.GUEST)]
    assert problems(OPSTracker, it) == []


def test_without_a_main_artist_among_the_credits_it_is_the_album_s() -> None:
    it = release(credits=(Credit("A Guest", Role.GUEST),))
    assert artists_of(it.album) == [("The Testers", Role.MAIN), ("A Guest", Role.GUEST)]


@pytest.mark.parametrize(
    ("genre", "tag"),
    [
        ("Post-Rock", "post.rock"),
        ("Hip  Hop", "hip.hop"),
        ("R&B", "rb"),
        ("Música Popular", "musica.popular"),
        ("Drum & Bass", "drum.bass"),
        ("1980s", "1980s"),
        ("???", ""),
        ("- rock -", "rock"),
    ],
)
def test_a_genre_as_a_tag(genre: str, tag: str) -> None:
    assert normal_tag(genre) == tag


@given(st.lists(st.text(max_size=80)))
def test_tags_are_what_a_site_stores_and_never_too_long(genres: list[str]) -> None:
    joined = joined_tags(genres)
    assert len(joined.encode()) <= 200
    assert joined == "" or all(len(tag) >= 2 and normal_tag(tag) == tag for tag in joined.split(","))


# All together


@pytest.mark.parametrize("tracker_id", SITES)
def test_a_word_is_sent_alike_in_every_combination(tracker_id: str) -> None:
    table = list(rows(tracker_id))
    assert all(row.sent is None or all(row.sent[:4]) for row in table), "nothing is sent empty"
    assert all(row.sent or row.problem for row in table)
    found = parts(table)
    assert found["releasetype"]["SPOKEN"] == "refused"
    assert found["audio"]["FLAC 24 bit"] == "FLAC 24bit Lossless"
    assert found["audio"]["MP3 V0"] == "MP3 V0 (VBR)"
    assert found["audio"]["AAC VBR"] == "AAC Other 253 vbr"
    assert {found["audio"][word] for word in ("WAV", "ALAC", "OPUS", "Vorbis q8")} == {"refused"}
