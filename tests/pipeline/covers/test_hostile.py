"""What broken, hostile and meaningless pictures cannot do; each is named, and the next one is taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.support.audio import make_track
from tests.support.pictures import (
    BLUE,
    GREEN,
    RED,
    album_at,
    album_with,
    cover_of,
    covers_of,
    encoded,
    noise,
    opened,
    picture,
    png,
    refusal_of,
    text_bomb,
)


def animated(kind: str) -> bytes:
    others = [Image.new("RGB", (60, 60), colour) for colour in (BLUE, GREEN)]
    return picture(RED, kind=kind, save_all=True, append_images=others)


HOSTILE = {
    "html": (b"<!DOCTYPE html><title>404</title>", "a page of a web site"),
    "empty": (b"", "no JPEG"),
    "truncated": (encoded(noise((200, 200)), "JPEG")[:2000], "truncated"),
    "damaged png pixels": (picture(kind="PNG")[:50] + picture(kind="PNG")[51:], ""),
    "truncated png": (encoded(noise((200, 200)), "PNG")[:2000], "truncated"),
    "truncated webp": (encoded(noise((200, 200)), "WEBP")[:2000], ""),
    "only a signature": (b"\xff\xd8\xff", ""),
    "pixel bomb": (png(50_000, 50_000, b""), "50000 x 50000 pixels are too many"),
    "smaller pixel bomb": (png(10_000, 10_000, b""), "10000 x 10000 pixels are too many"),
    "text bomb": (png(8, 8, b"", before=text_bomb()), ""),
    "broken checksum": (picture(kind="PNG").replace(b"IDAT", b"IDAX"), ""),
    "riff that is no picture": (b"RIFF\x10\0\0\0WAVEfmt " + bytes(16), ""),
    "other format": (encoded(noise((20, 20)), "BMP"), "no JPEG"),
    "one pixel": (picture(size=(1, 1), kind="GIF"), "1 x 1 pixels are too few"),
    "a sliver": (picture(size=(5000, 2)), "5000 x 2 pixels are too few"),
    "animated gif": (animated("GIF"), "it is animated"),
    "animated webp": (animated("WEBP"), "it is animated"),
    "animated png": (animated("PNG"), "it is animated"),
}
EACH = pytest.mark.parametrize(("data", "words"), HOSTILE.values(), ids=HOSTILE)


@EACH
def test_a_broken_picture_is_named(tmp_path: Path, data: bytes, words: str) -> None:
    error = refusal_of(album_with(tmp_path, {"cover.jpg": data}))
    assert error.reason == "broken_cover"
    assert error.path == tmp_path / "cover.jpg"
    assert error.message.startswith("cover.jpg: ")
    assert words in error.message
    assert "replace" in error.hint


@EACH
def test_the_next_candidate_is_tried(tmp_path: Path, data: bytes, words: str) -> None:
    covers = covers_of(album_with(tmp_path, {"cover.jpg": data, "folder.jpg": picture()}))
    assert covers.largest is not None
    assert covers.largest.source == "folder.jpg"
    (refused,) = covers.refused
    assert refused.message.startswith("cover.jpg: ")


def test_the_best_candidate_is_named_where_all_are_broken(tmp_path: Path) -> None:
    make_track(tmp_path / "02.flac", picture=b"no picture")
    error = refusal_of(album_with(tmp_path, {"folder.jpg": b"x", "cover.jpg": b"y"}))
    assert error.path == tmp_path / "cover.jpg"


def test_a_broken_embedded_picture_gives_way_to_the_next_track(tmp_path: Path) -> None:
    make_track(tmp_path / "02.flac", picture=b"no picture")
    make_track(tmp_path / "03.flac", picture=picture())
    assert cover_of(album_with(tmp_path, {})).source == "embedded in 03.flac"


def test_a_broken_embedded_picture_is_named(tmp_path: Path) -> None:
    make_track(tmp_path / "02.flac", picture=b"no picture")
    error = refusal_of(album_with(tmp_path, {}))
    assert (error.reason, error.path) == ("broken_cover", tmp_path / "02.flac")
    assert "embedded in 02.flac" in error.message


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    album = album_with(tmp_path, {"cover.jpg": picture()})
    with (tmp_path / "cover.jpg").open("ab") as file:
        file.truncate(64 * 1024 * 1024 + 1)
    assert "64 MiB" in refusal_of(album).message


def test_a_file_that_vanished_is_named(tmp_path: Path) -> None:
    album = album_with(tmp_path, {"cover.jpg": picture()})
    (tmp_path / "cover.jpg").unlink()
    assert refusal_of(album).reason == "broken_cover"


def test_a_track_that_vanished_is_named(tmp_path: Path) -> None:
    path = make_track(tmp_path / "01.flac", picture=picture())
    album = album_at(tmp_path)
    path.unlink()
    assert refusal_of(album).path == path


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_damage_never_passes_for_a_picture_nor_ends_in_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    kind = data.draw(st.sampled_from(["JPEG", "PNG", "GIF", "WEBP"]))
    damaged = bytearray(encoded(STRIPES, kind))
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    pictures = {"cover.jpg": bytes(damaged), "folder.jpg": picture(BLUE)}
    opened(cover_of(album_with(tmp_path_factory.mktemp("album"), pictures)))


STRIPES = Image.linear_gradient("L").resize((16, 12)).convert("RGB")
