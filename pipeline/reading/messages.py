"""What goes between the program and its reading processes: pickles, each behind its length."""

from __future__ import annotations

import pickle
from pathlib import Path

from attrs import frozen

from ..errors import AlbumError
from .read import FoundAlbum

LENGTH_BYTES = 8


@frozen
class Refusal:
    """An AlbumError, which does not travel by itself."""

    kind: type[AlbumError]
    message: str
    path: Path
    reason: str
    hint: str

    @classmethod
    def of(cls, error: AlbumError) -> Refusal:
        return cls(type(error), error.message, error.path, error.reason, error.hint)

    def error(self) -> AlbumError:
        return self.kind(self.message, path=self.path, reason=self.reason, hint=self.hint)


@frozen
class Answer:
    """`root` names the album that was asked for."""

    root: Path
    result: FoundAlbum | Refusal


def packed(message: object) -> bytes:
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return len(data).to_bytes(LENGTH_BYTES, "big") + data


def length_of(head: bytes) -> int:
    """Of the pickle behind these bytes."""
    return int.from_bytes(head, "big")


def unpacked(data: bytes) -> object:
    """Only ever given what a process of ours wrote to its own pipe."""
    return pickle.loads(data)  # noqa: S301 - see above
