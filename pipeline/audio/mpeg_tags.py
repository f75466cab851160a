"""The tags of an MP3, which can have three kinds of them at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from mutagen.apev2 import APENoHeaderError, APEv2
from mutagen.id3 import ID3, ID3NoHeaderError
from mutagen.mp3 import MP3

ID3V1_LENGTH = 128
ID3V1_FIELDS = {"TIT2": slice(3, 33), "TPE1": slice(33, 63), "TALB": slice(63, 93)}
"""Where the texts lie that ID3v1 cuts at 30 bytes."""
PADDING = (b"\0", b"  ")
"""One ends a field that was not cut; one space alone may be where a text was cut between two words."""
NAMES = ("Title", "Artist", "Album")
# mutagen leaves these untyped.
read_mp3: Callable[..., Any] = MP3
read_id3: Callable[[BinaryIO], Any] = ID3
read_ape: Callable[[BinaryIO], Any] = APEv2


def read_mpeg(stream: BinaryIO) -> Any:
    """What mutagen reads, with the first tags that name the music: ID3v2, else APEv2, else ID3v1."""
    parsed = read_mp3(stream, load_v1=False)
    parsed.tags = next(_tags_that_name(stream, parsed.tags), parsed.tags)
    return parsed


def _tags_that_name(stream: BinaryIO, id3v2: Any) -> Iterator[Any]:
    """Encoders leave an ID3v2 tag, and loudness programs an APEv2 tag, that says nothing of the music."""
    if id3v2 is not None and any(name in id3v2 for name in ID3V1_FIELDS):
        yield id3v2
    ape = _ape(stream)
    if ape is not None and any(name in ape for name in NAMES):
        yield ape
    id3v1 = _id3v1(stream)
    if id3v1 is not None:
        yield id3v1


def _ape(stream: BinaryIO) -> Any:
    stream.seek(0)
    try:
        return read_ape(stream)
    except APENoHeaderError:
        return None


def _id3v1(stream: BinaryIO) -> Any:
    """Without the values that fill their fields: they may be cut."""
    stream.seek(max(0, stream.seek(0, os.SEEK_END) - ID3V1_LENGTH))
    fields = stream.read()
    if not fields.startswith(b"TAG"):
        return None
    stream.seek(0)
    try:
        tags = read_id3(stream)
    except ID3NoHeaderError:
        return None
    for name, field in ID3V1_FIELDS.items():
        if not fields[field].endswith(PADDING):
            tags.delall(name)
    return tags
