"""Real audio for tests: tones made by numpy, encoded by libsndfile or ffmpeg, tagged by mutagen."""

from __future__ import annotations

import base64
import io
import subprocess
import tempfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from mutagen import id3
from mutagen.aiff import AIFF
from mutagen.apev2 import BINARY, APENoHeaderError, APEv2, APEValue
from mutagen.dsf import DSF
from mutagen.flac import FLAC, Picture
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4, MP4Cover, MP4FreeForm
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.trueaudio import TrueAudio
from mutagen.wave import WAVE
from numpy.typing import NDArray

from pipeline.model.album import Track
from pipeline.model.audio import Codec, Stream
from pipeline.model.files import FileSet
from pipeline.scan import scan
from pipeline.tags import read_track
from tests.support.raw_audio import ape_file, dsf_file

Tags = Mapping[str, str | Sequence[str]]

# These two carry no types.
soundfile: Any = import_module("soundfile")
ffmpeg_binaries: Any = import_module("imageio_ffmpeg")

EXTENSIONS = {
    Codec.FLAC: ".flac",
    Codec.MP3: ".mp3",
    Codec.AAC: ".m4a",
    Codec.ALAC: ".m4a",
    Codec.OGG: ".ogg",
    Codec.OPUS: ".opus",
    Codec.WAV: ".wav",
    Codec.AIFF: ".aiff",
    Codec.WAVPACK: ".wv",
    Codec.APE: ".ape",
    Codec.TTA: ".tta",
    Codec.DSD: ".dsf",
    Codec.AC3: ".ac3",
    Codec.DTS: ".dts",
}
SNDFILE_FORMATS = {
    Codec.FLAC: ("FLAC", "PCM_{bits}"),
    Codec.WAV: ("WAV", "PCM_{bits}"),
    Codec.AIFF: ("AIFF", "PCM_{bits}"),
    Codec.MP3: ("MP3", "MPEG_LAYER_III"),
    Codec.OGG: ("OGG", "VORBIS"),
    Codec.OPUS: ("OGG", "OPUS"),
}
FFMPEG_OPTIONS = {
    Codec.AAC: ("-c:a", "aac", "-b:a", "128k"),
    Codec.AC3: ("-c:a", "ac3", "-b:a", "192k"),
    Codec.DTS: ("-c:a", "dca", "-strict", "-2"),
    Codec.WAVPACK: ("-c:a", "wavpack", "-sample_fmt", "{planar}", "-bits_per_raw_sample", "{bits}"),
    Codec.TTA: ("-c:a", "tta", "-sample_fmt", "{packed}"),
    Codec.ALAC: ("-c:a", "alac", "-sample_fmt", "{planar}", "-bits_per_raw_sample", "{bits}"),
}
ID3_FRAMES = {
    "title": "TIT2",
    "artist": "TPE1",
    "albumartist": "TPE2",
    "album": "TALB",
    "tracknumber": "TRCK",
    "discnumber": "TPOS",
    "date": "TDRC",
    "originaldate": "TDOR",
    "genre": "TCON",
    "label": "TPUB",
    "media": "TMED",
    "compilation": "TCMP",
}
MP4_ATOMS = {
    "title": "\xa9nam",
    "artist": "\xa9ART",
    "albumartist": "aART",
    "album": "\xa9alb",
    "date": "\xa9day",
    "genre": "\xa9gen",
}
# mutagen leaves its constructors untyped.
ID3_TYPES: dict[Codec, Callable[[Path], Any]] = {
    Codec.MP3: MP3,
    Codec.WAV: WAVE,
    Codec.AIFF: AIFF,
    Codec.DSD: DSF,
    Codec.TTA: TrueAudio,
}
APE_TAGGED = frozenset({Codec.WAVPACK, Codec.APE, Codec.AC3, Codec.DTS})
APE_ITEMS = {
    "title": "Title",
    "artist": "Artist",
    "albumartist": "Album Artist",
    "album": "Album",
    "tracknumber": "Track",
    "discnumber": "Disc",
    "date": "Year",
    "genre": "Genre",
    "releasetype": "MUSICBRAINZ_ALBUMTYPE",
}
MP4_PAIRS = {"tracknumber": "trkn", "discnumber": "disk"}
MUSICBRAINZ_NAMES = {"releasetype": "MusicBrainz Album Type"}


