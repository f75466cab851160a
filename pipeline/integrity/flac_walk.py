"""Every frame of a FLAC stream by its checksums, without decoding."""

from __future__ import annotations

import threading
from typing import BinaryIO

from attrs import frozen
from fastcrc import crc16

from ..audio.containers import Extent
from ..model.finding import Severity
from .flac_headers import MAX_FRAME_HEADER, FrameHeader, StreamInfo, read_frame_header
from .flaw import Flaw, clock, problem, warning
from .window import Window

# The checksum over a frame and its own checksum is zero: that, and a header that follows, tells its end.


@frozen
class Walk:
    """What the checksums tell: the samples of each channel, 0 if unknown, and what is wrong."""

    samples: int
    flaws: tuple[Flaw, ...] = ()
    end_proven: bool = True
    """False where garbage hides the end of the last frame: only decoding tells whether that is whole."""

    @property
    def whole(self) -> bool:
        return all(flaw.severity is not Severity.PROBLEM for flaw in self.flaws)


@frozen
class _Frame:
    """A frame whose header is right, at `index` of the window."""

    header: FrameHeader
    index: int
    limit: int
    """The index that no end of it passes."""
    reaches_end: bool
    """Whether the limit is the end of the stream."""


def walk_frames(stream: BinaryIO, frames: Extent, info: StreamInfo, stopped: threading.Event) -> Walk:
    """Whether all frames are there and whole; what comes first is told, since the rest follows from it."""
    window = Window(stream, frames, stopped)
    index = samples = 0
    while True:
        index = window.hold(index, MAX_FRAME_HEADER)
        if index >= len(window.data):
            return Walk(samples, _count(samples, info))
        header = read_frame_header(window.data, index)
        if header is None:
            clause = f"is damaged at {_at(samples, info)}: no frame begins there"
            return Walk(samples, (problem("sync_lost", clause),))
        limit = info.frame_limit(header.samples) + MAX_FRAME_HEADER
        index = window.hold(index, limit)
        frame = _frame(window, index, header, limit)
        length = _length(window.data, frame)
        samples += header.samples
        if length is None:
            return _broken(window.data, frame, samples, info)
        index += length


def _frame(window: Window, index: int, header: FrameHeader, length_limit: int) -> _Frame:
    limit = min(len(window.data), index + length_limit)
    return _Frame(header, index, limit, window.at_end and limit == len(window.data))


def _length(data: bytes, frame: _Frame) -> int | None:
    """The bytes of the frame; None where no checksum makes an end of it."""
    sync = data[frame.index : frame.index + 2]
    crc, summed = 0, frame.index
    place = data.find(sync, frame.index + frame.header.length, frame.limit)
    while place >= 0:
        crc, summed = crc16.umts(data[summed:place], crc), place
        if crc == 0:
            following = read_frame_header(data, place)
            if following is not None and frame.header.leads_to(following):
                return place - frame.index
        place = data.find(sync, place + 1, frame.limit)
    if frame.reaches_end and crc16.umts(data[summed : frame.limit], crc) == 0:
        return frame.limit - frame.index
    return None


def _broken(data: bytes, frame: _Frame, samples: int, info: StreamInfo) -> Walk:
    """What it means that a frame has no end; `samples` counts the frame."""
    at = _at(samples - frame.header.samples, info)
    if frame.reaches_end and not _has_later_frame(data, frame):
        if samples < info.total_samples:
            clause = f"is cut short at {at} of {_at(info.total_samples, info)}"
            return Walk(samples, (problem("truncated", clause),))
        if garbage := _behind(data, frame):
            clause = f"has {garbage} bytes behind its last frame"
            told = (*_count(samples, info), warning("trailing_garbage", clause))
            return Walk(samples, told, end_proven=False)
    return Walk(samples, (problem("crc_error", f"is damaged at {at}: a frame's checksum is wrong"),))


def _has_later_frame(data: bytes, frame: _Frame) -> bool:
    sync = data[frame.index : frame.index + 2]
    place = data.find(sync, frame.index + frame.header.length, frame.limit)
    while place >= 0:
        later = read_frame_header(data, place)
        if later is not None and frame.header.number < later.number:
            return True
        place = data.find(sync, place + 1, frame.limit)
    return False


def _behind(data: bytes, frame: _Frame) -> int:
    """The bytes behind the last frame, whose end only its checksum tells; decoding proves it."""
    start = frame.index + frame.header.length
    crc = crc16.umts(data[frame.index : start])
    for place in range(start, frame.limit):
        crc = crc16.umts(data[place : place + 1], crc)
        if crc == 0:
            return frame.limit - place - 1
    return 0


def _count(samples: int, info: StreamInfo) -> tuple[Flaw, ...]:
    if not info.total_samples or samples == info.total_samples:
        return ()
    told = f"holds {samples} samples, its header promises {info.total_samples}"
    if samples < info.total_samples:
        return (problem("truncated", f"is cut short: it {told}"),)
    return (problem("wrong_length", told),)


def _at(samples: int, info: StreamInfo) -> str:
    return clock(samples / info.sample_rate) if info.sample_rate else f"sample {samples}"
