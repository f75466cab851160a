from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from mua_async.demo import ALBUM
from pipeline.album import make_album as consolidate
from pipeline.album import read_album, with_rip_logs
from pipeline.artist_names import VARIOUS_ARTISTS_ID
from pipeline.errors import TagError
from pipeline.gaps import fill_gaps
from pipeline.media import can_be_of
from pipeline.model.album import Album, Certainty, Credit, Media, Origin, ReleaseType, Role
from pipeline.model.audio import Codec, Container
from pipeline.model.files import FileSet
from pipeline.model.release import Release
from pipeline.model.rips import LogChecksum, RipLog
from pipeline.model.rules import SiteRules
from pipeline.release_words import release_type_by_length
from pipeline.rules.notes import warnings
from pipeline.scan import scan
from pipeline.tags import read_track
from tests.support.audio import Tags, make_album, make_track
from tests.support.releases import make_file, make_release, make_stream, make_tracks

MINUTE = 60


def file_set(folder: Path, *, one_album: bool = False) -> FileSet:
    (found,) = scan([folder], one_album=one_album)
    assert isinstance(found, FileSet)
    return found


def album(folder: Path) -> Album:
    files = file_set(folder)
    return consolidate(files, [read_track(file) for file in files.audio])


def tagged(folder: Path, *tracks: Tags) -> Album:
    """An album of one short track for each set of tags."""
    for number, tags in enumerate(tracks, start=1):
        make_track(folder / f"{number}.flac", tags=tags, seed=number, seconds=0.1)
    return album(folder)


def refused(folder: Path, *tracks: Tags) -> TagError:
    with pytest.raises(TagError) as caught:
        tagged(folder, *tracks)
    return caught.value


async def test_a_whole_album(tmp_path: Path) -> None:
    tags = {
        "label": "Label",
        "catalognumber": "CAT 1",
        "barcode": "5 012345 678900",
        "edition": "Deluxe",
        "media": "CD",
        "originaldate": "1975",
        "genre": "Rock; rock; Blues",
        "releasetype": "album",
    }
    make_album(tmp_path, title="Title", artist="Artist", date="2015-03-01", tags=tags, seconds=0.1)
    read = read_album(file_set(tmp_path))
    assert (read.title, read.artist, read.year, read.edition_year) == ("Title", "Artist", 1975, 2015)
    assert (read.label, read.catalogue_number, read.barcode, read.edition) == (
        "Label",
        "CAT 1",
        "5012345678900",
        "Deluxe",
    )
    assert (read.media, read.release_type) == (Media.CD, ReleaseType.ALBUM)
    assert read.genres == ("Rock", "Blues")
    assert [track.number for track in read.tracks] == [1, 2, 3]
    assert read.inferred == frozenset()


async def test_a_broken_track_ends_the_album(tmp_path: Path) -> None:
    make_album(tmp_path, seconds=0.1)
    (tmp_path / "99.flac").write_bytes(b"broken")
    with pytest.raises(TagError) as caught:
        read_album(file_set(tmp_path))
    assert caught.value.path == tmp_path / "99.flac"


def test_the_content_id_outlives_new_names_tags_and_folders(tmp_path: Path) -> None:
    first = album(make_album(tmp_path / "one", seconds=0.1, seed=1))
    make_album(
        tmp_path / "two", seconds=0.1, seed=1, title="Other", artist="Else", cover=b"x", tags={"label": "L"}
    )
    for number, path in enumerate(sorted((tmp_path / "two").glob("*.flac"))):
        path.rename(path.with_name(f"{9 - number}.flac"))
    assert album(tmp_path / "two").content_id == first.content_id
    assert first.content_id.startswith("a1-")
    assert len(first.content_id) == 3 + 32
    assert set(first.content_id[3:]) <= set("0123456789abcdef")


