"""All that is known of an album: its tags, its rip logs, and what the user says where these are silent."""

from __future__ import annotations

from collections.abc import Mapping

from anyio import CapacityLimiter, to_thread
from attrs import field, frozen

from .album import read_album, with_rip_logs
from .gaps import fill_all
from .model.album import Album
from .model.files import FileSet
from .rips import read_rip_logs
from .sidecar import read_sidecar, sidecar_path


@frozen
class UserWords:
    """What the user says of albums; the keys of values are fields of `Album`."""

    settings: Mapping[str, object] = field(factory=dict)
    """Of every album."""
    answers: Mapping[str, Mapping[str, object]] = field(factory=dict)
    """By content id."""
    answers_source: str = "--answers"
    """Names their file in messages."""


async def read_known_album(files: FileSet, words: UserWords, limiter: CapacityLimiter) -> Album:
    """Reads an album and fills its gaps: `--set` goes before the answers, these before the sidecar.

    TagError where the files cannot be read, or say something else.
    """
    album = await read_album(files, limiter)
    return await to_thread.run_sync(_completed, album, words, limiter=limiter)


def _completed(album: Album, words: UserWords) -> Album:
    album = with_rip_logs(album, read_rip_logs(album.files))
    sources = (
        ("--set", words.settings),
        (words.answers_source, words.answers.get(album.content_id, {})),
        (sidecar_path(album.files).name, read_sidecar(album.files)),
    )
    return fill_all(album, sources)
