"""What becomes of a picture: what each site wants of it, and no more than its pixels."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from pipeline.model.cover import CoverSpec, PictureFormat
from pipeline.model.release import Cover
from tests.support.pictures import (
    BLUE,
    GREEN,
    RED,
    WHITE,
    album_with,
    assert_colour,
    cover_of,
    covers_of,
    encoded,
    noise,
    opened,
    picture,
    place_and_camera,
    png,
    refusal_of,
)

SMALL = CoverSpec(side_max=300)
LIGHT = CoverSpec(bytes_max=20_000)
SQUARE = CoverSpec(square=True)


class TestUntouched:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG"])
    def test_what_fits_stays_as_it_is(self, tmp_path: Path, kind: str) -> None:
        data = picture(size=(1200, 600), kind=kind)
        cover = cover_of(album_with(tmp_path, {"cover.jpg": data}))
        assert cover.data == data
        assert opened(cover).format == kind
        assert cover.filename == {"JPEG": "cover.jpg", "PNG": "cover.png"}[kind]

    def test_a_webp_stays_where_it_is_taken(self, tmp_path: Path) -> None:
        data = picture(kind="WEBP")
        spec = CoverSpec(formats=frozenset(PictureFormat))
        cover = cover_of(album_with(tmp_path, {"cover.webp": data}), spec)
        assert (cover.data, cover.mime, cover.filename) == (data, "image/webp", "cover.webp")

    def test_a_progressive_jpeg_stays_as_it_is(self, tmp_path: Path) -> None:
        data = encoded(noise((200, 200)), "JPEG", progressive=True)
        assert cover_of(album_with(tmp_path, {"cover.jpg": data})).data == data

    def test_grey_stays_grey(self, tmp_path: Path) -> None:
        data = encoded(noise((200, 200), "L"), "JPEG")
        assert cover_of(album_with(tmp_path, {"cover.jpg": data})).data == data

    def test_a_jpeg_named_png_is_told_from_its_bytes(self, tmp_path: Path) -> None:
        assert cover_of(album_with(tmp_path, {"cover.png": picture()})).mime == "image/jpeg"

    def test_the_album_is_not_written_to(self, tmp_path: Path) -> None:
        album = album_with(tmp_path, {"cover.jpg": picture(size=(2000, 2000))})
        before = sorted(tmp_path.rglob("*"))
        cover_of(album)
        assert sorted(tmp_path.rglob("*")) == before
        assert (tmp_path / "cover.jpg").read_bytes() == picture(size=(2000, 2000))


class TestReencoded:
    def cover(self, folder: Path, data: bytes) -> Image.Image:
        cover = cover_of(album_with(folder, {"cover.jpg": data}))
        assert cover.data != data
        image = opened(cover)
        assert (image.format, image.mode) == ("JPEG", "RGB")
        assert not image.getexif()
        assert image.info.keys() <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "progressive",
            "progression",
        }
        return image

    def test_large_pictures_shrink(self, tmp_path: Path) -> None:
        image = self.cover(tmp_path, picture(size=(3000, 1500)))
        assert image.size == (1200, 600)
        assert image.info["progressive"]

    def test_heavy_pictures_are_compressed_and_keep_their_size(self, tmp_path: Path) -> None:
        data = encoded(noise((800, 800)), "PNG")
        heavy = data + b"\0" * 1024 * 1024
        assert self.cover(tmp_path, heavy).size == (800, 800)

    @pytest.mark.parametrize("kind", ["JPEG", "PNG"])
    def test_what_follows_the_picture_is_left_behind(self, tmp_path: Path, kind: str) -> None:
        self.cover(tmp_path, picture(kind=kind) + b"GPS 52.52 13.405")

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_no_place_is_published(self, tmp_path: Path, kind: str) -> None:
        data = picture(kind=kind, exif=place_and_camera())
        assert b"Invented" in data
        assert cover_of(album_with(tmp_path, {"cover.jpg": data})).data.find(b"Invented") == -1
        self.cover(tmp_path, data)

    def test_a_comment_is_left_behind(self, tmp_path: Path) -> None:
        self.cover(tmp_path, picture(comment=b"scanned at home"))

    def test_a_text_in_a_png_is_left_behind(self, tmp_path: Path) -> None:
        from PIL.PngImagePlugin import PngInfo

        words = PngInfo()
        words.add_text("Author", "somebody")
        self.cover(tmp_path, picture(kind="PNG", pnginfo=words))

    def test_a_turned_picture_is_set_upright(self, tmp_path: Path) -> None:
        image = Image.new("RGB", (60, 40), BLUE)
        image.paste(RED, (0, 0, 30, 40))
        exif = Image.Exif()
        exif[0x0112] = 6
        upright = self.cover(tmp_path, encoded(image, "JPEG", quality=95, exif=exif))
        assert upright.size == (40, 60)
        assert_colour(upright, (20, 5), RED)
        assert_colour(upright, (20, 55), BLUE)

    def test_transparency_becomes_white(self, tmp_path: Path) -> None:
        image = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
        image.paste((*RED, 255), (0, 0, 30, 40))
        found = self.cover(tmp_path, encoded(image, "PNG"))
        assert_colour(found, (5, 5), RED)
        assert_colour(found, (55, 5), WHITE)

    def test_a_transparent_colour_becomes_white(self, tmp_path: Path) -> None:
        data = picture(GREEN, kind="PNG", transparency=GREEN)
        assert_colour(self.cover(tmp_path, data), (5, 5), WHITE)

    def test_cmyk_becomes_rgb(self, tmp_path: Path) -> None:
        image = Image.new("RGB", (60, 40), RED).convert("CMYK")
        assert_colour(self.cover(tmp_path, encoded(image, "JPEG")), (5, 5), RED)

    def test_colours_of_a_profile_become_those_of_srgb(self, tmp_path: Path) -> None:
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
        assert_colour(self.cover(tmp_path, picture(GREEN, icc_profile=profile)), (5, 5), GREEN)
        swapped = swapped_profile()
        (tmp_path / "second").mkdir()
        assert_colour(self.cover(tmp_path / "second", picture(RED, icc_profile=swapped)), (5, 5), GREEN)

    def test_a_damaged_profile_changes_nothing(self, tmp_path: Path) -> None:
        assert_colour(self.cover(tmp_path, picture(RED, icc_profile=b"no profile")), (5, 5), RED)

    def test_a_palette_becomes_rgb(self, tmp_path: Path) -> None:
        image = Image.new("RGB", (60, 40), BLUE).convert("P")
        assert_colour(self.cover(tmp_path, encoded(image, "PNG")), (5, 5), BLUE)

    def test_grey_of_16_bits_keeps_its_brightness(self, tmp_path: Path) -> None:
        image = Image.new("I;16", (60, 40), 0x8000)
        assert_colour(self.cover(tmp_path, encoded(image, "PNG")), (5, 5), (128, 128, 128))

    def test_colour_of_16_bits_becomes_8(self, tmp_path: Path) -> None:
        row = b"\0" + struct.pack(">3H", 0xFFFF, 0, 0) * 8
        data = png(8, 8, zlib.compress(row * 8), bits=16)
        assert_colour(self.cover(tmp_path, data), (4, 4), RED)

    def test_a_webp_becomes_a_jpeg(self, tmp_path: Path) -> None:
        assert_colour(self.cover(tmp_path, picture(RED, kind="WEBP")), (5, 5), RED)

    def test_a_still_gif_becomes_a_jpeg(self, tmp_path: Path) -> None:
        assert_colour(self.cover(tmp_path, picture(RED, kind="GIF")), (5, 5), RED)


class TestDemands:
    def test_each_demand_is_met_from_one_picture(self, tmp_path: Path) -> None:
        data = encoded(noise((2000, 1000)), "JPEG", quality=95)
        wide = CoverSpec(side_max=2000, bytes_max=50_000_000)
        covers = covers_of(album_with(tmp_path, {"cover.jpg": data}), [SMALL, LIGHT, SQUARE, wide])
        made = {spec: opened(cover) for spec, cover in covers.made.items() if isinstance(cover, Cover)}
        assert made[SMALL].size == (300, 150)
        assert made[SQUARE].size == (1200, 1200)
        assert made[wide].size == (2000, 1000)
        light = covers.made[LIGHT]
        assert isinstance(light, Cover)
        assert len(light.data) <= 20_000
        assert covers.versions == 4

    def test_equal_demands_share_one_picture(self, tmp_path: Path) -> None:
        covers = covers_of(
            album_with(tmp_path, {"cover.jpg": picture()}), [CoverSpec(side_max=500), CoverSpec(side_max=500)]
        )
        assert (covers.versions, len(covers.made)) == (1, 1)

    def test_bytes_that_fit_several_demands_are_there_once(self, tmp_path: Path) -> None:
        covers = covers_of(album_with(tmp_path, {"cover.jpg": picture()}), [SMALL, LIGHT])
        assert covers.versions == 1

    @pytest.mark.parametrize("spec", [SMALL, SQUARE, CoverSpec(formats=frozenset({PictureFormat.WEBP}))])
    def test_nothing_is_enlarged(self, tmp_path: Path, spec: CoverSpec) -> None:
        cover = cover_of(album_with(tmp_path, {"cover.jpg": picture(size=(100, 50))}), spec)
        assert cover.width == 100

    @pytest.mark.parametrize("kind", PictureFormat)
    def test_a_format_that_is_taken_alone_is_made(self, tmp_path: Path, kind: PictureFormat) -> None:
        other = "JPEG" if kind is PictureFormat.PNG else "PNG"
        album = album_with(tmp_path, {"cover.jpg": picture(BLUE, kind=other)})
        cover = cover_of(album, CoverSpec(formats=frozenset({kind})))
        assert cover.mime == f"image/{kind}"
        assert_colour(opened(cover), (5, 5), BLUE)

    def test_a_square_is_filled_up_with_white(self, tmp_path: Path) -> None:
        image = opened(cover_of(album_with(tmp_path, {"cover.png": picture(RED, (100, 50))}), SQUARE))
        assert image.size == (100, 100)
        assert_colour(image, (50, 50), RED)
        assert_colour(image, (50, 5), WHITE)

    def test_a_demand_that_cannot_be_met_leaves_the_others_alone(self, tmp_path: Path) -> None:
        tiny = CoverSpec(bytes_max=100)
        album = album_with(tmp_path, {"cover.jpg": encoded(noise((600, 600)), "PNG")})
        assert isinstance(covers_of(album, [tiny, SMALL]).made[SMALL], Cover)
        assert refusal_of(album, tiny).message.endswith("no picture of it fits into 100 bytes")


def swapped_profile() -> bytes:
    """The profile of sRGB with red and green in each other's place."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    places = {}
    for number in range(struct.unpack_from(">I", data, 128)[0]):
        name = bytes(data[132 + 12 * number : 136 + 12 * number])
        places[name] = 132 + 12 * number
    red, green = places[b"rXYZ"], places[b"gXYZ"]
    data[red : red + 4], data[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(data)
