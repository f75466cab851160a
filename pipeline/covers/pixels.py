"""From any picture to plain pixels: upright, in sRGB, on white, with nothing beside them."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageCms

from .opening import orientation

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
UNREADABLE_PROFILE = (ImageCms.PyCMSError, OSError, ValueError, TypeError)


def plain_pixels(image: Image.Image, side: int) -> Image.Image:
    """The picture in RGB, at most `side` pixels a side. Consumes `image`, which is not decoded yet."""
    turn = TURNS.get(orientation(image))
    profile = image.info.get("icc_profile")
    transparent = image.has_transparency_data
    # Shrinking comes before conversions where the mode allows it: JPEG then decodes a smaller picture.
    if transparent or image.mode not in {"L", "RGB", "CMYK"}:
        image = _eight_bits(image).convert("RGBA" if transparent else "RGB")
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    if turn is not None:
        image = image.transpose(turn)
    image = _in_srgb(image, profile)
    plain = _on_white(image) if transparent else image.convert("RGB")
    plain.info.clear()
    return plain


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 bits is brought down to 8, since Pillow's own conversion would cut it off at white."""
    return image.point(lambda value: value / 257).convert("L") if image.mode.startswith("I") else image


def _in_srgb(image: Image.Image, profile: object) -> Image.Image:
    """The colours that the profile means; as they are where it is damaged or meant for another mode."""
    if not isinstance(profile, bytes) or not profile:
        return image
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, source, target, outputMode=mode)
    except UNREADABLE_PROFILE:
        return image
    return converted or image


def _on_white(image: Image.Image) -> Image.Image:
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
