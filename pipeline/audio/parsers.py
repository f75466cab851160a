"""What mutagen reads of a file: its tags, and its header where mutagen knows all of that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO

from attrs import frozen
from mutagen.aiff import AIFF
from mutagen.apev2 import APENoHeaderError, APEv2
from mutagen.dsdiff import DSDIFF
from mutagen.dsf import DSF
from mutagen.flac import FLAC
from mutagen.id3 import ID3, ID3NoHeaderError
from mutagen.mp4 import MP4
from mutagen.oggflac import OggFLAC
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE

from ..model.audio import Codec, Container
from .containers import sniff
from .mpeg_tags import read_mpeg
from .ogg_pages import ogg_codec


@frozen
class TagsAlone:
    """A file of which only the tags are mutagen's to read."""

    tags: Any


def _with_ape_tags(stream: BinaryIO) -> TagsAlone:
    read: Callable[[BinaryIO], Any] = APEv2
    try:
        return TagsAlone(read(stream))
    except APENoHeaderError:
        return TagsAlone(None)


def _with_either_tags(stream: BinaryIO) -> TagsAlone:
    """ID3, or APEv2 where there is none."""
    read: Callable[[BinaryIO], Any] = ID3
    try:
        return TagsAlone(read(stream))
    except ID3NoHeaderError:
        return _with_ape_tags(stream)


# mutagen leaves its constructors untyped.
PARSERS: dict[Container, Callable[[BinaryIO], Any]] = {
    Container.FLAC: FLAC,
    Container.MPEG: read_mpeg,
    Container.MP4: MP4,
    Container.RIFF: WAVE,
    Container.AIFF: AIFF,
    Container.DSF: DSF,
    Container.DSDIFF: DSDIFF,
    Container.TTA: _with_either_tags,
    Container.WAVPACK: _with_ape_tags,
    Container.APE: _with_ape_tags,
    Container.AC3: _with_ape_tags,
    Container.DTS: _with_ape_tags,
}
OGG_PARSERS: dict[Codec, Callable[[BinaryIO], Any]] = {
    Codec.OGG: OggVorbis,
    Codec.OPUS: OggOpus,
    Codec.FLAC: OggFLAC,
}


def parse(stream: BinaryIO) -> tuple[Container, Any]:
    """The container, and mutagen's `tags` and often `info`; AudioError, or one of mutagen's, where broken."""
    container = sniff(stream)
    parser = OGG_PARSERS[ogg_codec(stream)] if container is Container.OGG else PARSERS[container]
    stream.seek(0)
    return container, parser(stream)
