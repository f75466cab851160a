"""Whether FLAC audio is whole: bare, or in Ogg."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import BinaryIO

from ..audio.containers import AudioError, flac_frames, read_at, skip_leading_tags
from ..model.finding import Severity
from .flac_decode import judge_samples
from .flac_headers import STREAMINFO, StreamInfo, read_streaminfo
from .flac_walk import Walk, walk_frames
from .flaw import Flaw
from .ogg import walk_pages

STREAMINFO_AT = 8
"""Behind `fLaC` and the header of the block."""
OGG_STREAMINFO_AT = 28 + 9 + STREAMINFO_AT
"""Behind the first page's header and the mapping's."""


def judge_flac(path: Path, stream: BinaryIO, stopped: threading.Event) -> tuple[Flaw, ...]:
    """A bare FLAC file."""
    info = _streaminfo(stream, skip_leading_tags(stream) + STREAMINFO_AT)
    walk = walk_frames(stream, flac_frames(stream), info, stopped)
    if not walk.whole:
        return walk.flaws
    decoded = judge_samples(path, info, walk, stopped)
    if not walk.end_proven and any(flaw.severity is Severity.PROBLEM for flaw in decoded):
        return decoded  # what looked like garbage is the rest of a damaged frame
    return (*walk.flaws, *decoded)


def judge_ogg_flac(path: Path, stream: BinaryIO, stopped: threading.Event) -> tuple[Flaw, ...]:
    """FLAC in Ogg, whose pages carry checksums over all there is."""
    flaws = walk_pages(stream, stopped)
    if flaws:
        return flaws
    info = _streaminfo(stream, OGG_STREAMINFO_AT)
    return judge_samples(path, info, Walk(info.total_samples), stopped)


def _streaminfo(stream: BinaryIO, position: int) -> StreamInfo:
    info = read_streaminfo(read_at(stream, position, STREAMINFO))
    if not info.sample_rate:
        raise AudioError("does not tell its sample rate")
    return info