def tone(
    seed: int = 0, seconds: float = 1.0, sample_rate: int = 44_100, channels: int = 2
) -> NDArray[np.float64]:
    """A chord and some noise, different for each seed; shape (frames, channels), within -1..1."""
    random = np.random.default_rng(seed)
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    chord = sum(np.sin(2 * np.pi * frequency * time) for frequency in random.uniform(110, 1760, size=3))
    noise = random.uniform(-1, 1, size=(len(time), channels))
    return np.asarray(0.2 * chord[:, np.newaxis] + 0.02 * noise)


@cache
def encode(
    codec: Codec,
    *,
    seed: int = 0,
    seconds: float = 1.0,
    sample_rate: int = 44_100,
    bit_depth: int = 16,
    channels: int = 2,
) -> bytes:
    """An untagged audio file; Opus is always 48 kHz, DSD 2.8224 MHz, and lossy codecs have no bit depth."""
    if codec is Codec.DSD:
        return dsf_file(seed, seconds, channels)
    if codec is Codec.APE:
        return ape_file(seed, seconds, sample_rate, channels, bit_depth)
    if codec is Codec.OPUS:
        sample_rate = 48_000
    samples = tone(seed, seconds, sample_rate, channels)
    if codec in FFMPEG_OPTIONS:
        packed = "s16" if bit_depth == 16 else "s32"
        names = {"packed": packed, "planar": f"{packed}p", "bits": bit_depth}
        options = (option.format_map(names) for option in FFMPEG_OPTIONS[codec])
        untagged = ("-fflags", "+bitexact", "-flags:a", "+bitexact")
        return ffmpeg(samples, sample_rate, EXTENSIONS[codec], *options, *untagged)
    container, subtype = SNDFILE_FORMATS[codec]
    memory = io.BytesIO()
    soundfile.write(memory, samples, sample_rate, format=container, subtype=subtype.format(bits=bit_depth))
    return memory.getvalue()


def ffmpeg(samples: NDArray[np.float64], sample_rate: int, suffix: str, *options: str) -> bytes:
    """The samples as ffmpeg encodes them with these output options into a file named `*suffix`."""
    source = ("-f", "f64le", "-ar", str(sample_rate), "-ac", str(samples.shape[1]), "-i", "pipe:0")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, f"audio{suffix}")
        command = [ffmpeg_binaries.get_ffmpeg_exe(), "-v", "error", *source, *options, str(target)]
        subprocess.run(command, input=samples.astype("<f8").tobytes(), check=True)
        return target.read_bytes()


