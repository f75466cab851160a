"""Makes of one picture what each site wants of it, decoding it once for all that is made anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PIL import Image, ImageFile

from ..model.cover import CoverSpec, PictureFormat
from ..model.release import Cover
from .encoding import encode
from .metadata import is_bare
from .opening import open_bytes
from .pixels import plain_pixels

PNG_BIT_DEPTH = 24
"""Where the header keeps the bits of a sample."""


def render(data: bytes, source: str, specs: Iterable[CoverSpec]) -> Mapping[CoverSpec, Cover | ValueError]:
    """The picture for each; a ValueError in the place of one that it cannot be made for.

    The bytes stay as they are where they fit and hold pixels alone. Raises one of UNREADABLE where the
    picture is damaged anywhere, or moves.
    """
    image = open_bytes(data)
    if getattr(image, "is_animated", False):
        raise ValueError("it is animated")
    wanted = tuple(specs)
    changed = [spec for spec in wanted if not _fits(image, data, spec)]
    made: dict[CoverSpec, Cover | ValueError] = {}
    if len(changed) < len(wanted):
        image.load()
        kind = PictureFormat(str(image.format).lower())
        as_it_is = Cover(data, kind.mime, image.width, image.height, source)
        made |= {spec: as_it_is for spec in wanted if spec not in changed}
    if changed:
        pixels = plain_pixels(image, max(spec.side_max for spec in changed))
        made |= {spec: _made(pixels, source, spec) for spec in changed}
    return made


def _made(pixels: Image.Image, source: str, spec: CoverSpec) -> Cover | ValueError:
    try:
        data, kind, (width, height) = encode(pixels, spec)
    except ValueError as error:
        return error
    return Cover(data, kind.mime, width, height, source)


def _fits(image: ImageFile.ImageFile, data: bytes, spec: CoverSpec) -> bool:
    return (
        str(image.format).lower() in spec.formats
        and image.mode in {"RGB", "L"}
        and max(image.size) <= spec.side_max
        and len(data) <= spec.bytes_max
        and (image.width == image.height or not spec.square)
        and not image.has_transparency_data
        and (image.format != "PNG" or data[PNG_BIT_DEPTH] == 8)
        and is_bare(image, data)
    )
