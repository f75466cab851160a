"""Makes the album that `mua-async demo` sends: `python -m tests.support.make_demo_album`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mua_async.demo import ALBUM
from pipeline.model.audio import Codec

from .audio import soundfile, write_tags

RATE = 44_100
BEAT = 0.25
"""Seconds."""
TITLES = ("First Light", "Harbour Song", "Home by Dusk")
# Steps of a pentatonic scale, one a beat; None is a rest.
MELODIES: tuple[tuple[int | None, ...], ...] = (
    (0, 2, 4, 7, 4, 2, 4, None, 0, 0),
    (4, 4, 2, 0, 2, 4, 7, 9, 7, 4, None, 4),
    (7, 4, 2, 4, 0, None, 2, 0, 0, 0),
)
TAGS = {
    "artist": "The Loopback Ensemble",
    "albumartist": "The Loopback Ensemble",
    "album": "Demo Tape for Two Sites",
    "date": "2024",
    "genre": "Electronic",
    "label": "Localhost Records",
    "catalognumber": "LH-127",
    "releasetype": "ep",
    "media": "Digital Media",
    "comment": "Synthesized for mua-async; dedicated to the public domain (CC0 1.0).",
}
SKY_TOP, SKY_BOTTOM, SUN, SEA = (28, 32, 72), (244, 150, 98), (255, 226, 160), (20, 40, 70)
SIDE = 600


def make_demo_album(folder: Path = ALBUM) -> Path:
    """Writes three short FLAC tracks and a cover into the folder, and gives it back."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, (title, melody) in enumerate(zip(TITLES, MELODIES, strict=True), start=1):
        path = folder / f"{number:02} - {title}.flac"
        soundfile.write(path, with_echo(tune(melody)), RATE, subtype="PCM_16")
        write_tags(
            path,
            Codec.FLAC,
            {**TAGS, "title": title, "tracknumber": str(number), "tracktotal": str(len(TITLES))},
        )
    cover().save(folder / "cover.jpg", quality=85, optimize=True)
    return folder


def tune(melody: Sequence[int | None]) -> NDArray[np.float64]:
    """A plucked melody over a soft bass; shape (frames,), within -1..1."""
    beat = round(BEAT * RATE)
    samples = np.zeros(beat * (len(melody) + 2))
    for index, step in enumerate(melody):
        if step is not None:
            note = pluck(330 * 2 ** (step / 12), 2 * BEAT)
            samples[index * beat : index * beat + len(note)] += 0.5 * note
        if index % 4 == 0:
            bass = pluck(110.0, 3 * BEAT)[: len(samples) - index * beat]
            samples[index * beat : index * beat + len(bass)] += 0.3 * bass
    return samples


def with_echo(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sound in stereo, a softer echo on the right; shape (frames, 2)."""
    delay = round(BEAT / 2 * RATE)
    echo = np.concatenate((np.zeros(delay), samples[:-delay]))
    return np.column_stack((samples, 0.8 * samples + 0.2 * echo))


def pluck(frequency: float, seconds: float) -> NDArray[np.float64]:
    """A decaying tone with a few overtones."""
    time = np.arange(round(seconds * RATE)) / RATE
    overtones = sum(np.sin(2 * math.pi * frequency * n * time) / n**2 for n in (1, 2, 3))
    return np.asarray(
        overtones * np.exp(-5 * time) * np.minimum(1, time * 200) * np.clip(seconds - time, 0, 1)
    )


def cover() -> Image.Image:
    """A sun that goes down behind a sea, as wide as it is high."""
    picture = Image.new("RGB", (SIDE, SIDE))
    draw = ImageDraw.Draw(picture)
    for y in range(SIDE):
        share = y / SIDE
        colour = tuple(
            round(top + (bottom - top) * share) for top, bottom in zip(SKY_TOP, SKY_BOTTOM, strict=True)
        )
        draw.line([(0, y), (SIDE, y)], fill=colour)
    draw.ellipse((190, 230, 410, 450), fill=SUN)
    draw.rectangle((0, 380, SIDE, SIDE), fill=SEA)
    for row in range(8):
        half = 105 - 11 * row
        draw.rounded_rectangle((300 - half, 396 + 24 * row, 300 + half, 402 + 24 * row), 3, fill=SUN)
    return picture


if __name__ == "__main__":
    make_demo_album()