def test_another_or_a_missing_track_makes_another_album(tmp_path: Path) -> None:
    ids = {
        album(make_album(tmp_path / "three", seconds=0.1, seed=1)).content_id,
        album(make_album(tmp_path / "two", seconds=0.1, seed=1, tracks=2)).content_id,
        album(make_album(tmp_path / "other", seconds=0.1, seed=2)).content_id,
    }
    assert len(ids) == 3


def test_tracks_go_by_disc_number_and_path(tmp_path: Path) -> None:
    make_album(tmp_path, discs=2, tracks=11, seconds=0.1)
    positions = [(track.disc, track.number) for track in album(tmp_path).tracks]
    assert positions == [(disc, number) for disc in (1, 2) for number in range(1, 12)]


def test_the_disc_comes_from_the_folder_where_no_tag_tells(tmp_path: Path) -> None:
    for disc in (10, 2):
        make_track(tmp_path / f"CD{disc}" / "01.flac", tags={"tracknumber": "1"}, seed=disc, seconds=0.1)
    read = album(tmp_path)
    assert [track.disc for track in read.tracks] == [2, 10]
    assert read.discs == 2


def test_tracks_without_a_number_come_last(tmp_path: Path) -> None:
    read = tagged(tmp_path, {"title": "a"}, {"title": "b", "tracknumber": "1"})
    assert [track.title for track in read.tracks] == ["b", "a"]


def test_two_formats_are_refused(tmp_path: Path) -> None:
    make_track(tmp_path / "1.flac", seconds=0.3)
    make_track(tmp_path / "2.mp3", Codec.MP3, seconds=0.3)
    with pytest.raises(TagError) as caught:
        album(tmp_path)
    assert caught.value.reason == "mixed_formats"
    assert "1.flac is FLAC" in caught.value.message
    assert "2.mp3 is MP3" in caught.value.message


@pytest.mark.parametrize("name", ["album", "albumartist"])
def test_files_that_disagree_are_named(tmp_path: Path, name: str) -> None:
    error = refused(tmp_path, {name: "One"}, {name: "ONE"}, {name: "Two"})
    assert error.reason == "tags_disagree"
    assert all(word in error.message for word in ("1.flac", "One", "3.flac", "Two"))


def test_case_and_missing_titles_are_no_disagreement(tmp_path: Path) -> None:
    assert tagged(tmp_path, {"title": "x"}, {"album": "Straße"}, {"album": "STRASSE"}).title == "Straße"


@pytest.mark.parametrize(
    ("tracks", "artist"),
    [
        (({"artist": "A", "albumartist": "Band"}, {"artist": "B", "albumartist": "Band"}), "Band"),
        (({"albumartist": ["A", "B"]},), "A, B"),
        (({"artist": "A"}, {"artist": "a"}), "A"),
        (({"artist": "A"}, {"artist": "A feat. B"}), "A"),
        (({"artist": "A", "compilation": "1"}, {"artist": "A", "compilation": "1"}), "A"),
        (({"artist": "A"}, {"artist": "B"}), "Various Artists"),
        (({"compilation": "1"}, {"compilation": "1"}), "Various Artists"),
        (({"albumartist": "Verschiedene Interpreten"},), "Various Artists"),
        (({"albumartist": "Divers", "musicbrainz_albumartistid": VARIOUS_ARTISTS_ID},), "Various Artists"),
        (({"albumartist": "VA", "musicbrainz_albumartistid": "1" * 8 + 3 * "-1111" + "-" + 12 * "1"},), "VA"),
        (({"artist": "Unknown Artist"},), None),
        (({"title": "x"},), None),
    ],
)
def test_the_artist(tmp_path: Path, tracks: tuple[Mapping[str, str]], artist: str | None) -> None:
    assert tagged(tmp_path, *tracks).artist == artist


def test_a_hostile_artist_costs_no_time(tmp_path: Path) -> None:
    hostile = "A" + 100_000 * " " + "B"
    assert tagged(tmp_path, {"artist": hostile}, {"artist": f"{hostile} (feat. C)"}).artist == "A B"


