"""MP3: how its encoder spent the bits, by its own header or, where it left none, by every frame."""

from __future__ import annotations

import re
import struct
from typing import Any, BinaryIO

from attrs import frozen
from mutagen.mp3 import BitrateMode as MutagenMode

from ..model.audio import BitrateMode, Codec, Container, Stream
from .containers import AudioError, Extent, between_tags, unsupported
from .fingerprint import extents_fingerprint
from .mpeg_frames import KILOBITS, MAX_FRAME, FrameWalk, walk_frames

MODES = {
    MutagenMode.CBR: BitrateMode.CONSTANT,
    MutagenMode.ABR: BitrateMode.AVERAGE,
    MutagenMode.VBR: BitrateMode.VARIABLE,
}
QUALITY = re.compile(r"-V (\d)\b")
NAMED_PRESETS = {
    "--preset standard": "V2",
    "--preset fast standard": "V2",
    "--preset extreme": "V0",
    "--preset fast extreme": "V0",
    "--preset medium": "V4",
    "--preset fast medium": "V4",
}
"""What LAME before 3.98 wrote of them; later versions write the quality."""
HEADER_SLACK = 2048
"""Bytes: encoders differ in whether they count the header's own frame and the tags."""
MOST = 320_000
"""Bits a second: no frame has more."""
CONSTANT_SLACK = 0.01
"""How far the average may be from a bitrate that frames can have."""
VBRI_AT = 36


@frozen
class _EncoderHeader:
    """What a Xing, Info or VBRI header in the first frame says beside what mutagen reads."""

    promised: int = 0
    """Bytes of audio, 0 if unknown."""
    frames: int = 0
    """0 if unknown."""
    encoder: str | None = None

    @property
    def most(self) -> int:
        """Bytes that the audio can have by this header."""
        return (self.promised or self.frames * MAX_FRAME) + HEADER_SLACK


def read_mp3(stream: BinaryIO, parsed: Any) -> tuple[Stream, str]:
    """MPEG audio layer 3."""
    info = parsed.info
    if info.layer != 3:
        raise unsupported(f"MPEG audio layer {info.layer}")
    if info.sketchy:
        raise AudioError("holds no run of whole MPEG frames")
    frames = between_tags(stream)
    header = _encoder_header(stream, frames)
    audio = _by_header(stream, frames, header, info) if header else None
    audio = audio or _by_frames(walk_frames(stream, frames), info)
    return audio, extents_fingerprint(stream, Codec.MP3, [frames])


def _by_header(stream: BinaryIO, frames: Extent, header: _EncoderHeader, info: Any) -> Stream | None:
    """None where the header does not speak of all the frames, as in files that were joined."""
    if frames.length + HEADER_SLACK < header.promised:
        raise AudioError(f"is cut short: {header.promised - frames.length} bytes of its audio are missing")
    length = frames.length
    if length > header.most:
        length = walk_frames(stream, frames).length
    if length > header.most or not header.frames:
        return None
    mode, bitrate = MODES.get(info.bitrate_mode), _average(length, _coded_seconds(header, info))
    if mode is BitrateMode.CONSTANT:
        nearest = min(KILOBITS, key=lambda kilobits: abs(kilobits * 1000 - info.bitrate)) * 1000
        constant = abs(nearest - info.bitrate) <= CONSTANT_SLACK * nearest
        mode, bitrate = (mode, nearest) if constant else (None, bitrate)
    if bitrate > MOST:
        return None
    return Stream(
        codec=Codec.MP3,
        container=Container.MPEG,
        duration=info.length,
        sample_rate=info.sample_rate,
        channels=info.channels,
        bitrate=bitrate,
        bitrate_mode=mode,
        preset=_preset(info.encoder_settings) if mode is BitrateMode.VARIABLE else None,
        encoder=header.encoder,
    )


def _by_frames(walk: FrameWalk, info: Any) -> Stream:
    """No header speaks of all the frames, so that only they tell the length and the mode."""
    mode, bitrate = None, _average(walk.length, walk.duration)
    if len(walk.bitrates) > 1:
        mode = BitrateMode.VARIABLE
    elif walk.unbroken and walk.bitrates:
        mode, bitrate = BitrateMode.CONSTANT, next(iter(walk.bitrates))
    return Stream(
        codec=Codec.MP3,
        container=Container.MPEG,
        duration=walk.duration,
        sample_rate=info.sample_rate,
        channels=info.channels,
        bitrate=bitrate,
        bitrate_mode=mode,
    )


def _coded_seconds(header: _EncoderHeader, info: Any) -> float:
    """How long all frames last, with the header's own and with what players leave out at both ends."""
    return (header.frames + 1) * (1152 if info.version == 1 else 576) / float(info.sample_rate)


def _average(length: int, duration: float) -> int:
    return round(length * 8 / duration) if duration > 0 else 0


def _encoder_header(stream: BinaryIO, frames: Extent) -> _EncoderHeader | None:
    stream.seek(frames.start)
    head = stream.read(256)
    if head[VBRI_AT : VBRI_AT + 4] == b"VBRI":
        return _EncoderHeader(*struct.unpack_from(">II", head, VBRI_AT + 10))
    at = max(head.find(b"Xing"), head.find(b"Info"))
    if at < 0:
        return None
    flags, position, promised, count = int.from_bytes(head[at + 4 : at + 8], "big"), at + 8, 0, 0
    if flags & 1:
        count = int.from_bytes(head[position : position + 4], "big")
        position += 4
    if flags & 2:
        promised = int.from_bytes(head[position : position + 4], "big")
        position += 4
    position += (100 if flags & 4 else 0) + (4 if flags & 8 else 0)  # places to seek to, the quality
    return _EncoderHeader(promised, count, _encoder_name(head[position : position + 9]))


def _encoder_name(field: bytes) -> str | None:
    """`LAME3.100` as `LAME 3.100`; None where no text stands in the field."""
    text = field.split(b"\0")[0].strip()
    if not re.match(rb"[A-Z][A-Za-z0-9.]{2}[ -~]*$", text):
        return None
    return re.sub(r"^LAME(?=\d)", "LAME ", text.decode("ascii"))


def _preset(settings: str) -> str | None:
    quality = QUALITY.search(settings)
    return f"V{quality[1]}" if quality else NAMED_PRESETS.get(settings)
