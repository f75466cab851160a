"""The pictures in a file's tags, in whatever way its tags hold them."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from typing import Any

from attrs import frozen
from mutagen.apev2 import BINARY, APEv2
from mutagen.flac import FLAC, Picture
from mutagen.id3 import ID3, PictureType
from mutagen.mp4 import MP4Tags

from .tag_names import VORBIS_PICTURES

APE_PICTURE = "cover art ("
APE_ROLES = {"cover art (front)": PictureType.COVER_FRONT, "cover art (other)": PictureType.OTHER}
# mutagen leaves its constructors untyped.
read_block: Callable[[bytes], Any] = Picture


@frozen
class TagPicture:
    """A picture as its tag holds it, and the ID3 number of what it shows."""

    data: bytes
    role: int


def has_picture(parsed: Any) -> bool:
    """Tells whether the tags hold a picture, without decoding it."""
    tags = parsed.tags
    if isinstance(parsed, FLAC):
        return bool(parsed.pictures)
    if isinstance(tags, ID3):
        return bool(tags.getall("APIC"))
    if isinstance(tags, MP4Tags):
        return bool(tags.get("covr"))
    if isinstance(tags, APEv2):
        return any(_is_ape_picture(*item) for item in tags.items())
    return tags is not None and any(name in tags for name in VORBIS_PICTURES)


def pictures_in(parsed: Any) -> list[TagPicture]:
    """The pictures in the order of the tags; ValueError, or one of mutagen's, where one is damaged."""
    tags = parsed.tags
    if isinstance(parsed, FLAC):
        return [TagPicture(picture.data, picture.type) for picture in parsed.pictures]
    if isinstance(tags, ID3):
        return [TagPicture(frame.data, frame.type) for frame in tags.getall("APIC")]
    if isinstance(tags, MP4Tags):
        return [TagPicture(bytes(cover), PictureType.COVER_FRONT) for cover in tags.get("covr", [])]
    if isinstance(tags, APEv2):
        return [_ape_picture(*item) for item in tags.items() if _is_ape_picture(*item)]
    return _vorbis_pictures(tags) if tags is not None else []


def _vorbis_pictures(tags: Any) -> list[TagPicture]:
    if "metadata_block_picture" not in tags:  # the older way
        return [TagPicture(b64decode(bare), PictureType.COVER_FRONT) for bare in tags.get("coverart", [])]
    blocks = [read_block(b64decode(block)) for block in tags["metadata_block_picture"]]
    return [TagPicture(block.data, block.type) for block in blocks]


def _is_ape_picture(name: str, value: Any) -> bool:
    return bool(value.kind == BINARY) and name.lower().startswith(APE_PICTURE)


def _ape_picture(name: str, value: Any) -> TagPicture:
    """The item holds a file name, a zero byte and the picture."""
    _, _, data = bytes(value.value).partition(b"\0")
    return TagPicture(data, APE_ROLES.get(name.lower(), PictureType.COVER_BACK))