def test_an_artist_that_no_tag_tells_is_inferred(tmp_path: Path) -> None:
    assert "artist" in tagged(tmp_path / "a", {"artist": "A"}, {"artist": "B"}).inferred
    assert "artist" not in tagged(tmp_path / "b", {"albumartist": "Various Artists"}).inferred


@pytest.mark.parametrize(
    ("tags", "year", "edition_year"),
    [
        ({"date": "2001-02-03"}, 2001, None),
        ({"date": "20010203"}, 2001, None),
        ({"date": "03/02/2001"}, 2001, None),
        ({"date": "2001-02"}, 2001, None),
        ({"date": "2001-02-03T04:05:06"}, 2001, None),
        ({"date": "05182003"}, None, None),
        ({"date": "20019999"}, None, None),
        ({"date": "120010"}, None, None),
        ({"year": "2001"}, 2001, None),
        ({"date": "2001", "originaldate": "2001-05"}, 2001, None),
        ({"date": "2001", "originalyear": "1999"}, 1999, 2001),
        ({"originaldate": "1999"}, 1999, None),
        ({"date": "0000"}, None, None),
        ({"date": "soon"}, None, None),
        ({"date": ["2001", "2005"]}, None, None),
        ({"date": "1975", "originaldate": "2015"}, None, None),
    ],
)
def test_years(tmp_path: Path, tags: Tags, year: int | None, edition_year: int | None) -> None:
    read = tagged(tmp_path, tags, tags)
    assert (read.year, read.edition_year) == (year, edition_year)


def test_what_the_files_do_not_agree_on_is_not_told(tmp_path: Path) -> None:
    read = tagged(
        tmp_path,
        {"date": "2001", "label": "A", "media": "CD"},
        {"date": "2002", "label": "B", "media": "DVD"},
    )
    assert (read.year, read.label, read.media) == (None, None, None)


@pytest.mark.parametrize(
    ("tags", "release_type"),
    [
        ({"releasetype": ["album", "compilation"]}, ReleaseType.COMPILATION),
        ({"releasetype": "album; compilation"}, ReleaseType.COMPILATION),
        ({"releasetype": "Album / Live"}, ReleaseType.LIVE),
        ({"releasetype": ["album", "soundtrack"]}, ReleaseType.SOUNDTRACK),
        ({"releasetype": ["ep", "remix"]}, ReleaseType.REMIX),
        ({"releasetype": ["album", "demo"]}, ReleaseType.DEMO),
        ({"releasetype": ["album", "mixtape/street"]}, ReleaseType.MIXTAPE),
        ({"releasetype": ["album", "dj-mix"]}, ReleaseType.DJ_MIX),
        ({"releasetype": ["other", "interview"]}, ReleaseType.INTERVIEW),
        ({"releasetype": ["other", "spokenword"]}, ReleaseType.SPOKEN),
        ({"releasetype": "EP"}, ReleaseType.EP),
        ({"releasetype": "single"}, ReleaseType.SINGLE),
        ({"releasetype": "album"}, ReleaseType.ALBUM),
        ({"releasetype": "album", "compilation": "1"}, ReleaseType.ALBUM),
        ({"releasetype": "album", "releasestatus": "bootleg"}, ReleaseType.BOOTLEG),
        ({"releasetype": ["compilation", "dj-mix"]}, ReleaseType.DJ_MIX),
        ({"releasetype": ["compilation", "mixtape/street"]}, ReleaseType.MIXTAPE),
    ],
)
def test_release_types_that_tags_tell(tmp_path: Path, tags: Tags, release_type: ReleaseType) -> None:
    read = tagged(tmp_path, tags)
    assert read.release_type is release_type
    assert "release_type" not in read.inferred


