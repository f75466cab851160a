"""Every frame of a True Audio file by its checksum."""

from __future__ import annotations

import threading
import zlib
from typing import BinaryIO

from ..audio.containers import read_at
from ..audio.lossless import tta_frames
from .flaw import Flaw, clock, problem
from .window import check

CHECKSUM = 4
"""Bytes, at the end of each frame."""
FRAME_SECONDS = 256 / 245


def judge_tta(stream: BinaryIO, stopped: threading.Event) -> tuple[Flaw, ...]:
    """The first frame that is not right is told; AudioError where the frames are not all there."""
    for number, frame in enumerate(tta_frames(stream)):
        check(stopped)
        data = read_at(stream, frame.start, frame.length)
        if zlib.crc32(data[:-CHECKSUM]) != int.from_bytes(data[-CHECKSUM:], "little"):
            at = clock(number * FRAME_SECONDS)
            return (problem("crc_error", f"is damaged at {at}: a frame's checksum is wrong"),)
    return ()
