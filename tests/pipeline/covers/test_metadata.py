"""Which pictures hold pixels and nothing else."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from pipeline.covers.metadata import is_bare

EXIF = b"\xff\xe1\x00\x0eExif\0\0SECRET"
"""A segment of JPEG."""


def made(kind: str = "JPEG", **options: Any) -> bytes:
    gradient = Image.linear_gradient("L").convert("RGB")
    file = BytesIO()
    gradient.save(file, kind, **options)
    return file.getvalue()


def bare(data: bytes) -> bool:
    return is_bare(Image.open(BytesIO(data)), data)


PROGRESSIVE = made(progressive=True)
SECOND_SCAN = PROGRESSIVE.index(b"\xff\xda", PROGRESSIVE.index(b"\xff\xda") + 2)


@pytest.mark.parametrize(
    "data",
    [
        made(),
        PROGRESSIVE,
        made(quality=100, subsampling=0),
        made("PNG"),
        made("WEBP"),
        made("WEBP", lossless=True),
    ],
    ids=["baseline", "progressive", "fine", "png", "webp", "lossless webp"],
)
def test_what_an_encoder_writes_is_bare(data: bytes) -> None:
    assert bare(data)


@pytest.mark.parametrize(
    "data",
    [
        made()[:2] + EXIF + made()[2:],
        PROGRESSIVE[:SECOND_SCAN] + EXIF + PROGRESSIVE[SECOND_SCAN:],
        made() + made()[:2] + EXIF + made()[2:],
        made() + b"text\xff\xd9",
        made()[:2] + b"\xff\xe0\x00\x10JFXX\0 a place " + made()[2:],
        made(comment=b"a place"),
    ],
    ids=["before", "between scans", "a second picture", "text behind", "another APP0", "comment"],
)
def test_what_stands_beside_the_pixels_is_seen(data: bytes) -> None:
    assert not bare(data)


def test_a_second_chunk_of_webp_is_seen() -> None:
    data = made("WEBP") + b"EXIF\x06\0\0\0SECRET"
    data = data[:4] + (len(data) - 8).to_bytes(4, "little") + data[8:]
    assert not bare(data)
