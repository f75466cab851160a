"""What a site wants of a cover."""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen


class PictureFormat(StrEnum):
    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"

    @property
    def mime(self) -> str:
        return f"image/{self}"


@frozen
class CoverSpec:
    """What a picture must be like to be sent; equal ones share one picture of an album."""

    side_max: int = 1200
    """Pixels of the longer side; a smaller picture stays as small as it is."""
    bytes_max: int = 1024 * 1024
    formats: frozenset[PictureFormat] = frozenset({PictureFormat.JPEG, PictureFormat.PNG})
    """A picture in any of them stays as it is where it fits; made anew it is a JPEG, a WebP or a PNG."""
    square: bool = False
    """Set on white where it is not."""