@pytest.mark.parametrize(
    ("minutes", "release_type"),
    [
        ([3], ReleaseType.SINGLE),
        ([9, 9, 9], ReleaseType.SINGLE),
        ([11, 5], ReleaseType.EP),
        ([3, 3, 3, 3], ReleaseType.EP),
        ([4, 4, 4, 4, 4, 4], ReleaseType.EP),
        ([5, 5, 5, 5, 5, 5], ReleaseType.ALBUM),
        ([2] * 7, ReleaseType.ALBUM),
        ([45], ReleaseType.ALBUM),
    ],
)
def test_release_types_by_length(tmp_path: Path, minutes: list[int], release_type: ReleaseType) -> None:
    read = tagged(tmp_path, {"title": "x"})
    assert "release_type" in read.inferred
    track = read.tracks[0]
    tracks = [evolve(track, stream=evolve(track.stream, duration=length * MINUTE)) for length in minutes]
    assert release_type_by_length(tracks) is release_type


@pytest.mark.parametrize(
    ("title", "release_type"),
    [
        ("Dawn EP", ReleaseType.EP),
        ("Dawn - EP", ReleaseType.EP),
        ("Dawn - Single", ReleaseType.SINGLE),
        ("Dawn (Original Motion Picture Soundtrack)", ReleaseType.SOUNDTRACK),
    ],
)
def test_a_title_suggests_a_type(tmp_path: Path, title: str, release_type: ReleaseType) -> None:
    read = tagged(tmp_path, *({"album": title} for _ in range(7)))
    assert read.release_type is release_type
    assert read.origins["release_type"] == Origin("the end of the title", Certainty.GUESSED)


def test_every_value_has_its_origin(tmp_path: Path) -> None:
    read = tagged(
        tmp_path,
        {
            "album": "T",
            "artist": "A",
            "originalyear": "1975",
            "date": "2015",
            "label": ["L", "M"],
            "catalognumber": "C",
            "barcode": "5012345678900",
            "musicbrainz_albumcomment": "remaster",
            "media": "CD",
            "genre": "Rock",
            "compilation": "1",
        },
    )
    assert {name: origin.source for name, origin in read.origins.items()} == {
        "title": "tag album",
        "artist": "tag artist",
        "year": "tag originalyear",
        "edition_year": "tag date",
        "label": "tag label",
        "catalogue_number": "tag catalognumber",
        "barcode": "tag barcode",
        "edition": "tag musicbrainz_albumcomment",
        "media": "tag media",
        "genres": "tag genre",
        "release_type": "tag compilation",
    }
    assert read.label == "L / M"
    assert read.credits == (Credit("A", Role.MAIN),)


@pytest.mark.parametrize(
    ("barcodes", "barcode"),
    [
        (["036000291452", "0036000291452"], "036000291452"),
        (["5012345678901"], None),
        (["5012345678900", "036000291452"], None),
        (["5012345678900", "none"], "5012345678900"),
    ],
)
def test_barcodes(tmp_path: Path, barcodes: list[str], barcode: str | None) -> None:
    assert tagged(tmp_path, *({"barcode": text} for text in barcodes)).barcode == barcode


def test_words_for_nothing_are_no_values(tmp_path: Path) -> None:
    read = tagged(
        tmp_path,
        {
            "album": "Unknown Album",
            "label": "[no label]",
            "catalognumber": "[none]",
            "genre": "Other",
            "barcode": "none",
        },
    )
    assert (read.title, read.label, read.catalogue_number, read.genres, read.barcode) == (
        None,
        None,
        None,
        (),
        None,
    )


def test_one_medium_in_several_words(tmp_path: Path) -> None:
    assert tagged(tmp_path / "a", {"media": "Vinyl"}, {"media": '12" Vinyl'}).media is Media.VINYL
    assert tagged(tmp_path / "b", {"media": "CD"}, {"media": "Wax Cylinder"}).media is None


def test_the_folders_are_the_discs_where_all_tags_say_disc_1(tmp_path: Path) -> None:
    for disc in (1, 2):
        tags = {"tracknumber": "1", "discnumber": "1"}
        make_track(tmp_path / f"CD{disc}" / "01.flac", tags=tags, seed=disc, seconds=0.1)
    assert [track.disc for track in album(tmp_path).tracks] == [1, 2]


