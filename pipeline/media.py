"""What an album's medium can be, by its audio, by the words in its tags, and by where its rip logs lie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from .model.album import Media, Track
from .model.audio import Stream
from .model.rips import RipLog
from .release_words import media_in

CD_MEDIA = frozenset({Media.CD, Media.SACD})
"""What a CD ripper reads: a hybrid SACD has a layer that is a CD."""
CD_SAMPLE_RATE = 44_100
CD_BIT_DEPTH = 16
CD_CHANNELS = 2


def can_be_of(stream: Stream, media: Media) -> bool:
    """Whether this stream can be of this medium; only a CD is judged.

    A CD holds 44.1 kHz, 16 bits and up to 2 channels. Lossy audio passes, as its encoder may have changed
    all of these; so does DTS. An HDCD that was decoded to 24 bits is refused: the disc holds 16.
    """
    if media is not Media.CD or not stream.lossless:
        return True
    return (
        stream.sample_rate == CD_SAMPLE_RATE
        and (stream.bit_depth or CD_BIT_DEPTH) <= CD_BIT_DEPTH
        and stream.channels <= CD_CHANNELS
    )


def beyond_cd(tracks: Iterable[Track]) -> Track | None:
    """The first track that cannot be of a CD."""
    return next((track for track in tracks if not can_be_of(track.stream, Media.CD)), None)


def shown_stream(stream: Stream) -> str:
    """Such as `24 bit, 96000 Hz, 2 channels`."""
    depth = f"{stream.bit_depth} bit, " if stream.bit_depth else ""
    return f"{depth}{stream.sample_rate} Hz, {stream.channels} channels"


def allowed_by(statement: object) -> frozenset[Media]:
    """The media that a tag's words leave open; none where they name a medium that is none of ours."""
    if isinstance(statement, Media):
        return frozenset({statement})
    return media_in(str(statement))


def every_disc_logged(tracks: Sequence[Track], logs: Iterable[RipLog]) -> bool:
    """Whether there is a log for every disc: beside its tracks, or in a folder without audio."""
    discs = Counter(folder for folder, _ in {(track.file.parts[:-1], track.disc or 1) for track in tracks})
    found = Counter(log.file.parts[:-1] for log in logs)
    apart = sum(count for folder, count in found.items() if folder not in discs)
    return sum(max(0, count - found[folder]) for folder, count in discs.items()) <= apart
