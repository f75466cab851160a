"""Audio files to judge, by every encoder at hand, and what is said of them."""

from __future__ import annotations

import io
import subprocess
import threading
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from pipeline.integrity.verify import verify_track
from pipeline.model.album import Album, Track
from pipeline.model.audio import Codec, Container, Stream
from pipeline.model.files import AlbumFile, FileSet
from pipeline.model.finding import Finding

# These two carry no types.
soundfile: Any = import_module("soundfile")
ffmpeg_binaries: Any = import_module("imageio_ffmpeg")


def track_of(path: Path, codec: Codec = Codec.FLAC, **values: Any) -> Track:
    """A track as the scan would make it, whatever is wrong with the audio."""
    size = path.stat().st_size if path.exists() else 0
    file = AlbumFile(path, (path.name,), size, 0, 0, 0, audio=True)
    values.setdefault("stream", Stream(codec, Container.FLAC, 1.0, 44_100, 2, 900_000))
    return Track(file, fingerprint=str(path), **values)


def album_of(*tracks: Track) -> Album:
    files = tuple(track.file for track in tracks)
    return Album(FileSet(files[0].path.parent, files), tracks, "a1-0")


def judged(path: Path, codec: Codec = Codec.FLAC) -> tuple[Finding, ...]:
    return verify_track(track_of(path, codec), threading.Event())


def reasons(findings: Sequence[Finding]) -> list[str]:
    return [finding.reason for finding in findings]


def wav_bytes(samples: NDArray[Any], sample_rate: int, subtype: str) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, sample_rate, format="WAV", subtype=subtype)
    return buffer.getvalue()


def run(command: Sequence[str | Path], wav: bytes) -> None:
    """Runs an encoder that reads a WAV from its standard input."""
    subprocess.run([str(part) for part in command], input=wav, check=True, capture_output=True)


def ffmpeg(wav: bytes, path: Path, *options: str) -> Path:
    run([ffmpeg_binaries.get_ffmpeg_exe(), "-y", "-v", "error", "-i", "-", *options, path], wav)
    return path
