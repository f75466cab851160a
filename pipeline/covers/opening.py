"""Opens a picture by its own bytes, within limits: nothing is believed of its name, nor of its tags."""

from __future__ import annotations

import struct
from collections.abc import Callable
from io import BytesIO
from typing import IO

from mutagen import MutagenError
from PIL import ExifTags, Image, ImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from ..audio.containers import AudioError

MAX_PIXELS = 80_000_000
"""The largest scans of a record sleeve have some 55 million; decoding takes up to four bytes for each."""
MIN_SIDE = 8
"""Pixels; what is smaller stands for a picture that is not there."""

# `Image.open` would do, but it reports large pictures through the warnings of the whole process.
READERS: dict[bytes, Callable[[IO[bytes]], ImageFile.ImageFile]] = {
    b"\xff\xd8\xff": JpegImageFile,
    b"\x89PNG\r\n\x1a\n": PngImageFile,
    b"GIF8": GifImageFile,
    b"RIFF": WebPImageFile,
}
MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<svg")

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


def open_picture(stream: IO[bytes]) -> ImageFile.ImageFile:
    """The picture with its header read, its pixels not decoded; one of UNREADABLE where it cannot be used."""
    start = stream.read(64)
    stream.seek(0)
    reader = next((reader for signature, reader in READERS.items() if start.startswith(signature)), None)
    if reader is None:
        is_page = start.lstrip().lower().startswith(MARKUP)
        raise ValueError("it is a page of a web site" if is_page else "it is no JPEG, PNG, WebP or GIF")
    image = reader(stream)
    size = f"{image.width} x {image.height} pixels"
    if image.width * image.height > MAX_PIXELS:
        raise ValueError(f"{size} are too many, {MAX_PIXELS:,} are read")
    if min(image.size) < MIN_SIDE:
        raise ValueError(f"{size} are too few to be a cover")
    return image


def open_bytes(data: bytes) -> ImageFile.ImageFile:
    return open_picture(BytesIO(data))


def orientation(image: Image.Image) -> int:
    """How the camera was held, 1 to 8 as EXIF counts."""
    if image.format == "PNG":
        image.load()  # its EXIF may follow the pixels; damage to those must not pass for damaged EXIF
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except UNREADABLE:
        return 1  # damaged EXIF says nothing, and leaves the pixels whole