def make_track(
    path: Path,
    codec: Codec = Codec.FLAC,
    *,
    tags: Tags | None = None,
    picture: bytes | None = None,
    seed: int = 0,
    seconds: float = 1.0,
    sample_rate: int = 44_100,
    bit_depth: int = 16,
    channels: int = 2,
) -> Path:
    """Writes a tagged audio file and the folders above it; `tags` go by their Vorbis names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        encode(
            codec,
            seed=seed,
            seconds=seconds,
            sample_rate=sample_rate,
            bit_depth=bit_depth,
            channels=channels,
        )
    )
    if tags or picture:
        write_tags(path, codec, tags or {}, picture)
    return path


def read_audio(path: Path) -> Track:
    """One audio file as the tags stage reads it."""
    (found,) = scan([path])
    assert isinstance(found, FileSet)
    return read_track(found.files[0])


def read_stream(path: Path) -> Stream:
    """What the audio of one file is."""
    return read_audio(path).stream


def make_album(
    folder: Path,
    *,
    codec: Codec = Codec.FLAC,
    tracks: int = 3,
    discs: int = 1,
    artist: str = "The Testers",
    title: str = "First Light",
    date: str = "2001",
    tags: Tags | None = None,
    picture: bytes | None = None,
    cover: bytes | None = None,
    seed: int | None = None,
    seconds: float = 1.0,
    sample_rate: int = 44_100,
    bit_depth: int = 16,
) -> Path:
    """Writes an album of `tracks` a disc and gives its folder; more than one disc lie in `CD1`, `CD2`...

    `tags` are added to every track, `cover` is written to `cover.jpg`. Without a `seed`, albums of
    different artists or titles differ in their audio.
    """
    first = seed if seed is not None else zlib.crc32(f"{artist}\n{title}".encode())
    for disc in range(1, discs + 1):
        disc_folder = folder / f"CD{disc}" if discs > 1 else folder
        for number in range(1, tracks + 1):
            name = f"Track {number}"
            own = {
                "artist": artist,
                "albumartist": artist,
                "album": title,
                "date": date,
                "title": name,
                "tracknumber": f"{number}/{tracks}",
                "discnumber": f"{disc}/{discs}",
            }
            make_track(
                disc_folder / f"{number:02} - {name}{EXTENSIONS[codec]}",
                codec,
                tags={**own, **(tags or {})},
                picture=picture,
                seed=first + 100 * disc + number,
                seconds=seconds,
                sample_rate=sample_rate,
                bit_depth=bit_depth,
            )
    if cover is not None:
        (folder / "cover.jpg").write_bytes(cover)
    return folder


def write_tags(path: Path, codec: Codec, tags: Tags, picture: bytes | None = None) -> None:
    """Adds tags (by their Vorbis names) and a front cover (JPEG) to a file of this codec."""
    texts = {name: [value] if isinstance(value, str) else list(value) for name, value in tags.items()}
    if codec in ID3_TYPES:
        _write_id3(path, codec, texts, picture)
    elif codec in APE_TAGGED:
        _write_ape(path, texts, picture)
    elif codec in {Codec.AAC, Codec.ALAC}:
        _write_mp4(path, texts, picture)
    else:
        _write_vorbis(path, codec, texts, picture)


def _write_vorbis(path: Path, codec: Codec, texts: Mapping[str, list[str]], picture: bytes | None) -> None:
    types: dict[Codec, Callable[[Path], Any]] = {
        Codec.FLAC: FLAC,
        Codec.OGG: OggVorbis,
        Codec.OPUS: OggOpus,
    }
    audio = types[codec](path)
    audio.update(texts)
    if picture is not None:
        new_picture: Callable[[], Any] = Picture
        block = new_picture()
        block.type, block.mime, block.data = id3.PictureType.COVER_FRONT, "image/jpeg", picture
        if codec is Codec.FLAC:
            audio.add_picture(block)
        else:
            audio["metadata_block_picture"] = base64.b64encode(block.write()).decode()
    audio.save()


def _write_id3(path: Path, codec: Codec, texts: Mapping[str, list[str]], picture: bytes | None) -> None:
    frames: Any = id3
    audio = ID3_TYPES[codec](path)
    if audio.tags is None:
        audio.add_tags()
    for name, values in texts.items():
        if name in ID3_FRAMES:
            audio.tags.add(getattr(frames, ID3_FRAMES[name])(encoding=3, text=values))
        else:
            description = MUSICBRAINZ_NAMES.get(name, name.upper())
            audio.tags.add(frames.TXXX(encoding=3, desc=description, text=values))
    if picture is not None:
        cover = frames.PictureType.COVER_FRONT
        audio.tags.add(frames.APIC(encoding=3, mime="image/jpeg", type=cover, desc="", data=picture))
    audio.save()


def _write_mp4(path: Path, texts: Mapping[str, list[str]], picture: bytes | None) -> None:
    types: dict[str, Callable[..., Any]] = {"file": MP4, "text": MP4FreeForm, "cover": MP4Cover}
    audio = types["file"](path)
    for name, values in texts.items():
        if name in MP4_PAIRS:
            number, _, total = values[0].partition("/")
            audio[MP4_PAIRS[name]] = [(int(number), int(total or 0))]
        elif name == "compilation":
            audio["cpil"] = values[0] == "1"
        elif name in MP4_ATOMS:
            audio[MP4_ATOMS[name]] = values
        else:
            key = f"----:com.apple.iTunes:{MUSICBRAINZ_NAMES.get(name, name.upper())}"
            audio[key] = [types["text"](value.encode()) for value in values]
    if picture is not None:
        audio["covr"] = [types["cover"](picture, MP4Cover.FORMAT_JPEG)]
    audio.save()


def _write_ape(path: Path, texts: Mapping[str, list[str]], picture: bytes | None) -> None:
    ape: Any = APEv2
    try:
        tags = ape(path)
    except APENoHeaderError:
        tags = ape()
    for name, values in texts.items():
        tags[APE_ITEMS.get(name, name)] = values
    if picture is not None:
        tags["Cover Art (Front)"] = APEValue(b"cover.jpg\0" + picture, BINARY)
    tags.save(path)
