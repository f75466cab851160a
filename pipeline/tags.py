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

from .audio.containers import SUPPORTED, AudioError, unsupported
from .audio.parsers import parse
from .audio.pictures import has_picture
from .audio.streams import audio_stream
from .audio.tag_names import Tags
from .audio.text_tags import text_tags
from .errors import TagError
from .folders import FOREIGN_AUDIO_SUFFIXES
from .model.album import Track
from .model.audio import Container
from .model.files import AlbumFile
from .text import printable

# Besides its own errors mutagen lets these through for damaged files.
DAMAGE = (
    MutagenError,
    struct.error,
    ValueError,
    LookupError,
    ArithmeticError,
    EOFError,
    RecursionError,
    MemoryError,
)
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
        stream, fingerprint = audio_stream(opened.stream, opened.container, opened.parsed)
        tags = text_tags(opened.stream, opened.container, opened.parsed)
        pictured = has_picture(opened.parsed)
    return Track(
        file=file,
        stream=stream,
        fingerprint=fingerprint,
        title=next(iter(tags.get("title", ())), None),
        artists=tags.get("artist", ()),
        number=parse_number(tags.get("tracknumber", ())),
        disc=parse_number(tags.get("discnumber", ())),
        tags=tags,
        has_picture=pictured,
    )


def read_tags(path: Path) -> Tags:
    """Reads only the text tags of an audio file; fails as `read_track` does."""
    with _opened(path) as opened:
        return text_tags(opened.stream, opened.container, opened.parsed)


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
