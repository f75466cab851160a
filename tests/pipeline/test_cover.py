"""The cover: which picture is taken, what becomes of it, and what hostile pictures cannot do."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutagen import id3
from mutagen.flac import FLAC, Picture
from mutagen.oggvorbis import OggVorbis
from PIL import Image

from pipeline.cover import find_cover, prepare_cover
from pipeline.errors import CoverError
from pipeline.model.album import Album
from pipeline.model.audio import Codec
from pipeline.model.files import FileSet
from pipeline.model.release import Cover
from pipeline.scan import scan
from pipeline.tags import read_track
from tests.support.audio import EXTENSIONS, make_track

# mutagen leaves its constructors untyped.
open_flac: Callable[[Path], Any] = FLAC
open_vorbis: Callable[[Path], Any] = OggVorbis
new_picture: Callable[[], Any] = Picture

RED, GREEN, BLUE, WHITE = (254, 0, 0), (0, 255, 1), (0, 0, 254), (255, 255, 255)
RgbColour = tuple[int, int, int]


def picture(
    colour: RgbColour = RED, size: tuple[int, int] = (60, 40), kind: str = "JPEG", **options: Any
) -> bytes:
    return encoded(Image.new("RGB", size, colour), kind, **options)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    memory = io.BytesIO()
    image.save(memory, kind, **options)
    return memory.getvalue()


def noise(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    return Image.effect_noise(size, 120).convert(mode)


def album_at(root: Path) -> Album:
    (files,) = scan([root])
    assert isinstance(files, FileSet)
    return Album(files, tuple(read_track(file) for file in files.audio), "a1-" + 32 * "0")


def album_with(root: Path, **pictures: bytes) -> Album:
    """An album of one track with these files; `__` in a name stands for `/`, `_jpg` for `.jpg`."""
    for name, data in pictures.items():
        path = root / ".".join(name.replace("__", "/").rsplit("_", 1))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    make_track(root / "01.flac")
    return album_at(root)


def opened(cover: Cover) -> Image.Image:
    image = Image.open(io.BytesIO(cover.data))
    image.load()
    assert image.get_format_mimetype() == cover.mime
    assert image.size == (cover.width, cover.height)
    return image


def assert_colour(image: Image.Image, point: tuple[int, int], colour: RgbColour) -> None:
    found = image.getpixel(point)
    assert isinstance(found, tuple)
    assert all(abs(a - b) <= 12 for a, b in zip(found, colour, strict=True)), f"{found} is not {colour}"


def refused(album: Album) -> CoverError:
    with pytest.raises(CoverError) as caught:
        find_cover(album)
    return caught.value


class TestChoice:
    @pytest.mark.parametrize(
        ("better", "worse"),
        [
            ("cover_jpg", "front_jpg"),
            ("front_png", "folder_jpg"),
            ("folder_jpg", "album_jpg"),
            ("AlbumArt_jpg", "AlbumArtSmall_jpg"),
            ("AlbumArt-large_jpg", "AlbumArt-small_jpg"),
            ("folder_jpg", "Artwork__cover_jpg"),
            ("Scans__front_jpg", "Scans__back_jpg"),
            ("Covers__Some front_webp", "Covers__Some cover back_jpg"),
            ("Artist - Title (cover)_jpg", "another_jpg"),
            ("COVER_JPG", "Front_jpg"),
        ],
    )
    def test_the_better_name_wins(self, tmp_path: Path, better: str, worse: str) -> None:
        kind = {"png": "PNG", "webp": "WEBP"}.get(better.rsplit("_")[-1], "JPEG")
        cover = find_cover(album_with(tmp_path, **{worse: picture(BLUE), better: picture(RED, kind=kind)}))
        assert_colour(opened(cover), (5, 5), RED)

    @pytest.mark.parametrize(
        "name",
        ["back_jpg", "cover-back_jpg", "booklet front_jpg", "holiday_jpg", "Other__cover_jpg", "cover_txt"],
    )
    def test_no_other_picture_is_taken_for_a_cover(self, tmp_path: Path, name: str) -> None:
        error = refused(album_with(tmp_path, **{name: picture()}))
        assert error.reason == "no_cover"
        assert error.path == tmp_path
        assert "cover.jpg" in error.hint

    def test_a_picture_beside_the_tracks_of_a_disc_counts(self, tmp_path: Path) -> None:
        for disc in (1, 2):
            make_track(tmp_path / f"CD{disc}" / "01.flac", seed=disc)
        (tmp_path / "CD1" / "cover.jpg").write_bytes(picture())
        assert find_cover(album_at(tmp_path)).source == "CD1/cover.jpg"

    def test_the_source_names_the_file(self, tmp_path: Path) -> None:
        assert find_cover(album_with(tmp_path, Artwork__Front_jpg=picture())).source == "Artwork/Front.jpg"

    def test_files_come_before_embedded_pictures(self, tmp_path: Path) -> None:
        make_track(tmp_path / "02.flac", picture=picture(BLUE))
        assert find_cover(album_with(tmp_path, folder_jpg=picture())).source == "folder.jpg"

    @pytest.mark.parametrize("codec", list(Codec))
    def test_an_embedded_picture_is_found_in_every_format(self, tmp_path: Path, codec: Codec) -> None:
        name = f"01{EXTENSIONS[codec]}"
        make_track(tmp_path / name, codec, picture=picture(), tags={"title": "One"})
        cover = find_cover(album_at(tmp_path))
        assert cover.data == picture()
        assert cover.source == f"embedded in {name}"

    def test_the_first_track_that_has_a_picture_gives_it(self, tmp_path: Path) -> None:
        for number, colour in ((2, RED), (3, BLUE)):
            make_track(tmp_path / f"0{number}.flac", picture=picture(colour))
        assert find_cover(album_with(tmp_path)).source == "embedded in 02.flac"

    def test_a_single_file_gives_its_own_picture_only(self, tmp_path: Path) -> None:
        (tmp_path / "cover.jpg").write_bytes(picture(BLUE))
        path = make_track(tmp_path / "One.flac", picture=picture(RED))
        assert find_cover(album_at(path)).data == picture(RED)

    def test_the_front_cover_comes_first_among_flac_pictures(self, tmp_path: Path) -> None:
        path = make_track(tmp_path / "01.flac")
        audio = open_flac(path)
        for block in blocks():
            audio.add_picture(block)
        audio.save()
        assert find_cover(album_at(tmp_path)).data == picture(RED)

    def test_the_front_cover_comes_first_among_vorbis_pictures(self, tmp_path: Path) -> None:
        path = make_track(tmp_path / "01.ogg", Codec.OGG)
        audio = open_vorbis(path)
        audio["metadata_block_picture"] = [base64.b64encode(block.write()).decode() for block in blocks()]
        audio.save()
        assert find_cover(album_at(tmp_path)).data == picture(RED)

    def test_the_older_way_of_vorbis_is_read(self, tmp_path: Path) -> None:
        path = make_track(tmp_path / "01.ogg", Codec.OGG)
        audio = open_vorbis(path)
        audio["coverart"] = base64.b64encode(picture()).decode()
        audio.save()
        assert find_cover(album_at(tmp_path)).data == picture()

    def test_a_single_file_is_told_to_hold_its_picture(self, tmp_path: Path) -> None:
        error = refused(album_at(make_track(tmp_path / "One.flac")))
        assert (error.reason, error.hint) == ("no_cover", "embed a picture in it")

    def test_the_front_cover_comes_first_among_id3_pictures(self, tmp_path: Path) -> None:
        path = make_track(tmp_path / "01.mp3", Codec.MP3)
        frames: Any = id3
        tags = frames.ID3()
        for number, block in enumerate(blocks()):
            tags.add(frames.APIC(mime="image/jpeg", type=block.type, desc=str(number), data=block.data))
        tags.save(path)
        assert find_cover(album_at(tmp_path)).data == picture(RED)


def blocks() -> list[Any]:
    made = []
    for role, colour in ((id3.PictureType.COVER_BACK, BLUE), (id3.PictureType.COVER_FRONT, RED)):
        block = new_picture()
        block.type, block.mime, block.data = role, "image/jpeg", picture(colour)
        made.append(block)
    return made


class TestUntouched:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG"])
    def test_what_fits_stays_as_it_is(self, tmp_path: Path, kind: str) -> None:
        data = picture(size=(1200, 600), kind=kind)
        cover = find_cover(album_with(tmp_path, cover_jpg=data))
        assert cover.data == data
        assert opened(cover).format == kind
        assert cover.filename == {"JPEG": "cover.jpg", "PNG": "cover.png"}[kind]

    def test_a_jpeg_named_png_is_told_from_its_bytes(self, tmp_path: Path) -> None:
        assert find_cover(album_with(tmp_path, cover_png=picture())).mime == "image/jpeg"

    def test_the_album_is_not_written_to(self, tmp_path: Path) -> None:
        album = album_with(tmp_path, cover_jpg=picture(size=(2000, 2000)))
        before = sorted(tmp_path.rglob("*"))
        find_cover(album)
        assert sorted(tmp_path.rglob("*")) == before
        assert (tmp_path / "cover.jpg").read_bytes() == picture(size=(2000, 2000))


class TestReencoded:
    def cover(self, folder: Path, data: bytes) -> Image.Image:
        cover = find_cover(album_with(folder, cover_jpg=data))
        assert cover.data != data
        image = opened(cover)
        assert (image.format, image.mode) == ("JPEG", "RGB")
        assert not image.getexif()
        return image

    def test_large_pictures_shrink(self, tmp_path: Path) -> None:
        assert self.cover(tmp_path, picture(size=(3000, 1500))).size == (1200, 600)

    def test_heavy_pictures_are_compressed_and_keep_their_size(self, tmp_path: Path) -> None:
        data = encoded(noise((800, 800)), "PNG")
        heavy = data + b"\0" * 1024 * 1024
        assert self.cover(tmp_path, heavy).size == (800, 800)

    def test_a_sliver_keeps_a_pixel(self, tmp_path: Path) -> None:
        assert self.cover(tmp_path, picture(size=(5000, 2))).size == (1200, 1)

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

    @pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
    def test_of_an_animation_the_first_frame_is_taken(self, tmp_path: Path, kind: str) -> None:
        others = [Image.new("RGB", (60, 40), colour) for colour in (BLUE, GREEN)]
        data = picture(RED, kind=kind, save_all=True, append_images=others)
        assert_colour(self.cover(tmp_path, data), (5, 5), RED)


def png(width: int, height: int, pixels: bytes, *, bits: int = 8, before: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, bits, 2, 0, 0, 0)
    chunks = (chunk(b"IHDR", header), before, chunk(b"IDAT", pixels), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def text_bomb() -> bytes:
    return chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * 50_000_000))


HOSTILE = {
    "html": b"<!DOCTYPE html><title>404</title>",
    "empty": b"",
    "truncated": encoded(noise((200, 200)), "JPEG")[:2000],
    "damaged png pixels": picture(kind="PNG", size=(60, 40))[:50] + picture(kind="PNG", size=(60, 40))[51:],
    "truncated png": encoded(noise((200, 200)), "PNG")[:2000],
    "only a signature": b"\xff\xd8\xff",
    "pixel bomb": png(50_000, 50_000, b""),
    "smaller pixel bomb": png(10_000, 10_000, b""),
    "text bomb": png(8, 8, b"", before=text_bomb()),
    "broken checksum": picture(kind="PNG").replace(b"IDAT", b"IDAX"),
    "riff that is no picture": b"RIFF\x10\0\0\0WAVEfmt " + bytes(16),
    "other format": encoded(noise((20, 20)), "BMP"),
}


class TestHostile:
    @pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
    def test_a_broken_picture_is_named(self, tmp_path: Path, data: bytes) -> None:
        error = refused(album_with(tmp_path, cover_jpg=data))
        assert error.reason == "broken_cover"
        assert error.path == tmp_path / "cover.jpg"
        assert error.message.startswith("cover.jpg: ")
        assert "replace" in error.hint

    @pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
    def test_the_next_candidate_is_tried(self, tmp_path: Path, data: bytes) -> None:
        album = album_with(tmp_path, cover_jpg=data, folder_jpg=picture())
        assert find_cover(album).source == "folder.jpg"

    def test_the_best_candidate_is_named_where_all_are_broken(self, tmp_path: Path) -> None:
        make_track(tmp_path / "02.flac", picture=b"no picture")
        error = refused(album_with(tmp_path, folder_jpg=b"x", cover_jpg=b"y"))
        assert error.path == tmp_path / "cover.jpg"

    def test_a_broken_embedded_picture_gives_way_to_the_next_track(self, tmp_path: Path) -> None:
        make_track(tmp_path / "02.flac", picture=b"no picture")
        make_track(tmp_path / "03.flac", picture=picture())
        assert find_cover(album_with(tmp_path)).source == "embedded in 03.flac"

    def test_a_broken_embedded_picture_is_named(self, tmp_path: Path) -> None:
        make_track(tmp_path / "02.flac", picture=b"no picture")
        error = refused(album_with(tmp_path))
        assert (error.reason, error.path) == ("broken_cover", tmp_path / "02.flac")
        assert "embedded in 02.flac" in error.message

    def test_a_huge_file_is_refused(self, tmp_path: Path) -> None:
        album = album_with(tmp_path, cover_jpg=picture())
        with (tmp_path / "cover.jpg").open("ab") as file:
            file.truncate(64 * 1024 * 1024 + 1)
        assert "64 MiB" in refused(album).message

    def test_a_file_that_vanished_is_named(self, tmp_path: Path) -> None:
        album = album_with(tmp_path, cover_jpg=picture())
        (tmp_path / "cover.jpg").unlink()
        assert refused(album).reason == "broken_cover"

    def test_a_track_that_vanished_is_named(self, tmp_path: Path) -> None:
        path = make_track(tmp_path / "01.flac", picture=picture())
        album = album_at(tmp_path)
        path.unlink()
        assert refused(album).path == path

    @settings(max_examples=50)
    @given(st.data())
    def test_damage_never_passes_for_a_picture_nor_ends_in_a_traceback(
        self, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
    ) -> None:
        kind = data.draw(st.sampled_from(["JPEG", "PNG", "GIF", "WEBP"]))
        damaged = bytearray(encoded(STRIPES, kind))
        for _ in range(data.draw(st.integers(1, 4))):
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
        album = album_with(
            tmp_path_factory.mktemp("album"), cover_jpg=bytes(damaged), folder_jpg=picture(BLUE)
        )
        opened(find_cover(album))


STRIPES = Image.linear_gradient("L").resize((16, 12)).convert("RGB")


async def test_the_loop_runs_on_while_a_cover_is_made(tmp_path: Path) -> None:
    album = album_with(tmp_path, cover_jpg=picture(size=(2000, 2000)))
    limiter = anyio.CapacityLimiter(1)
    turns = 0
    async with anyio.create_task_group() as group:

        async def turn() -> None:
            nonlocal turns
            while True:
                turns += 1
                await anyio.lowlevel.checkpoint()

        group.start_soon(turn)
        cover = await prepare_cover(album, limiter)
        group.cancel_scope.cancel()
    assert cover.width == 1200
    assert turns > 10
