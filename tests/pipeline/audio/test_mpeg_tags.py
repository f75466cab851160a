"""Which of the tags of an MP3 are believed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from mutagen import id3
from mutagen.apev2 import APEv2

from pipeline.model.audio import Codec
from pipeline.tags import read_tags
from tests.support.audio import encode

AUDIO = encode(Codec.MP3)
THIRTY = "A title that needs thirty char"
# mutagen leaves its constructors untyped.
NAMES: dict[str, Callable[..., Any]] = {"Title": id3.TIT2, "Artist": id3.TPE1, "Album": id3.TALB}
new_id3: Callable[[], Any] = id3.ID3
new_ape: Callable[[], Any] = APEv2


def add_id3v2(path: Path, **values: str) -> None:
    tags = new_id3()
    for name, value in values.items():
        tags.add(NAMES[name](text=value))
    tags.save(path, v1=0)


def add_ape(path: Path, values: Mapping[str, str]) -> None:
    tags = new_ape()
    tags.update(values)
    tags.save(path)


def id3v1(title: bytes = b"", artist: bytes = b"", album: bytes = b"", padding: bytes = b"\0") -> bytes:
    texts = b"".join(text[:30].ljust(30, padding) for text in (title, artist, album))
    return b"TAG" + texts + b"1999" + bytes(28) + b"\0\7\xff"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.mp3"
    path.write_bytes(AUDIO)
    return path


def test_apev2_is_read_where_there_is_no_id3v2(path: Path) -> None:
    add_ape(path, {"Title": THIRTY + "acters and more", "Artist": "A", "Album": "B", "Track": "3/12"})
    with path.open("ab") as stream:
        stream.write(id3v1(b"Cut", b"Cut", b"Cut"))
    tags = read_tags(path)
    assert tags["title"] == (THIRTY + "acters and more",)
    assert (tags["artist"], tags["album"], tags["tracknumber"]) == (("A",), ("B",), ("3/12",))


def test_id3v2_wins(path: Path) -> None:
    add_id3v2(path, Title="Two", Artist="A")
    add_ape(path, {"Title": "Ape", "Album": "Ape"})
    with path.open("ab") as stream:
        stream.write(id3v1(b"One", b"One", b"One"))
    tags = read_tags(path)
    assert (tags["title"], tags["artist"]) == (("Two",), ("A",))
    assert "album" not in tags


@pytest.mark.parametrize("padding", [b"\0", b" "])
def test_id3v1_is_read_where_there_is_nothing_else(path: Path, padding: bytes) -> None:
    path.write_bytes(AUDIO + id3v1(THIRTY[:28].encode(), b"Artist", b"Album", padding))
    tags = read_tags(path)
    assert (tags["title"], tags["artist"], tags["album"]) == ((THIRTY[:28],), ("Artist",), ("Album",))
    assert (tags["date"], tags["tracknumber"]) == (("1999",), ("7",))


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("value", [THIRTY.encode(), THIRTY[:29].encode() + b" "])
def test_a_value_that_fills_its_field_is_left_out(path: Path, place: int, value: bytes) -> None:
    values = [b"Title", b"Artist", b"Album"]
    values[place] = value
    path.write_bytes(AUDIO + id3v1(*values))
    tags = read_tags(path)
    left = [tags.get(name) for name in ("title", "artist", "album")]
    assert left == [None if at == place else (values[at].decode(),) for at in range(3)]


def test_what_a_loudness_program_leaves_hides_no_tags(path: Path) -> None:
    add_ape(path, {"MP3GAIN_MINMAX": "100,200"})
    with path.open("ab") as stream:
        stream.write(id3v1(b"Title"))
    assert read_tags(path)["title"] == ("Title",)


def test_what_an_encoder_leaves_hides_no_tags(path: Path) -> None:
    tags = new_id3()
    tags.add(id3.TSSE(text="Lavf"))
    tags.save(path)
    assert read_tags(path) == {"encodersettings": ("Lavf",)}
    add_ape(path, {"Title": "Title"})
    assert read_tags(path) == {"title": ("Title",)}


def test_no_tags_are_none(path: Path) -> None:
    assert read_tags(path) == {}
