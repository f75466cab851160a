"""Whether an MP3 is whole: its frames, and what its encoder promised of them."""

from __future__ import annotations

import threading
from typing import BinaryIO

from ..audio.containers import Extent, between_tags, file_size
from ..model.finding import Severity
from .flaw import Flaw, problem, warning
from .mp3_tag import LengthTag
from .mp3_walk import Walk, walk_frames

FRAME_SLACK = 1
"""Encoders differ in whether they count the frame that holds the number."""
JOINED_FRAMES = 38
"""About a second: fewer that were not promised may be miscounted, so many are of another file."""
GAIN_TAG = b"MP3GAIN_"
"""Left by programs that changed the loudness in the frames, and the checksum with it."""
TAG_WINDOW = 65_536


def judge_mp3(stream: BinaryIO, stopped: threading.Event) -> tuple[Flaw, ...]:
    """Bare MPEG audio frames between their tags."""
    frames = between_tags(stream)
    walk = walk_frames(stream, frames, stopped)
    broken = any(flaw.severity is not Severity.WARNING for flaw in walk.flaws)
    if broken or walk.tag is None:
        return tuple(walk.flaws)
    return (*walk.flaws, *_compare(walk, walk.tag, gained=_was_gained(stream, frames)))


def _compare(walk: Walk, tag: LengthTag, *, gained: bool) -> tuple[Flaw, ...]:
    if tag.frames is not None and walk.frames + FRAME_SLACK < tag.frames:
        told = f"{walk.frames} of {tag.frames} frames are there"
        return (problem("truncated", f"is cut short at {walk.at}: {told}"),)
    if tag.frames is not None and walk.frames > tag.frames + JOINED_FRAMES:
        told = f"holds {walk.frames} frames where its header promises {tag.frames}, as joined files do"
        return (problem("wrong_length", told),)
    if tag.length is None:
        return ()
    if walk.length != tag.length:
        told = f"holds {walk.length} bytes of audio, its header promises {tag.length}"
        short = walk.length < tag.length
        return (problem("truncated", f"is cut short: it {told}") if short else warning("wrong_length", told),)
    if walk.checksum == tag.checksum:
        return ()
    if gained:
        return (warning("changed_gain", "was changed in its loudness after it was encoded"),)
    told = "is damaged, or was changed in its loudness by a program that left no trace"
    return (problem("crc_error", f"{told}: the checksum that its encoder left of the audio is wrong"),)


def _was_gained(stream: BinaryIO, frames: Extent) -> bool:
    stream.seek(0)
    head = stream.read(min(frames.start, TAG_WINDOW))
    stream.seek(max(frames.end, file_size(stream) - TAG_WINDOW))
    return GAIN_TAG in head or GAIN_TAG in stream.read()
