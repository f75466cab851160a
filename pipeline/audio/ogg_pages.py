"""The pages of an Ogg file, as far as they tell where its audio lies and whether it is all there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from attrs import frozen

from ..model.audio import Codec
from .containers import AudioError, Extent, file_size, unsupported

CAPTURE = b"OggS\0"
HEADER = 27
CONTINUED, LAST_PAGE = 0x01, 0x04
MAX_PAGE = HEADER + 255 + 255 * 255
HEADER_PACKETS = {Codec.OGG: 3, Codec.OPUS: 2}
FIRST_PACKETS = {b"\x01vorbis": Codec.OGG, b"OpusHead": Codec.OPUS, b"\x7fFLAC": Codec.FLAC}
FLAC_FRAME = b"\xff"
"""Begins a frame of FLAC, and none of its header packets."""


@frozen
class Page:
    """One page: where its body lies in the file, and how many packets end in it."""

    body: Extent
    packets_ended: int
    continued: bool
    """Its body begins inside a packet."""
    last: bool


def ogg_codec(stream: BinaryIO) -> Codec:
    """The codec that the first packet names; AudioError for one that is not ours."""
    packet = first_packet(stream)
    for magic, codec in FIRST_PACKETS.items():
        if packet.startswith(magic):
            return codec
    raise unsupported("another codec in Ogg")


def first_packet(stream: BinaryIO) -> bytes:
    """The first page's body, in which the codec says what it is."""
    page = _page_at(stream, 0)
    stream.seek(page.body.start)
    return stream.read(page.body.length)


def audio_pages(stream: BinaryIO, codec: Codec) -> Extent:
    """The pages behind the header packets; AudioError where the last is missing."""
    position = _first_flac_page(stream) if codec is Codec.FLAC else _behind(stream, HEADER_PACKETS[codec])
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


def _behind(stream: BinaryIO, packets: int) -> int:
    """Where the page begins that follows so many packets."""
    position = 0
    while packets > 0:
        page = _page_at(stream, position)
        packets -= page.packets_ended
        position = page.body.end
    return position


def _first_flac_page(stream: BinaryIO) -> int:
    """Where the first frame begins: FLAC need not say how many header packets come before it."""
    position = 0
    while True:
        page = _page_at(stream, position)
        stream.seek(page.body.start)
        if not page.continued and stream.read(1) == FLAC_FRAME:
            return position
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
        packets_ended=len(lacing) - lacing.count(255),
        continued=bool(header[5] & CONTINUED),
        last=bool(header[5] & LAST_PAGE),
    )
