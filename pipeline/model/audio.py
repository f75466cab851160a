"""What the audio of one file is: how it is coded, and in what container."""

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
    """Vorbis."""
    OPUS = "OPUS"
    WAV = "WAV"
    """PCM; sites list it by its container."""
    AIFF = "AIFF"
    """PCM, likewise."""
    WAVPACK = "WAVPACK"
    APE = "APE"
    TTA = "TTA"
    DSD = "DSD"
    AC3 = "AC3"
    DTS = "DTS"

    @property
    def lossless(self) -> bool:
        """Whether the format keeps every sample; a hybrid WavPack stream alone does not."""
        return self in LOSSLESS


LOSSLESS = frozenset(
    {
        Codec.FLAC,
        Codec.ALAC,
        Codec.WAV,
        Codec.AIFF,
        Codec.WAVPACK,
        Codec.APE,
        Codec.TTA,
        Codec.DSD,
    }
)


class Container(StrEnum):
    """What the stream lies in, told from the file's bytes; bare streams are their own container."""

    FLAC = "FLAC"
    OGG = "Ogg"
    MP4 = "MP4"
    RIFF = "WAV"
    AIFF = "AIFF"
    MPEG = "MPEG"
    """Bare MPEG audio frames, which is what an .mp3 is."""
    WAVPACK = "WavPack"
    APE = "APE"
    TTA = "TTA"
    DSF = "DSF"
    DSDIFF = "DSDIFF"
    AC3 = "AC3"
    DTS = "DTS"


class BitrateMode(StrEnum):
    """How a lossy encoder spent its bits, where its own header proves it."""

    CONSTANT = "CBR"
    AVERAGE = "ABR"
    VARIABLE = "VBR"


@frozen
class Stream:
    """The audio of one file, as its own headers tell."""

    codec: Codec
    container: Container
    duration: float
    """Seconds."""
    sample_rate: int
    """Hertz; of DSD, its one-bit samples."""
    channels: int
    bitrate: int
    """Bits a second, averaged over the file."""
    bit_depth: int | None = None
    """Bits a sample; None where the codec has none (lossy)."""
    bitrate_mode: BitrateMode | None = None
    """None where no header proves one."""
    preset: str | None = None
    """The encoder's quality setting, as its header tells: `V0`, `V2` of LAME, `q8` of Vorbis."""
    encoder: str | None = None
    """As it names itself, such as `LAME 3.100`."""
    hybrid: bool = False
    """A lossy WavPack stream, whole only together with its correction file."""

    @property
    def lossless(self) -> bool:
        return self.codec.lossless and not self.hybrid
