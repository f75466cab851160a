"""Rules about what the audio is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..model.album import Album
from ..model.audio import Codec
from ..model.rules import SiteRules
from .lines import listed, shortened, shown

LAME_PRESET = re.compile(r"V[0-9](?:\.[0-9]+)?")


def format_problems(album: Album, rules: SiteRules) -> list[str]:
    """What the site does not take of the codec, the bit depth, the sample rate and the bit rate."""
    return [
        *_codec_problems(album, rules),
        *shortened(_deep_tracks(album, rules)),
        *shortened(_fast_tracks(album, rules)),
        *_bitrate_problems(album, rules),
    ]


def _codec_problems(album: Album, rules: SiteRules) -> Iterator[str]:
    if rules.formats is not None and album.codec not in rules.formats:
        yield f"the site takes no {album.codec}: give it the album in one of {listed(rules.formats)}"


def _deep_tracks(album: Album, rules: SiteRules) -> Iterator[str]:
    most = rules.bit_depth_max
    for track in album.tracks:
        depth = track.stream.bit_depth
        if most is not None and depth is not None and depth > most:
            yield f"{shown(track.file.parts)}: {depth} bit, the site takes {most}: convert the album"


def _fast_tracks(album: Album, rules: SiteRules) -> Iterator[str]:
    most = rules.sample_rate_max
    for track in album.tracks:
        stream = track.stream
        # DSD's samples of one bit are no samples of PCM, which such rules mean.
        if most is not None and stream.codec is not Codec.DSD and stream.sample_rate > most:
            yield (
                f"{shown(track.file.parts)}: {stream.sample_rate} Hz, the site takes {most}: "
                "convert the album"
            )


def _bitrate_problems(album: Album, rules: SiteRules) -> Iterator[str]:
    streams = [track.stream for track in album.tracks if not track.stream.lossless]
    judged = [stream for stream in streams if not LAME_PRESET.fullmatch(stream.preset or "")]
    seconds = sum(stream.duration for stream in judged)
    if rules.lossy_bitrate_min is None or not seconds:
        return
    bits = sum(stream.bitrate * stream.duration for stream in judged)
    # In whole kbit/s, as sites count: an encoder's 192 may come out as 191.8 over the album.
    average, least = round(bits / seconds / 1000), rules.lossy_bitrate_min / 1000
    if average < least:
        yield (
            f"{average} kbit/s on average, the site takes no less than {least:g} without a V preset: "
            "encode the album anew from a lossless source"
        )
