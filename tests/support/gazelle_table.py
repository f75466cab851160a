"""Prints what each Gazelle site is sent of every release type, medium, format and bitrate.

Every combination is put to the site's own form; what is printed is what they come to. With `--all` each of
them has a line. Run it with `python -m tests.support.gazelle_table`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from attrs import evolve, frozen

from pipeline.model.album import Media, ReleaseType
from pipeline.model.audio import BitrateMode, Codec, Stream
from pipeline.secret import Redactor
from tests.support.gazelle import SITES
from tests.support.releases import make_file, make_release, make_stream, make_tracks
from trackers.dry_run import DrySession
from trackers.gazelle import form
from trackers.gazelle.words import SiteWords
from trackers.gazelle_tracker import GazelleTracker
from trackers.tracker_config import TrackerConfig

VBR = BitrateMode.VARIABLE
AUDIO: Mapping[str, Stream] = {
    "FLAC 16 bit": make_stream(Codec.FLAC),
    "FLAC 24 bit": make_stream(Codec.FLAC, bit_depth=24),
    "FLAC 20 bit": make_stream(Codec.FLAC, bit_depth=20),
    **{f"MP3 {kbps}": make_stream(Codec.MP3, bitrate=kbps * 1000) for kbps in (320, 256, 224, 192, 160, 128)},
    **{
        f"MP3 {preset}": make_stream(Codec.MP3, bitrate=kbps * 1000, preset=preset, bitrate_mode=VBR)
        for preset, kbps in (("V0", 245), ("V1", 225), ("V2", 190), ("V3", 175))
    },
    "MP3 VBR": make_stream(Codec.MP3, bitrate=211_000, bitrate_mode=VBR),
    "AAC 256 CBR": make_stream(Codec.AAC, bitrate=256_000, bitrate_mode=BitrateMode.CONSTANT),
    "AAC VBR": make_stream(Codec.AAC, bitrate=253_000),
    "AC3 448": make_stream(Codec.AC3, bitrate=448_000, channels=6),
    "DTS 1509": make_stream(Codec.DTS, bitrate=1_509_000, channels=6),
    "Vorbis q8": make_stream(Codec.OGG, bitrate=256_000, preset="q8", bitrate_mode=VBR),
    "Vorbis q5": make_stream(Codec.OGG, bitrate=160_000, preset="q5", bitrate_mode=VBR),
    **{
        f"DSD{multiple}": make_stream(Codec.DSD, sample_rate=44_100 * multiple, bit_depth=1)
        for multiple in (64, 128, 256, 512, 1024)
    },
    **{
        codec.value: make_stream(codec)
        for codec in (Codec.ALAC, Codec.OPUS, Codec.WAV, Codec.AIFF, Codec.WAVPACK, Codec.APE, Codec.TTA)
    },
}
EXTENSIONS = {
    Codec.AAC: "m4a",
    Codec.ALAC: "m4a",
    Codec.WAVPACK: "wv",
    Codec.DSD: "dsf",
}
TAGS = dict.fromkeys(("artist", "album", "title", "tracknumber"), ("x",))
FIELDS = ("releasetype", "media", "format", "bitrate", "other_bitrate", "vbr")
REFUSED = "refused"


@frozen
class Row:
    """One combination at one site: what is sent in FIELDS, or the first problem."""

    kind: ReleaseType
    media: Media
    audio: str
    sent: tuple[str, ...] | None
    problem: str = ""


def rows(tracker_id: str) -> Iterator[Row]:
    cls, _ = SITES[tracker_id]
    tracker = cls(cls.settled(TrackerConfig(id=tracker_id)), DrySession(Redactor()))
    for kind, media, (audio, stream) in product(ReleaseType, Media, AUDIO.items()):
        yield _row(tracker, kind, media, audio, stream)


def _row(tracker: GazelleTracker, kind: ReleaseType, media: Media, audio: str, stream: Stream) -> Row:
    extension = EXTENSIONS.get(stream.codec, stream.codec.lower())
    tracks = [
        evolve(track, tags=TAGS, file=evolve(make_file(f"{track.number}.{extension}"), audio=True))
        for track in make_tracks("Dawn", "Noon", stream=stream)
    ]
    release = make_release(tracks, media=media, release_type=kind, genres=("ambient",))
    if problems := tracker.problems(release):
        return Row(kind, media, audio, None, problems[0])
    words: SiteWords = tracker._site_words
    encoding = words.encoding(release.album)
    sent = {
        "releasetype": words.release_types[kind],
        "media": words.media[media],
        "format": encoding.format,
        "bitrate": encoding.encoding,
        "other_bitrate": encoding.other_bitrate,
        "vbr": form.ON if encoding.vbr else None,
    }
    return Row(kind, media, audio, tuple(sent[name] or "" for name in FIELDS))


def parts(table: Sequence[Row]) -> Mapping[str, Mapping[str, str]]:
    """What each word is sent as wherever it is sent at all; `refused` where it never is."""
    found: dict[str, dict[str, str]] = {"releasetype": {}, "media": {}, "audio": {}}
    for row in table:
        sent = row.sent
        audio = " ".join(filter(None, sent[2:5])) + (" vbr" if sent[5] else "") if sent else ""
        said = {"releasetype": (row.kind, sent and sent[0]), "media": (row.media, sent and sent[1])}
        for name, (word, value) in {**said, "audio": (row.audio, audio)}.items():
            known = found[name].setdefault(word, REFUSED)
            if value and known not in (REFUSED, value):
                raise AssertionError(f"{word} is sent as {known} and as {value}")
            found[name][word] = value or known
    return found


def main(arguments: Sequence[str]) -> None:
    for tracker_id in SITES:
        table = list(rows(tracker_id))
        sent = sum(row.sent is not None for row in table)
        lines = [f"{tracker_id}: {len(table)} combinations, {sent} sent, {len(table) - sent} refused"]
        for name, words in parts(table).items():
            lines.append(f"  {name}: " + " · ".join(f"{word} → {value}" for word, value in words.items()))
        if "--all" in arguments:
            lines += [
                f"    {row.kind} · {row.media} · {row.audio} → "
                + (row.problem if row.sent is None else " / ".join(row.sent))
                for row in table
            ]
        sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
