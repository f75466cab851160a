"""What the audio of one file is."""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen


class Codec(StrEnum):
    """What the audio stream is, told from the stream; the keys of `format_ids`."""

    FLAC = "FLAC"
    MP3 = "MP3"
    AAC = "AAC"
    ALAC = "ALAC"
    OGG = "OGG"
    """Vorbis in Ogg."""
    OPUS = "OPUS"
    WAV = "WAV"

    @property
    def lossless(self) -> bool:
        return self in {Codec.FLAC, Codec.ALAC, Codec.WAV}


@frozen
class Stream:
    """The audio of one file, as its own headers tell."""

    codec: Codec
    duration: float
    """Seconds."""
    sample_rate: int
    """Hertz."""
    channels: int
    bitrate: int
    """Bits a second, averaged over the file."""
    bit_depth: int | None = None
    """Bits a sample; None where the codec has none (lossy)."""
    constant_bitrate: bool = False
    """Every second has that bitrate, as the encoder's own header proves (MP3 alone has one)."""
