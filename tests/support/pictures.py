"""Real pictures made by Pillow, albums that hold them, and the covers that become of them."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import anyio
from PIL import Image

from pipeline.covers import Covers, PictureRoom, prepare_covers
from pipeline.errors import CoverError
from pipeline.model.album import Album
from pipeline.model.cover import CoverSpec
from pipeline.model.files import FileSet
from pipeline.model.release import Cover
from pipeline.scan import scan
from pipeline.tags import read_track
from tests.support.audio import make_track

RED, GREEN, BLUE, WHITE = (254, 0, 0), (0, 255, 1), (0, 0, 254), (255, 255, 255)
RgbColour = tuple[int, int, int]
USUAL = CoverSpec()


def picture(
    colour: RgbColour = RED, size: tuple[int, int] = (60, 60), kind: str = "JPEG", **options: Any
) -> bytes:
    return encoded(Image.new("RGB", size, colour), kind, **options)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    memory = io.BytesIO()
    image.save(memory, kind, **options)
    return memory.getvalue()


def noise(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    return Image.effect_noise(size, 120).convert(mode)


def png(width: int, height: int, pixels: bytes, *, bits: int = 8, before: bytes = b"") -> bytes:
    """A PNG in colour, written by hand: its header may lie."""
    header = struct.pack(">IIBBBBB", width, height, bits, 2, 0, 0, 0)
    chunks = (chunk(b"IHDR", header), before, chunk(b"IDAT", pixels), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def text_bomb() -> bytes:
    return chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * 50_000_000))


def place_and_camera() -> Image.Exif:
    """EXIF as a telephone writes it: where it was taken, and with what."""
    exif = Image.Exif()
    exif[0x010F] = "Invented Camera Works"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 17.0)})
    return exif


def album_at(root: Path, **words: Any) -> Album:
    (files,) = scan([root])
    assert isinstance(files, FileSet)
    return Album(files, tuple(read_track(file) for file in files.audio), "a1-" + 32 * "0", **words)


def album_with(root: Path, pictures: Mapping[str, bytes], **words: Any) -> Album:
    """An album of one track with these files beside it or below."""
    for name, data in pictures.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    make_track(root / "01.flac")
    return album_at(root, **words)


def covers_of(album: Album, specs: Iterable[CoverSpec] = (USUAL,)) -> Covers:
    async def prepare() -> Covers:
        return await prepare_covers(album, specs, PictureRoom())

    return anyio.run(prepare)


def cover_of(album: Album, spec: CoverSpec = USUAL) -> Cover:
    made = covers_of(album, [spec]).made[spec]
    assert isinstance(made, Cover), made
    return made


def refusal_of(album: Album, spec: CoverSpec = USUAL) -> CoverError:
    made = covers_of(album, [spec]).made[spec]
    assert isinstance(made, CoverError), made
    return made


def opened(cover: Cover) -> Image.Image:
    image = Image.open(io.BytesIO(cover.data))
    image.load()
    assert image.get_format_mimetype() == cover.mime
    assert image.size == (cover.width, cover.height)
    return image


def assert_colour(image: Image.Image, point: tuple[int, int], colour: RgbColour) -> None:
    found = image.convert("RGB").getpixel(point)
    assert isinstance(found, tuple)
    assert all(abs(a - b) <= 12 for a, b in zip(found, colour, strict=True)), f"{found} is not {colour}"
