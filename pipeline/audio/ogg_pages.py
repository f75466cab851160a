"""The pages of an Ogg file, as far as they tell where its audio lies and whether it is all there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from attrs import frozen

from ..model.audio import Codec
from .containers import AudioError, Extent, file_size, unsupported

CAPTURE = b"OggS\0"
HEADER = 27
LAST_PAGE = 0x04
MAX_PAGE = HEADER + 255 + 255 * 255
HEADER_PACKETS = {Codec.OGG: 3, Codec.OPUS: 2}
FIRST_PACKETS = {b"\x01vorbis": Codec.OGG, b"OpusHead": Codec.OPUS}


@frozen
class Page:
    """One page: where its body lies in the file, and how many packets end in it."""

    body: Extent
    packets_ended: int
    last: bool


def ogg_codec(stream: BinaryIO) -> Codec:
    """The codec that the first packet names; AudioError for one that is not ours."""
    page = _page_at(stream, 0)
    stream.seek(page.body.start)
    packet = stream.read(8)
    for magic, codec in FIRST_PACKETS.items():
        if packet.startswith(magic):
            return codec
    raise unsupported("FLAC in Ogg" if packet.startswith(b"\x7fFLAC") else "another codec in Ogg")


def audio_pages(stream: BinaryIO, codec: Codec) -> Extent:
    """The pages behind the header packets; AudioError where the last is missing."""
    position, headers = 0, HEADER_PACKETS[codec]
    while headers > 0:
        page = _page_at(stream, position)
        headers -= page.packets_ended
        position = page.body.end
    end = _end_of_last_page(stream)
    if position >= end:
        raise AudioError("holds no audio behind its headers")
    return Extent(position, end)


def page_bodies(stream: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    """The bodies, without headers, of the pages from the first that begins at or after `start`."""
    stream.seek(start)
    found = stream.read(MAX_PAGE).find(CAPTURE)
    position = start + found if found >= 0 else end
    while position < end:
        page = _page_at(stream, position)
        stream.seek(page.body.start)
        yield stream.read(page.body.length)
        position = page.body.end


def _end_of_last_page(stream: BinaryIO) -> int:
    """The last page must be whole and say that it is the last: nothing else tells a cut file."""
    size = file_size(stream)
    start = max(0, size - MAX_PAGE)
    stream.seek(start)
    found = stream.read().rfind(CAPTURE)
    if found < 0:
        raise AudioError("does not end with a page of audio")
    page = _page_at(stream, start + found)
    if page.body.end > size or not page.last:
        raise AudioError("is cut short: its last page is missing")
    return page.body.end


def _page_at(stream: BinaryIO, position: int) -> Page:
    stream.seek(position)
    header = stream.read(HEADER)
    if len(header) < HEADER or not header.startswith(CAPTURE):
        raise AudioError("is cut short, or damaged between its pages")
    lacing = stream.read(header[26])
    if len(lacing) < header[26]:
        raise AudioError("is cut short: its last page is missing")
    body_start = position + HEADER + len(lacing)
    return Page(
        body=Extent(body_start, body_start + sum(lacing)),
        packets_ended=sum(value < 255 for value in lacing),
        last=bool(header[5] & LAST_PAGE),
    )
