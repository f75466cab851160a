"""The pictures that may be an album's cover, each with what is known of it before it is decoded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from io import SEEK_END, BytesIO
from pathlib import Path
from typing import IO

from attrs import evolve, frozen
from mutagen.id3 import PictureType

from ..audio.parsers import parse
from ..audio.pictures import TagPicture, pictures_in
from ..errors import CoverError
from ..model.album import Album, Track
from ..model.files import AlbumFile
from ..text import printable
from .names import Place, Role, name_rank, place_of, role_of
from .opening import UNREADABLE, open_picture

MAX_INPUT_BYTES = 64 * 1024 * 1024
TAG_ROLES: Mapping[int, Role] = {PictureType.COVER_FRONT: Role.FRONT, PictureType.OTHER: Role.PERHAPS}


@frozen
class Candidate:
    """A picture as found: `source` is its public name, `path` the file that holds it."""

    source: str
    path: Path
    role: Role
    place: Place
    rank: int
    """Among those of one place: that of its name, or its turn in the tags."""
    read: Callable[[], bytes]
    width: int = 0
    height: int = 0
    fault: CoverError | None = None
    """Why it cannot be used, if its header says so already."""

    @property
    def pixels(self) -> int:
        return self.width * self.height


def candidate_groups(album: Album) -> Iterator[Callable[[], list[Candidate]]]:
    """What finds the candidates, each with its header read: one more group where those before were no good.

    The files and the pictures of the first track that has any are compared; those of the other tracks are
    most often the same. The functions block.
    """
    tagged = [track for track in album.tracks if track.has_picture]
    yield partial(_files_and_tags, album, tagged[:1])
    for track in tagged[1:]:
        yield partial(_in_tags, track)


def unusable(source: str, path: Path, error: Exception) -> CoverError:
    return CoverError(
        f"{source}: the picture cannot be used: {printable(str(error)) or type(error).__name__}",
        path=path,
        reason="broken_cover",
        hint="replace it with a whole JPEG or PNG",
    )


def _files_and_tags(album: Album, tracks: list[Track]) -> list[Candidate]:
    found = [candidate for file in album.files.files if (candidate := _of_file(album, file))]
    return found + [candidate for track in tracks for candidate in _in_tags(track)]


def _of_file(album: Album, file: AlbumFile) -> Candidate | None:
    place, rank = place_of(album, file), name_rank(album, file.parts[-1])
    if place is None or rank is None:
        return None
    source = printable("/".join(file.parts))
    read = partial(_read_file, file.path)
    found = Candidate(source, file.path, role_of(rank), place, rank, read)
    return _measured(found, lambda: file.path.open("rb"))


def _in_tags(track: Track) -> list[Candidate]:
    path = track.file.path
    source = f"embedded in {printable('/'.join(track.file.parts))}"
    try:
        with path.open("rb") as stream:
            pictures = pictures_in(parse(stream)[1])
        if not pictures:
            raise ValueError("the file no longer holds it")
    except UNREADABLE as error:
        fault = unusable(source, path, error)
        return [Candidate(source, path, Role.FRONT, Place.EMBEDDED, 0, bytes, fault=fault)]
    return [_in_tag(picture, turn, source, path) for turn, picture in enumerate(pictures)]


def _in_tag(picture: TagPicture, turn: int, source: str, path: Path) -> Candidate:
    role = TAG_ROLES.get(picture.role, Role.OTHER)
    found = Candidate(source, path, role, Place.EMBEDDED, turn, partial(bytes, picture.data))
    return _measured(found, partial(BytesIO, picture.data))


def _measured(candidate: Candidate, opened: Callable[[], IO[bytes]]) -> Candidate:
    """The candidate with what its header says, or with its fault."""
    try:
        with opened() as stream:
            size = stream.seek(0, SEEK_END)
            if size > MAX_INPUT_BYTES:
                raise ValueError(f"it is larger than {MAX_INPUT_BYTES >> 20} MiB")
            stream.seek(0)
            width, height = open_picture(stream).size
    except UNREADABLE as error:
        return evolve(candidate, fault=unusable(candidate.source, candidate.path, error))
    return evolve(candidate, width=width, height=height)


def _read_file(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(MAX_INPUT_BYTES)
