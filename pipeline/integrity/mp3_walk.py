"""Every frame of an MP3, header by header."""

from __future__ import annotations

import threading
from typing import BinaryIO

from attrs import define, field
from fastcrc import crc16

from ..audio.containers import Extent
from .flaw import Flaw, clock, problem, unjudged, warning
from .mp3_tag import LengthTag, read_length_tag
from .mpeg_headers import HEADER, MAX_FRAME, FrameHeader, read_header
from .window import Window

NEEDED = 2 * MAX_FRAME
"""Bytes: a frame, and the header of the next."""
FOREIGN_RUN = 4
"""So many frames of another kind that follow each other are no chance."""


@define
class Walk:
    """What the frames of a file say together."""

    frames: int = 0
    """Without the one of the length tag."""
    length: int = 0
    """Bytes of all frames."""
    checksum: int = 0
    """CRC-16 over the frames, without the one of the length tag."""
    tag: LengthTag | None = None
    flaws: list[Flaw] = field(factory=list)
    _first: FrameHeader | None = None

    def add(self, data: bytes, index: int, header: FrameHeader) -> None:
        """Counts a whole frame."""
        frame = data[index : index + header.length]
        self.length += header.length
        if self._first is None:
            self._first = header
            self.tag = read_length_tag(frame, header)
            if self.tag is not None:
                return
        self.frames += 1
        if self.tag is not None and self.tag.checksum is not None:
            self.checksum = crc16.arc(frame, self.checksum)

    def header_at(self, data: bytes, index: int) -> FrameHeader | None:
        """The header at that place, if it is of the same kind as the first and tells its length."""
        header = read_header(data, index)
        if header is None or self._first is None:
            return header
        return header if header.length and header.kind == self._first.kind else None

    @property
    def started(self) -> bool:
        return self._first is not None

    @property
    def at(self) -> str:
        """How far the audio has come."""
        if self._first is None:
            return clock(0)
        return clock(self.frames * self._first.samples / self._first.sample_rate)


def walk_frames(stream: BinaryIO, frames: Extent, stopped: threading.Event) -> Walk:
    """Counts the frames from the first to the last; stops where sync is lost or the last is cut."""
    window, walk, index = Window(stream, frames, stopped), Walk(), 0
    while True:
        index = window.hold(index, NEEDED)
        if index >= len(window.data):
            return walk
        header = walk.header_at(window.data, index)
        if header is not None and not header.length:
            walk.flaws.append(unjudged("free_format", "has frames of a free bitrate, which tell no length"))
            return walk
        if header is None:
            next_index = _skip_foreign(window, index, walk)
            if next_index is None:
                return walk
            index = next_index
        elif index + header.length > len(window.data):
            walk.flaws.append(_cut(walk))
            return walk
        else:
            walk.add(window.data, index, header)
            index += header.length


def _skip_foreign(window: Window, index: int, walk: Walk) -> int | None:
    """The index behind what is no frame; None, and a flaw, where the walk ends."""
    if 0 < len(window.data) - index < HEADER and window.data[index] == 0xFF:
        walk.flaws.append(_cut(walk))
        return None
    if length := _tag_length(window.data, index):
        return _pass_over(window, index, length)
    start = window.offset + index
    found = _find_sync(window, index, walk)
    if found is None:
        garbage = window.offset + len(window.data) - start
        walk.flaws.append(warning("trailing_garbage", f"has {garbage} bytes behind its last frame"))
    elif walk.header_at(window.data, found) is None:
        told = f"goes on at {walk.at} with frames of another sample rate, as joined files do"
        walk.flaws.append(problem("wrong_length", told))
    elif walk.started:
        told = f"{window.offset + found - start} bytes are no frame"
        walk.flaws.append(problem("sync_lost", f"is damaged at {walk.at}: {told}"))
    else:
        told = f"has {window.offset + found - start} bytes before its first frame"
        walk.flaws.append(warning("leading_garbage", told))
        return found
    return None


def _cut(walk: Walk) -> Flaw:
    return problem("truncated", f"is cut short at {walk.at}: its last frame is not whole")


def _find_sync(window: Window, index: int, walk: Walk) -> int | None:
    """Where frames follow each other; what is read on the way is let go."""
    while True:
        index = window.hold(index, NEEDED)
        index = window.data.find(b"\xff", index + 1)
        if index < 0 and window.at_end:
            return None
        if index < 0:
            index = len(window.data) - 1
            continue
        index = window.hold(index, FOREIGN_RUN * MAX_FRAME)
        header = walk.header_at(window.data, index)
        if header is not None and walk.header_at(window.data, index + header.length) and header.length:
            return index
        if _is_foreign_run(window.data, index):
            return index


def _is_foreign_run(data: bytes, index: int) -> bool:
    """Whether frames of one kind, whichever that is, follow each other."""
    kinds = set()
    for _ in range(FOREIGN_RUN):
        header = read_header(data, index)
        if header is None or not header.length:
            return False
        kinds.add(header.kind)
        index += header.length
    return len(kinds) == 1


def _tag_length(data: bytes, index: int) -> int:
    """The length of a tag that stands among the frames, where files were joined; 0 where none does."""
    head = data[index : index + 32]
    if head.startswith(b"TAG"):
        return 128
    if head.startswith(b"APETAGEX") and len(head) == 32:
        return 32 + int.from_bytes(head[12:16], "little")
    if head.startswith(b"ID3") and len(head) >= 10:
        size = 0
        for byte in head[6:10]:
            size = size << 7 | byte & 0x7F
        return 10 + size + (10 if head[5] & 0x10 else 0)
    return 0


def _pass_over(window: Window, index: int, length: int) -> int:
    while length:
        index = window.hold(index, min(length, MAX_FRAME))
        step = min(length, len(window.data) - index)
        if not step:
            break
        index, length = index + step, length - step
    return index
