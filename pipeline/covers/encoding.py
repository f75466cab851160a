"""Writes plain pixels as a site wants them: small enough, in a format that it takes."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from PIL import Image

from ..model.cover import CoverSpec, PictureFormat
from .opening import MIN_SIDE

PREFERRED = (PictureFormat.JPEG, PictureFormat.WEBP, PictureFormat.PNG)
QUALITIES = (90, 82, 74)
"""Tried before a picture is made smaller to keep a limit of bytes."""
SHRINK = 0.8


def encode(picture: Image.Image, spec: CoverSpec) -> tuple[bytes, PictureFormat, tuple[int, int]]:
    """The bytes, their format, and the width and height; ValueError where no picture is small enough."""
    image = picture.copy()
    image.thumbnail((spec.side_max, spec.side_max), Image.Resampling.LANCZOS)
    if spec.square:
        image = _squared(image)
    kind = next(kind for kind in PREFERRED if kind in spec.formats)
    while min(image.size) >= MIN_SIDE:
        for options in _settings(kind):
            data = _written(image, kind, options)
            if len(data) <= spec.bytes_max:
                return data, kind, image.size
        width, height = image.size
        image = image.resize((int(width * SHRINK), int(height * SHRINK)), Image.Resampling.LANCZOS)
    raise ValueError(f"no picture of it fits into {spec.bytes_max:,} bytes")


def _settings(kind: PictureFormat) -> list[dict[str, Any]]:
    match kind:
        case PictureFormat.JPEG:
            return [{"quality": quality, "progressive": True} for quality in QUALITIES]
        case PictureFormat.WEBP:
            return [{"quality": quality} for quality in QUALITIES]
        case PictureFormat.PNG:
            return [{}]


def _written(image: Image.Image, kind: PictureFormat, options: dict[str, Any]) -> bytes:
    memory = BytesIO()
    image.save(memory, kind.upper(), **options)
    return memory.getvalue()


def _squared(image: Image.Image) -> Image.Image:
    """The whole picture in the middle of a white square."""
    side = max(image.size)
    if image.size == (side, side):
        return image
    square = Image.new("RGB", (side, side), "white")
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return square
