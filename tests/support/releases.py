"""Releases made in memory, for what only reads the model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.model.album import Album, Certainty, Origin, Track
from pipeline.model.audio import BitrateMode, Codec, Container, Stream
from pipeline.model.files import AlbumFile, FileSet
from pipeline.model.release import Release

FOLDER = Path("/music/First Light")
GUESS = Origin("track count and length", Certainty.GUESSED)
CONTAINERS = {
    Codec.FLAC: Container.FLAC,
    Codec.MP3: Container.MPEG,
    Codec.AAC: Container.MP4,
    Codec.ALAC: Container.MP4,
    Codec.WAV: Container.RIFF,
    Codec.AIFF: Container.AIFF,
    Codec.WAVPACK: Container.WAVPACK,
    Codec.APE: Container.APE,
    Codec.TTA: Container.TTA,
    Codec.DSD: Container.DSF,
    Codec.AC3: Container.AC3,
    Codec.DTS: Container.DTS,
}
"""Where a codec usually lies; in Ogg, if it is not here."""


def make_stream(codec: Codec = Codec.FLAC, **changes: Any) -> Stream:
    """Three minutes of CD quality; 320 kbps where the codec is lossy, kept throughout in MP3."""
    values: dict[str, Any] = {
        "codec": codec,
        "container": CONTAINERS.get(codec, Container.OGG),
        "duration": 180.0,
        "sample_rate": 44_100,
        "channels": 2,
        "bitrate": 900_000 if codec.lossless else 320_000,
        "bit_depth": 16 if codec.lossless else None,
        "bitrate_mode": BitrateMode.CONSTANT if codec is Codec.MP3 else None,
    }
    return Stream(**{**values, **changes})


def make_file(name: str, size: int = 20_000_000) -> AlbumFile:
    """A file at this path below the album folder; an extension of three letters or more is audio."""
    audio = name.endswith((".flac", ".mp3", ".ogg"))
    return AlbumFile(FOLDER / name, tuple(name.split("/")), size, 0, 0, 0, audio)


def make_tracks(*titles: str | None, stream: Stream | None = None, disc: int | None = None) -> list[Track]:
    """Numbered tracks in files named after their numbers."""
    return [
        Track(
            make_file(f"{f'CD{disc}/' if disc else ''}{number:02}.flac"),
            stream or make_stream(),
            f"{disc or 1}-{number}",
            title,
            ("The Testers",),
            number,
            disc,
        )
        for number, title in enumerate(titles, 1)
    ]


def make_release(
    tracks: Sequence[Track] | None = None,
    *,
    extra: Sequence[AlbumFile] = (),
    single: bool = False,
    **changes: Any,
) -> Release:
    """`First Light` by The Testers (2001) with these tracks, other files and changes to the album."""
    tracks = tracks or make_tracks("Dawn", "Noon")
    files = (*(track.file for track in tracks), *extra)
    root = files[0].path if single else FOLDER
    values: dict[str, Any] = {"title": "First Light", "artist": "The Testers", "year": 2001}
    return Release(
        Album(FileSet(root, files, single), tuple(tracks), "a1-" + 32 * "0", **{**values, **changes})
    )