def test_one_codec_in_two_containers_is_two_formats() -> None:
    release = make_release()
    first, second = release.album.tracks
    other = evolve(second, stream=make_stream(container=Container.OGG))
    with pytest.raises(TagError) as caught:
        consolidate(release.album.files, [first, other])
    assert caught.value.reason == "mixed_formats"
    assert all(
        words in caught.value.message for words in ("01.flac is FLAC in FLAC", "02.flac is FLAC in Ogg")
    )


def test_16_and_24_bits_are_one_format() -> None:
    release = make_release()
    first, second = release.album.tracks
    deep = evolve(second, stream=make_stream(bit_depth=24))
    assert consolidate(release.album.files, [first, deep]).tracks == (first, deep)


@pytest.mark.parametrize("nfo", ["{}.nfo", "00-{}.sfv"])
def test_a_scene_release_is_told_by_the_file_named_after_its_folder(tmp_path: Path, nfo: str) -> None:
    name = "The_Testers-First_Light-WEB-2001-GRP"
    make_track(tmp_path / name / "01.flac", seconds=0.1)
    assert album(tmp_path / name).scene is None
    (tmp_path / name / nfo.format(name.lower())).write_text("x")
    read = album(tmp_path / name)
    assert (read.scene, "scene" in read.inferred) == (name, True)


def test_a_folder_of_another_kind_is_no_scene_release(tmp_path: Path) -> None:
    make_track(tmp_path / "The Testers - First Light" / "01.flac", seconds=0.1)
    (tmp_path / "The Testers - First Light" / "The Testers - First Light.nfo").write_text("x")
    assert album(tmp_path / "The Testers - First Light").scene is None


def rip_log() -> RipLog:
    return RipLog(make_file("rip.log"), "EAC 1.6", LogChecksum.GOOD)


def test_a_rip_log_makes_it_a_cd() -> None:
    read = with_rip_logs(make_release().album, (rip_log(),))
    assert (read.media, read.origins["media"]) == (Media.CD, Origin("EAC 1.6 log rip.log"))
    assert read.rip_logs == (rip_log(),)


def test_without_a_rip_log_nothing_changes() -> None:
    album = make_release().album
    assert with_rip_logs(album, ()) == album


def test_a_rip_log_of_a_file_shop_is_a_contradiction() -> None:
    album = make_release(media=Media.WEB, origins={"media": Origin("tag media")}).album
    with pytest.raises(TagError) as caught:
        with_rip_logs(album, (rip_log(),))
    assert caught.value.reason == "contradiction"
    assert all(words in caught.value.message for words in ("WEB", "tag media", "rip.log"))


def test_the_compilation_flag_only_suggests_a_type(tmp_path: Path) -> None:
    flag = {"compilation": "1"}
    assert (read := tagged(tmp_path / "a", flag)).release_type is ReleaseType.COMPILATION
    assert "release_type" in read.inferred
    for title in ("Dawn (Original Motion Picture Soundtrack)", "Dawn OST", "Dawn (OST)"):
        read = tagged(tmp_path / title, {"album": title, **flag})
        assert read.release_type is ReleaseType.SOUNDTRACK
        assert "release_type" in read.inferred
    assert tagged(tmp_path / "b", {"album": "GHOST", **flag}).release_type is ReleaseType.COMPILATION


def test_a_medium_that_only_some_tracks_state_is_a_guess(tmp_path: Path) -> None:
    read = tagged(tmp_path / "some", {"media": "CD"}, {}, {})
    assert (read.media, "media" in read.inferred) == (Media.CD, True)
    assert "media" not in tagged(tmp_path / "all", {"media": "CD"}, {"media": "CD"}).inferred


def test_what_disagreeing_tags_state_is_kept(tmp_path: Path) -> None:
    read = tagged(
        tmp_path,
        {"date": "2001", "label": "A", "media": "CD", "releasetype": "album"},
        {"date": "2002", "label": "B", "media": "MiniDisc"},
        {"date": "2002", "label": "b"},
    )
    assert read.said == {
        "year": {2001, 2002},
        "label": {"A", "B"},
        "media": {Media.CD, "MiniDisc"},
        "release_type": {ReleaseType.ALBUM},
    }


