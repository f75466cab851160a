"""Which picture is taken for the cover, and the reason that is given."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mutagen import id3
from mutagen.flac import FLAC, Picture
from mutagen.oggvorbis import OggVorbis

from pipeline.model.audio import Codec
from tests.support.audio import EXTENSIONS, make_track
from tests.support.pictures import (
    BLUE,
    RED,
    album_at,
    album_with,
    assert_colour,
    cover_of,
    covers_of,
    opened,
    picture,
    refusal_of,
)

# mutagen leaves its constructors untyped.
open_flac: Callable[[Path], Any] = FLAC
open_vorbis: Callable[[Path], Any] = OggVorbis
new_picture: Callable[[], Any] = Picture

LARGE, THUMBNAIL, WIDE = (600, 600), (200, 200), (1400, 700)


class TestFiles:
    @pytest.mark.parametrize(
        ("better", "worse"),
        [
            ("cover.jpg", "front.jpg"),
            ("front.png", "folder.jpg"),
            ("folder.jpg", "album.jpg"),
            ("AlbumArt.jpg", "AlbumArtSmall.jpg"),
            ("AlbumArt-large.jpg", "AlbumArt-small.jpg"),
            ("folder.jpg", "Artwork/cover.jpg"),
            ("Scans/front.jpg", "Scans/back.jpg"),
            ("Covers/Some front.webp", "Covers/Some cover back.jpg"),
            ("Artist - Title (cover).jpg", "another.jpg"),
            ("COVER.JPG", "Front.jpg"),
            ("folder.jpg", "First Light.jpg"),
            ("Someone - First Light.jpg", "my cover.jpg"),
            ("someone_first-light.jpg", "holiday.jpg"),
        ],
    )
    def test_the_better_name_wins(self, tmp_path: Path, better: str, worse: str) -> None:
        kind = {".png": "PNG", ".webp": "WEBP"}.get(Path(better).suffix, "JPEG")
        pictures = {worse: picture(BLUE), better: picture(RED, kind=kind)}
        album = album_with(tmp_path, pictures, title="First Light", artist="Someone")
        assert_colour(opened(cover_of(album)), (5, 5), RED)

    @pytest.mark.parametrize(
        "name",
        ["back.jpg", "cover-back.jpg", "booklet front.jpg", "holiday.jpg", "Other/cover.jpg", "cover.txt"],
    )
    def test_no_other_picture_is_taken_for_a_cover(self, tmp_path: Path, name: str) -> None:
        error = refusal_of(album_with(tmp_path, {name: picture()}))
        assert error.reason == "no_cover"
        assert error.path == tmp_path
        assert "cover.jpg" in error.hint

    def test_a_picture_that_has_the_name_of_the_folder_counts(self, tmp_path: Path) -> None:
        folder = tmp_path / "Someone - First Light (2001)"
        album = album_with(folder, {"Someone - First Light (2001).jpg": picture()})
        assert cover_of(album).source == "Someone - First Light (2001).jpg"

    def test_a_picture_beside_the_tracks_of_a_disc_counts(self, tmp_path: Path) -> None:
        for disc in (1, 2):
            make_track(tmp_path / f"CD{disc}" / "01.flac", seed=disc)
        (tmp_path / "CD1" / "cover.jpg").write_bytes(picture())
        assert cover_of(album_at(tmp_path)).source == "CD1/cover.jpg"

    def test_the_source_names_the_file(self, tmp_path: Path) -> None:
        assert cover_of(album_with(tmp_path, {"Artwork/Front.jpg": picture()})).source == "Artwork/Front.jpg"


class TestPixelsDecide:
    def test_a_thumbnail_gives_way_to_a_large_picture_in_the_tags(self, tmp_path: Path) -> None:
        make_track(tmp_path / "02.flac", picture=picture(size=LARGE))
        album = album_with(tmp_path, {"folder.jpg": picture(size=THUMBNAIL)})
        covers = covers_of(album)
        assert covers.largest is not None
        assert covers.largest.source == "embedded in 02.flac"
        assert (
            covers.reason == "front cover, in the tags, 600 x 600; preferred to folder.jpg (only 200 x 200)"
        )

    def test_of_two_large_ones_the_nearer_wins(self, tmp_path: Path) -> None:
        pictures = {"folder.jpg": picture(size=LARGE), "Scans/front.jpg": picture(size=(3000, 3000))}
        covers = covers_of(album_with(tmp_path, pictures))
        assert covers.reason == (
            "front cover, beside the tracks, 600 x 600; preferred to Scans/front.jpg (in a folder of artwork)"
        )

    def test_an_unfolded_sleeve_gives_way_to_a_square(self, tmp_path: Path) -> None:
        pictures = {"cover.jpg": picture(size=WIDE), "folder.jpg": picture(size=LARGE)}
        covers = covers_of(album_with(tmp_path, pictures))
        assert covers.reason.endswith("preferred to cover.jpg (1400 x 700, not square)")

    def test_a_picture_alone_is_taken_whatever_its_shape(self, tmp_path: Path) -> None:
        covers = covers_of(album_with(tmp_path, {"cover.jpg": picture(size=(300, 100))}))
        assert covers.reason == "front cover, beside the tracks, 300 x 100, small, not square"


class TestTags:
    def test_files_come_before_embedded_pictures(self, tmp_path: Path) -> None:
        make_track(tmp_path / "02.flac", picture=picture(BLUE))
        assert cover_of(album_with(tmp_path, {"folder.jpg": picture()})).source == "folder.jpg"

    @pytest.mark.parametrize("codec", list(Codec))
    def test_an_embedded_picture_is_found_in_every_format(self, tmp_path: Path, codec: Codec) -> None:
        name = f"01{EXTENSIONS[codec]}"
        make_track(tmp_path / name, codec, picture=picture(), tags={"title": "One"})
        cover = cover_of(album_at(tmp_path))
        assert cover.data == picture()
        assert cover.source == f"embedded in {name}"

    def test_the_first_track_that_has_a_picture_gives_it(self, tmp_path: Path) -> None:
        for number, colour in ((2, RED), (3, BLUE)):
            make_track(tmp_path / f"0{number}.flac", picture=picture(colour))
        assert cover_of(album_with(tmp_path, {})).source == "embedded in 02.flac"

    def test_a_single_file_gives_its_own_picture_only(self, tmp_path: Path) -> None:
        (tmp_path / "cover.jpg").write_bytes(picture(BLUE))
        path = make_track(tmp_path / "One.flac", picture=picture(RED))
        assert cover_of(album_at(path)).data == picture(RED)

    def test_a_single_file_is_told_to_hold_its_picture(self, tmp_path: Path) -> None:
        error = refusal_of(album_at(make_track(tmp_path / "One.flac")))
        assert (error.reason, error.hint) == ("no_cover", "embed a picture in it")

    def test_the_front_cover_comes_first_among_flac_pictures(self, tmp_path: Path) -> None:
        path = make_track(tmp_path / "01.flac")
        audio = open_flac(path)
        for block in blocks():
            audio.add_picture(block)
        audio.save()
        assert cover_of(album_at(tmp_path)).data == picture(RED)

    def test_the_front_cover_comes_first_among_vorbis_pictures(self, tmp_path: Path) -> None:
        path = make_track(tmp_path / "01.ogg", Codec.OGG)
        audio = open_vorbis(path)
        audio["metadata_block_picture"] = [base64.b64encode(block.write()).decode() for block in blocks()]
        audio.save()
        assert cover_of(album_at(tmp_path)).data == picture(RED)

    def test_the_older_way_of_vorbis_is_read(self, tmp_path: Path) -> None:
        path = make_track(tmp_path / "01.ogg", Codec.OGG)
        audio = open_vorbis(path)
        audio["coverart"] = base64.b64encode(picture()).decode()
        audio.save()
        assert cover_of(album_at(tmp_path)).data == picture()

    def test_the_front_cover_comes_first_among_id3_pictures(self, tmp_path: Path) -> None:
        path = make_track(tmp_path / "01.mp3", Codec.MP3)
        frames: Any = id3
        tags = frames.ID3()
        for number, block in enumerate(blocks()):
            tags.add(frames.APIC(mime="image/jpeg", type=block.type, desc=str(number), data=block.data))
        tags.save(path)
        assert cover_of(album_at(tmp_path)).data == picture(RED)

    def test_the_back_in_the_tags_gives_way_to_any_front(self, tmp_path: Path) -> None:
        path = make_track(tmp_path / "02.flac")
        audio = open_flac(path)
        back = blocks()[0]
        back.data = picture(BLUE, size=LARGE)
        audio.add_picture(back)
        audio.save()
        covers = covers_of(album_with(tmp_path, {"cover.jpg": picture(size=THUMBNAIL)}))
        assert covers.reason.endswith("preferred to embedded in 02.flac (no front cover by its tag)")


def blocks() -> list[Any]:
    made = []
    for role, colour in ((id3.PictureType.COVER_BACK, BLUE), (id3.PictureType.COVER_FRONT, RED)):
        block = new_picture()
        block.type, block.mime, block.data = role, "image/jpeg", picture(colour)
        made.append(block)
    return made
