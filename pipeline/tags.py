"""The second stage: reads what each audio file is, and what its tags say."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from attrs import frozen
from mutagen import MutagenError

from .audio.containers import SUPPORTED, AudioError, Container, riff_chunks, unsupported
from .audio.parsers import parse
from .audio.streams import audio_stream
from .audio.tag_names import VORBIS_PICTURES, Tags, collect, id3_pairs, info_pairs, mp4_pairs, vorbis_pairs
from .errors import TagError
from .folders import FOREIGN_AUDIO_SUFFIXES
from .model.album import Track
from .model.files import AlbumFile
from .text import printable

# Besides its own errors mutagen lets these through for damaged files.
DAMAGE = (MutagenError, struct.error, ValueError, LookupError, ArithmeticError, EOFError, RecursionError)
HINTS = {
    "empty_file": "fetch or rip the file again",
    "broken_audio": "fetch or rip the file again; the album is not sent with a damaged track",
    "unsupported_format": f"convert it to one of {SUPPORTED}, or take it out of the album",
    "unreadable": "make it readable for this user",
}


@frozen
class _Opened:
    """An audio file with its container and tags parsed."""

    stream: BinaryIO
    container: Container
    parsed: Any


def read_track(file: AlbumFile) -> Track:
    """Reads an audio file; TagError names the file where it is empty, broken, foreign or unreadable."""
    with _opened(file.path) as opened:
        stream, fingerprint = audio_stream(opened.stream, opened.container, opened.parsed.info)
        tags = _tags(opened)
        has_picture = _has_picture(opened)
    return Track(
        file=file,
        stream=stream,
        fingerprint=fingerprint,
        title=next(iter(tags.get("title", ())), None),
        artists=tags.get("artist", ()),
        number=parse_number(tags.get("tracknumber", ())),
        disc=parse_number(tags.get("discnumber", ())),
        tags=tags,
        has_picture=has_picture,
    )


def read_tags(path: Path) -> Tags:
    """Reads only the text tags of an audio file; fails as `read_track` does."""
    with _opened(path) as opened:
        return _tags(opened)


def parse_number(values: Sequence[str]) -> int | None:
    """The 3 of `3`, `03` or `3/12`; None for anything else, such as a vinyl's `A1`."""
    match = re.match(r"([0-9]{1,4})(?![0-9])", values[0]) if values else None
    return int(match[1]) if match else None


@contextmanager
def _opened(path: Path) -> Iterator[_Opened]:
    try:
        with path.open("rb") as stream:
            if path.suffix.lower() in FOREIGN_AUDIO_SUFFIXES:
                raise unsupported(f"a {path.suffix} file")
            if not stream.read(1):
                raise AudioError("is empty", "empty_file")
            yield _Opened(stream, *parse(stream))
    except AudioError as error:
        raise _tag_error(path, error.problem, error.reason) from error
    except OSError as error:
        raise _tag_error(path, f"cannot be read: {error.strerror or error}", "unreadable") from error
    except DAMAGE as error:
        raise _tag_error(path, f"is damaged: {str(error) or type(error).__name__}", "broken_audio") from error


def _tag_error(path: Path, problem: str, reason: str) -> TagError:
    return TagError(f"{printable(str(path))} {problem}", path=path, reason=reason, hint=HINTS[reason])


def _tags(opened: _Opened) -> Tags:
    tags = opened.parsed.tags
    match opened.container:
        case Container.FLAC | Container.OGG:
            pairs = vorbis_pairs(tags or ())
        case Container.MP4:
            pairs = mp4_pairs((tags or {}).items())
        case Container.MPEG:
            pairs = id3_pairs(tags.values() if tags else ())
        case Container.RIFF:
            pairs = id3_pairs(tags.values()) if tags else info_pairs(_riff_info(opened.stream))
    return collect(pairs)


def _riff_info(stream: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """The fields of a WAV's `LIST` chunk of the kind `INFO`."""
    for name, chunk in riff_chunks(stream):
        if name != b"LIST":
            continue
        stream.seek(chunk.start)
        fields = stream.read(chunk.length)
        position = 4 if fields.startswith(b"INFO") else len(fields)
        while position + 8 <= len(fields):
            length = int.from_bytes(fields[position + 4 : position + 8], "little")
            value = fields[position + 8 : position + 8 + length]
            yield fields[position : position + 4].decode("latin-1"), value
            position += 8 + length + length % 2


def _has_picture(opened: _Opened) -> bool:
    tags = opened.parsed.tags
    match opened.container:
        case Container.FLAC:
            return bool(opened.parsed.pictures)
        case Container.OGG:
            return any(name in tags for name in VORBIS_PICTURES)
        case Container.MP4:
            return bool(tags and tags.get("covr"))
        case Container.MPEG | Container.RIFF:
            return bool(tags and tags.getall("APIC"))