@pytest.mark.parametrize("changes", [{"bit_depth": 24}, {"sample_rate": 48_000}, {"channels": 6}])
def test_no_cd_holds_such_audio(tmp_path: Path, changes: dict[str, Any]) -> None:
    path = make_track(tmp_path / "1.flac", tags={"media": "CD"}, seconds=0.1, **changes)
    with pytest.raises(TagError) as caught:
        album(tmp_path)
    assert (caught.value.reason, caught.value.path) == ("contradiction", path)
    stream = make_stream(**changes)
    with pytest.raises(TagError, match="of a CD by the EAC"):
        with_rip_logs(make_release(make_tracks("Dawn", stream=stream)).album, (rip_log(),))
    assert not can_be_of(stream, Media.CD)
    assert can_be_of(stream, Media.WEB)


@pytest.mark.parametrize("codec", [Codec.MP3, Codec.DTS])
def test_lossy_audio_may_be_of_a_cd(codec: Codec) -> None:
    assert can_be_of(make_stream(codec, sample_rate=48_000, channels=6), Media.CD)


@pytest.mark.parametrize(
    "said", [{Media.CD, Media.VINYL}, {"MiniDisc"}, {"Vinyl + DVD"}], ids=["mixed", "unknown", "two others"]
)
def test_a_rip_log_against_other_media(said: set[object]) -> None:
    with pytest.raises(TagError) as caught:
        with_rip_logs(make_release(said={"media": frozenset(said)}).album, (rip_log(),))
    assert caught.value.reason == "contradiction"


def test_a_rip_log_tells_which_of_two_media_it_is() -> None:
    read = with_rip_logs(make_release(said={"media": frozenset({"CD + DVD"})}).album, (rip_log(),))
    assert (read.media, read.inferred) == (Media.CD, frozenset())


@pytest.mark.parametrize(
    ("logs", "guessed"),
    [
        (["CD1/rip.log"], True),
        (["CD1/rip.log", "CD1/again.log"], True),
        (["CD1/rip.log", "CD2/rip.log"], False),
        (["1.log", "2.log"], False),
        (["CD1/rip.log", "Logs/2.log"], False),
    ],
)
def test_every_disc_needs_its_log(logs: list[str], guessed: bool) -> None:
    tracks = [*make_tracks("Dawn", disc=1), *make_tracks("Noon", disc=2)]
    found = tuple(evolve(rip_log(), file=make_file(name)) for name in logs)
    read = with_rip_logs(make_release(tracks).album, found)
    assert (read.media, "media" in read.inferred) == (Media.CD, guessed)
    with pytest.raises(TagError):
        fill_gaps(read, {"media": Media.WEB})
    assert fill_gaps(read, {"media": Media.CD}).inferred == frozenset()


def test_a_log_of_another_disc_is_no_evidence_but_a_warning() -> None:
    log = evolve(rip_log(), deductions=("the disc in the log has 2 tracks, the folder 3",))
    read = with_rip_logs(make_release().album, (log,))
    assert (read.media, read.rip_logs) == (None, (log,))
    (warning,) = warnings(Release(read), SiteRules())
    assert warning == "rip.log: the disc in the log has 2 tracks, the folder 3"
    web = make_release(media=Media.WEB, origins={"media": Origin("tag media")}).album
    assert with_rip_logs(web, (log,)).media is Media.WEB


def test_the_demo_album_is_whole() -> None:
    read = album(ALBUM)
    assert read.codec is Codec.FLAC
    assert (read.release_type, read.media) == (ReleaseType.EP, Media.WEB)
    assert all((read.title, read.artist, read.year, read.label, read.catalogue_number, read.genres))
    assert [track.number for track in read.tracks] == [1, 2, 3]
    assert "CC0" in read.tracks[0].tags["comment"][0]
    assert read.files.size < 600_000
    assert "cover.jpg" in [file.path.name for file in read.files.files]
