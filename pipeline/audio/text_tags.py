"""The text tags of a file, whatever kind of tags it has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from mutagen.apev2 import APEv2
from mutagen.id3 import ID3
from mutagen.mp4 import MP4Tags

from ..model.audio import Container
from .chunks import MAX_HEADER, chunks
from .tag_names import (
    AIFF_NAMES,
    Tags,
    aiff_pairs,
    ape_pairs,
    collect,
    id3_pairs,
    info_pairs,
    mp4_pairs,
    vorbis_pairs,
)


def text_tags(stream: BinaryIO, container: Container, parsed: Any) -> Tags:
    """The text of the tags that mutagen parsed, else of what the container itself has for text."""
    tags = parsed.tags
    if isinstance(tags, ID3):
        return collect(id3_pairs(tags.values()))
    if isinstance(tags, APEv2):
        return collect(ape_pairs(tags.items()))
    if isinstance(tags, MP4Tags):
        return collect(mp4_pairs(tags.items()))
    if tags is not None:
        return collect(vorbis_pairs(tags))
    if container is Container.RIFF:
        return collect(info_pairs(_riff_info(stream)))
    if container is Container.AIFF:
        return collect(aiff_pairs(_aiff_texts(stream)))
    return {}


def _aiff_texts(stream: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    for name, chunk in chunks(stream, Container.AIFF):
        if name in AIFF_NAMES:
            stream.seek(chunk.start)
            yield name, stream.read(min(chunk.length, MAX_HEADER))


def _riff_info(stream: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """The fields of a WAV's `LIST` chunk of the kind `INFO`."""
    for name, chunk in chunks(stream, Container.RIFF):
        if name != b"LIST":
            continue
        stream.seek(chunk.start)
        fields = stream.read(min(chunk.length, MAX_HEADER))
        position = 4 if fields.startswith(b"INFO") else len(fields)
        while position + 8 <= len(fields):
            length = int.from_bytes(fields[position + 4 : position + 8], "little")
            value = fields[position + 8 : position + 8 + length]
            yield fields[position : position + 4].decode("latin-1"), value
            position += 8 + length + length % 2
