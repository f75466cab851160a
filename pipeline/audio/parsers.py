"""Which of mutagen's parsers reads a file, chosen by what the file is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO

from mutagen.flac import FLAC
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE

from ..model.audio import Codec
from .containers import Container, sniff
from .ogg_pages import ogg_codec

# mutagen leaves its constructors untyped.
PARSERS: dict[Container | Codec, Callable[[BinaryIO], Any]] = {
    Container.FLAC: FLAC,
    Container.MPEG: MP3,
    Container.MP4: MP4,
    Container.RIFF: WAVE,
    Codec.OGG: OggVorbis,
    Codec.OPUS: OggOpus,
}


def parse(stream: BinaryIO) -> tuple[Container, Any]:
    """The container, and the file as mutagen reads it; AudioError, or one of mutagen's, where it cannot."""
    container = sniff(stream)
    parser = PARSERS[ogg_codec(stream) if container is Container.OGG else container]
    stream.seek(0)
    return container, parser(stream)
