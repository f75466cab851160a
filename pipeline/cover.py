"""Finds an album's cover and makes it fit for a site; the album itself is only ever read."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import anyio
from attrs import frozen
from mutagen import MutagenError
from mutagen.id3 import PictureType
from PIL import ExifTags, Image, ImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from .audio.containers import AudioError
from .audio.parsers import parse
from .audio.pictures import pictures_in
from .errors import CoverError
from .model.album import Album, Track
from .model.files import AlbumFile
from .model.release import Cover
from .text import printable

MAX_INPUT_BYTES = 64 * 1024 * 1024
MAX_PIXELS = 80_000_000
"""The largest scans of a record sleeve have some 55 million; decoding takes up to four bytes for each."""
MAX_SIDE = 1200
MAX_OUTPUT_BYTES = 1024 * 1024
JPEG_QUALITY = 90

PICTURE_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif"}
ART_FOLDERS = {"art", "artwork", "cover", "covers", "scan", "scans"}
COVER_NAMES = ("cover", "front", "folder", "album", "albumart")
OTHER_SIDES = {"back", "rear", "inside", "inner", "inlay", "booklet", "tray", "matrix", "spine", "obi"}

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_BIT_DEPTH = 24
"""Where the header keeps the bits of a sample."""

# `Image.open` would do, but it reports large pictures through the warnings of the whole process.
READERS: dict[bytes, Callable[[io.BytesIO], ImageFile.ImageFile]] = {
    b"\xff\xd8\xff": JpegImageFile,
    PNG_SIGNATURE: PngImageFile,
    b"GIF8": GifImageFile,
    b"RIFF": WebPImageFile,
}
ROLES = {PictureType.COVER_FRONT: 0, PictureType.OTHER: 1}
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each EXIF orientation."""

UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    EOFError,
    LookupError,
    OverflowError,
    MemoryError,
    struct.error,
    Image.DecompressionBombError,
    AssertionError,
    Warning,
    AudioError,
    MutagenError,
)
"""What Pillow and mutagen raise for hostile or damaged data; a Warning where warnings are made errors."""


@frozen
class FoundPicture:
    """A picture as found: `source` is its public name, `path` the file that holds it."""

    data: bytes
    source: str
    path: Path


async def prepare_cover(album: Album, limiter: anyio.CapacityLimiter) -> Cover:
    """`find_cover` in a worker thread; `limiter` bounds how many pictures are in memory."""
    return await anyio.to_thread.run_sync(find_cover, album, limiter=limiter)


def find_cover(album: Album) -> Cover:
    """The best picture that the album holds, at most 1200 pixels a side, as JPEG or PNG.

    Picture files come before embedded ones; a single file has only the latter. Raises a CoverError:
    `no_cover`, or `broken_cover` that names the best candidate if none can be read.
    """
    broken: list[CoverError] = []
    for read in _sources(album):
        try:
            return _best(read())
        except CoverError as error:
            broken.append(error)
    if broken:
        raise broken[0]
    single = album.files.single
    raise CoverError(
        f"{printable(album.files.name)} holds no cover",
        path=album.files.root,
        reason="no_cover",
        hint="embed a picture in it" if single else "put a cover.jpg beside the tracks, or embed a picture",
    )


def _sources(album: Album) -> Iterator[Callable[[], list[FoundPicture]]]:
    for file in _picture_files(album):
        yield partial(_read_file, file)
    for track in album.tracks:
        if track.has_picture:
            yield partial(_read_embedded, track)


def _best(pictures: list[FoundPicture]) -> Cover:
    """The first picture that is whole; the fault of the very first where none is."""
    faults: list[CoverError] = []
    for picture in pictures:
        try:
            return _make_cover(picture)
        except UNREADABLE as error:
            faults.append(_broken(picture.source, picture.path, error))
    raise faults[0]


def _broken(source: str, path: Path, error: Exception) -> CoverError:
    return CoverError(
        f"{source}: the picture cannot be used: {printable(str(error)) or type(error).__name__}",
        path=path,
        reason="broken_cover",
        hint="replace it with a whole JPEG or PNG",
    )


def _picture_files(album: Album) -> list[AlbumFile]:
    """The files that can be the cover, best first."""
    beside = {file.parts[:-1] for file in album.files.audio} | {()}
    ranked = []
    for file in album.files.files:
        *folder, name = file.parts
        rank = _name_rank(name)
        in_art_folder = bool(folder) and folder[-1].casefold() in ART_FOLDERS and tuple(folder[:-1]) in beside
        if rank is not None and (tuple(folder) in beside or in_art_folder):
            ranked.append((in_art_folder, len(folder), rank, [part.casefold() for part in file.parts], file))
    return [file for *_, file in sorted(ranked, key=lambda entry: entry[:-1])]


