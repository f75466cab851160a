"""Names a file's audio, so that re-tagging, another cover or a new name does not make it new."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import BinaryIO

from ..model.audio import Codec
from .containers import Extent
from .ogg_pages import page_bodies

WINDOW = 65_536
"""Bytes that are read at the start, the middle and the end of the audio."""


def flac_fingerprint(md5: int, total_samples: int) -> str:
    """Names FLAC by the digest of the decoded audio that its encoder left in STREAMINFO."""
    return f"FLAC md5 {md5:032x} {total_samples}"


def extents_fingerprint(stream: BinaryIO, codec: Codec, extents: Sequence[Extent]) -> str:
    """Names the audio that lies in these parts of the file, taken as one stream."""
    length = sum(extent.length for extent in extents)
    digest = hashlib.sha256()
    for start, end in _windows(length):
        for part in _slice(extents, start, end):
            stream.seek(part.start)
            digest.update(stream.read(part.length))
    return _line(codec, length, digest.hexdigest())


def ogg_fingerprint(stream: BinaryIO, codec: Codec, pages: Extent) -> str:
    """Names the audio of an Ogg file without its page headers: a tagger renumbers the pages."""
    digest = hashlib.sha256()
    for start, end in _windows(pages.length):
        wanted = end - start
        for body in page_bodies(stream, pages.start + start, pages.end):
            digest.update(body[:wanted])
            wanted -= len(body)
            if wanted <= 0:
                break
    return _line(codec, pages.length, digest.hexdigest())


def _line(codec: Codec, length: int, digest: str) -> str:
    return f"{codec} sha256 {digest} {length}"


def _windows(length: int) -> list[tuple[int, int]]:
    """What is read of a stream of that length: three windows, or all of a short one."""
    if length <= 3 * WINDOW:
        return [(0, length)]
    middle = (length - WINDOW) // 2
    return [(0, WINDOW), (middle, middle + WINDOW), (length - WINDOW, length)]


def _slice(extents: Iterable[Extent], start: int, end: int) -> Iterable[Extent]:
    """The parts of the file that hold bytes `start` to `end` of the stream."""
    before = 0
    for extent in extents:
        first, last = max(start - before, 0), min(end - before, extent.length)
        if first < last:
            yield Extent(extent.start + first, extent.start + last)
        before += extent.length
