"""Which container a file is, and where in it the audio lies: told from its bytes, never from its name."""

from __future__ import annotations

import os
from typing import BinaryIO

from attrs import frozen

from ..model.audio import Container


class AudioError(Exception):
    """What is wrong with one file's audio, as a clause without the file's name."""

    def __init__(self, problem: str, reason: str = "broken_audio") -> None:
        super().__init__(problem)
        self.problem = problem
        self.reason = reason


@frozen
class Extent:
    """Bytes `start` to `end` of a file."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


MAGICS = {
    b"fLaC": Container.FLAC,
    b"OggS": Container.OGG,
    b"wvpk": Container.WAVPACK,
    b"MAC ": Container.APE,
    b"TTA1": Container.TTA,
    b"DSD ": Container.DSF,
    b"\x0b\x77": Container.AC3,
    b"\x7f\xfe\x80\x01": Container.DTS,
    b"\xfe\x7f\x01\x80": Container.DTS,
    b"\x1f\xff\xe8\x00": Container.DTS,
    b"\xff\x1f\x00\xe8": Container.DTS,
}
FORMS = {
    (b"RIFF", b"WAVE"): Container.RIFF,
    (b"FORM", b"AIFF"): Container.AIFF,
    (b"FORM", b"AIFC"): Container.AIFF,
}
"""Containers that tell their kind behind their length."""
FOREIGN = {
    b"RF64": "RF64",
    b"riff": "Wave64",
    b"ADIF": "bare AAC",
    b"MPCK": "Musepack",
    b"MP+": "Musepack",
    b"tBaK": "TAK",
    b"\x30\x26\xb2\x75": "Windows Media",
    b"\x64\x58\x20\x25": "DTS-HD",
}
SUPPORTED = "FLAC, MP3, AAC, ALAC, Ogg Vorbis, Opus, WAV, AIFF, WavPack, APE, TTA, DSD, AC3 and DTS"


def sniff(stream: BinaryIO) -> Container:
    """Tells the container from the first bytes after any ID3 tag; AudioError for one that is not ours."""
    stream.seek(skip_leading_tags(stream))
    head = stream.read(16)
    if container := FORMS.get((head[:4], head[8:12])):
        return container
    if head[:4] == b"FRM8" and head[12:] == b"DSD ":
        return Container.DSDIFF
    if head[4:8] == b"ftyp":
        return Container.MP4
    for magic, container in MAGICS.items():
        if head.startswith(magic):
            return container
    for magic, name in FOREIGN.items():
        if head.startswith(magic):
            raise unsupported(name)
    if head[:1] == b"\xff" and head[1] & 0xF6 == 0xF0:
        raise unsupported("bare AAC")
    if head[:1] == b"\xff" and head[1] & 0xE0 == 0xE0:
        return Container.MPEG
    raise AudioError("has no audio header that we know")


def unsupported(what: str) -> AudioError:
    """The error for audio that is whole, but of a kind that cannot be uploaded yet."""
    return AudioError(f"is {what}, which is not supported", "unsupported_format")


def file_size(stream: BinaryIO) -> int:
    """In bytes; moves the position."""
    return stream.seek(0, os.SEEK_END)


def read_at(stream: BinaryIO, position: int, length: int) -> bytes:
    """So many bytes of a file, which must be there; moves the position."""
    stream.seek(position)
    data = stream.read(length)
    if len(data) < length:
        raise AudioError("is cut short")
    return data


def flac_frames(stream: BinaryIO) -> Extent:
    """The frames of a FLAC file, between its metadata blocks and any tag at the end."""
    position = skip_leading_tags(stream) + len(b"fLaC")
    last = False
    while not last:
        header = read_at(stream, position, 4)
        last = bool(header[0] & 0x80)
        position += 4 + int.from_bytes(header[1:], "big")
    return _extent(position, trailing_tags_start(stream))


def between_tags(stream: BinaryIO) -> Extent:
    """What lies between the tags at both ends: all of a stream that has no container of its own."""
    return _extent(skip_leading_tags(stream), trailing_tags_start(stream))


def mp4_media(stream: BinaryIO) -> list[Extent]:
    """The media data of an MP4, in file order."""
    media: list[Extent] = []
    position, size = 0, file_size(stream)
    while position < size:
        header = read_at(stream, position, 8)
        length, name, skip = int.from_bytes(header[:4], "big"), header[4:], 8
        if length == 1:
            length, skip = int.from_bytes(read_at(stream, position + 8, 8), "big"), 16
        elif length == 0:
            length = size - position
        if length < skip:
            raise AudioError("has an atom of an impossible length")
        if position + length > size:
            raise AudioError(f"is cut short: {position + length - size} bytes are missing")
        if name == b"mdat":
            media.append(Extent(position + skip, position + length))
        position += length
    if not media:
        raise AudioError("holds no media data")
    return media


def skip_leading_tags(stream: BinaryIO) -> int:
    """Where the first byte lies that belongs to no ID3v2 or APEv2 tag and to no padding behind one."""
    position = 0
    while True:
        stream.seek(position)
        head = stream.read(16)
        if head.startswith(b"ID3") and len(head) >= 10:
            footer = 10 if head[5] & 0x10 else 0
            position += 10 + _synchsafe(head[6:10]) + footer
        elif head.startswith(b"APETAGEX") and len(head) == 16:
            position += 32 + int.from_bytes(head[12:16], "little")
        else:
            break
    return _skip_zeros(stream, position) if position else 0


def trailing_tags_start(stream: BinaryIO) -> int:
    """Where the ID3v1, APEv2 and Lyrics3 tags at the end of a file begin; the file's end if it has none."""
    end = file_size(stream)
    while (start := _last_tag_start(stream, end)) is not None:
        end = start
    return end


def _last_tag_start(stream: BinaryIO, end: int) -> int | None:
    tail_start = max(0, end - 5120)
    stream.seek(tail_start)
    tail = stream.read(end - tail_start)
    if tail[-128:-125] == b"TAG":
        return end - 128
    if tail[-32:-24] == b"APETAGEX":
        header = 32 if tail[-9] & 0x80 else 0
        return _tag_of(end, int.from_bytes(tail[-20:-16], "little") + header)
    if tail.endswith(b"LYRICS200") and tail[-15:-9].isdigit():
        return _tag_of(end, int(tail[-15:-9]) + 15)
    if tail.endswith(b"LYRICSEND") and (found := tail.rfind(b"LYRICSBEGIN")) >= 0:
        return tail_start + found
    return None


def _tag_of(end: int, length: int) -> int | None:
    """The start of a tag of that length; None where it cannot be one."""
    return end - length if 0 < length <= end else None


def _skip_zeros(stream: BinaryIO, position: int) -> int:
    stream.seek(position)
    while block := stream.read(4096):
        rest = block.lstrip(b"\0")
        if rest:
            return position + len(block) - len(rest)
        position += len(block)
    return position


def _synchsafe(data: bytes) -> int:
    value = 0
    for byte in data:
        value = value << 7 | byte & 0x7F
    return value


def _extent(start: int, end: int) -> Extent:
    if start >= end:
        raise AudioError("holds no audio")
    return Extent(start, end)