def _name_rank(name: str) -> int | None:
    """How much a file's name says that it is the front cover, 0 the most; None if it is none."""
    path = Path(name.casefold())
    words = re.findall(r"[^\W\d_]+", path.stem)
    if path.suffix not in PICTURE_SUFFIXES or OTHER_SIDES & set(words):
        return None
    if path.stem in COVER_NAMES:
        return COVER_NAMES.index(path.stem)
    if any(word.startswith(("cover", "front", "albumart")) for word in words):
        return len(COVER_NAMES)
    return None


def _read_file(file: AlbumFile) -> list[FoundPicture]:
    source = printable("/".join(file.parts))
    try:
        with file.path.open("rb") as stream:
            data = stream.read(MAX_INPUT_BYTES + 1)
    except OSError as error:
        raise _broken(source, file.path, error) from error
    return [FoundPicture(data, source, file.path)]


def _read_embedded(track: Track) -> list[FoundPicture]:
    path = track.file.path
    source = f"embedded in {printable('/'.join(track.file.parts))}"
    try:
        pictures = _embedded_pictures(path)
        if not pictures:
            raise ValueError("the file no longer holds it")
    except UNREADABLE as error:
        raise _broken(source, path, error) from error
    return [FoundPicture(data, source, path) for data in pictures]


def _embedded_pictures(path: Path) -> list[bytes]:
    """The pictures in a file's tags: the front cover first, then those of no stated role."""
    with path.open("rb") as stream:
        _, parsed = parse(stream)
    ranked = sorted(pictures_in(parsed), key=lambda picture: ROLES.get(picture.role, len(ROLES)))
    return [picture.data for picture in ranked]


def _make_cover(picture: FoundPicture) -> Cover:
    """The picture as it is where it fits, else as a smaller or plainer JPEG."""
    if len(picture.data) > MAX_INPUT_BYTES:
        raise ValueError(f"it is larger than {MAX_INPUT_BYTES >> 20} MiB")
    image = _open(picture.data)
    if _fits(image, picture.data):
        image.load()
        mime = "image/png" if image.format == "PNG" else "image/jpeg"
        return Cover(picture.data, mime, image.width, image.height, picture.source)
    plain = _plain(image)
    memory = io.BytesIO()
    plain.save(memory, "JPEG", quality=JPEG_QUALITY)
    return Cover(memory.getvalue(), "image/jpeg", plain.width, plain.height, picture.source)


def _open(data: bytes) -> ImageFile.ImageFile:
    """The picture with its header read; its pixels are not decoded yet."""
    reader = next((reader for signature, reader in READERS.items() if data.startswith(signature)), None)
    if reader is None:
        raise ValueError("it is no JPEG, PNG, WebP or GIF")
    image = reader(io.BytesIO(data))
    if image.width * image.height > MAX_PIXELS:
        raise ValueError(f"{image.width} x {image.height} pixels are too many, {MAX_PIXELS:,} are read")
    return image


def _fits(image: ImageFile.ImageFile, data: bytes) -> bool:
    return (
        image.format in {"JPEG", "PNG"}
        and image.mode == "RGB"
        and max(image.size) <= MAX_SIDE
        and len(data) <= MAX_OUTPUT_BYTES
        and not image.has_transparency_data
        and not getattr(image, "is_animated", False)
        and (image.format == "JPEG" or data[PNG_BIT_DEPTH] == 8)
        and _orientation(image) not in TURNS
    )


def _orientation(image: Image.Image) -> int:
    if image.format == "PNG":
        image.load()  # its EXIF may follow the pixels; damage to those must not pass for damaged EXIF
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except UNREADABLE:
        return 1  # damaged EXIF says nothing, and leaves the pixels whole


def _plain(image: Image.Image) -> Image.Image:
    """The first frame in RGB on white, upright, at most MAX_SIDE pixels a side, without metadata."""
    orientation = _orientation(image)
    mode = "RGBA" if image.has_transparency_data else "RGB"
    # Shrinking comes before the conversion where the mode allows it: JPEG then decodes a smaller picture.
    if image.mode not in {mode, "L", "CMYK"}:
        image = _eight_bits(image).convert(mode)
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    if orientation in TURNS:
        image = image.transpose(TURNS[orientation])
    if mode == "RGB":
        plain = image.convert("RGB")
    else:
        white = Image.new("RGBA", image.size, "white")
        plain = Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
    plain.info.clear()
    return plain


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 bits is brought down to 8, since Pillow's own conversion would cut it off at white."""
    return image.point(lambda value: value / 257).convert("L") if image.mode.startswith("I") else image
