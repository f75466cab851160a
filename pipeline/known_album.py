"""All that is known of an album: what its files say, and what the user says where these are silent."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from .gaps import fill_all
from .model.album import Album
from .reading.read import FoundAlbum
from .sidecar import sidecar_path


@frozen
class UserWords:
    """What the user says of albums; the keys of values are fields of `Album`."""

    settings: Mapping[str, object] = field(factory=dict)
    """Of every album."""
    answers: Mapping[str, Mapping[str, object]] = field(factory=dict)
    """By content id."""
    answers_source: str = "--answers"
    """Names their file in messages."""


def known_album(found: FoundAlbum, words: UserWords) -> Album:
    """The album with its gaps filled: `--set` goes before the answers, these before the sidecar.

    TagError where the files say something else.
    """
    album = found.album
    sources = (
        ("--set", words.settings),
        (words.answers_source, words.answers.get(album.content_id, {})),
        (sidecar_path(album.files).name, found.sidecar),
    )
    return fill_all(album, sources)
