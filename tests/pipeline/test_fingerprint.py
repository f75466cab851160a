from __future__ import annotations

import base64
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mutagen import id3
from mutagen.aiff import AIFF
from mutagen.apev2 import APEv2
from mutagen.dsf import DSF
from mutagen.flac import FLAC
from mutagen.monkeysaudio import MonkeysAudio
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.trueaudio import TrueAudio
from mutagen.wave import WAVE
from mutagen.wavpack import WavPack

from pipeline.model.audio import Codec
from pipeline.model.files import FileSet
from pipeline.scan import scan
from pipeline.tags import read_track
from tests.support.audio import EXTENSIONS, make_track, write_tags

# These two have tags, of which mutagen makes no part of the file.
APE_ALONE: Callable[[Path], Any] = APEv2
OPEN: dict[Codec, Callable[[Path], Any]] = {
    Codec.FLAC: FLAC,
    Codec.MP3: MP3,
    Codec.AAC: MP4,
    Codec.ALAC: MP4,
    Codec.OGG: OggVorbis,
    Codec.OPUS: OggOpus,
    Codec.WAV: WAVE,
    Codec.AIFF: AIFF,
    Codec.WAVPACK: WavPack,
    Codec.APE: MonkeysAudio,
    Codec.TTA: TrueAudio,
    Codec.DSD: DSF,
    Codec.AC3: APE_ALONE,
    Codec.DTS: APE_ALONE,
}
WITHOUT_PADDING = {Codec.WAVPACK, Codec.APE, Codec.AC3, Codec.DTS}
BIG_PICTURE = b"\xff\xd8" + os.urandom(600_000)
SMALL_PICTURE = b"\xff\xd8" + bytes(100)
# Long enough that the windows do not cover the whole stream.
SECONDS = {codec: 3.0 for codec in Codec if codec.lossless}
LONG = 20.0


def fingerprint(path: Path) -> str:
    (found,) = scan([path])
    assert isinstance(found, FileSet)
    return read_track(found.files[0]).fingerprint


def make(folder: Path, codec: Codec, name: str = "a", seed: int = 0) -> Path:
    return make_track(
        folder / f"{name}{EXTENSIONS[codec]}",
        codec,
        seed=seed,
        seconds=SECONDS.get(codec, LONG),
        tags={"title": "T"},
    )


def without_md5(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[26:42] = bytes(16)
    path.write_bytes(data)


@pytest.mark.parametrize("codec", Codec)
def test_tags_pictures_padding_and_names_do_not_matter(tmp_path: Path, codec: Codec) -> None:
    path = make(tmp_path, codec)
    first = fingerprint(path)
    write_tags(path, codec, {"title": "Another " * 9000, "comment": "x" * 70_000}, BIG_PICTURE)
    assert fingerprint(path) == first
    write_tags(path, codec, {"title": "t"}, SMALL_PICTURE)
    audio = OPEN[codec](path)
    if codec not in WITHOUT_PADDING:
        audio.save(padding=lambda info: 123_457)
    assert fingerprint(path) == first
    audio = OPEN[codec](path)
    audio.delete()
    assert fingerprint(path) == first
    assert fingerprint(path.rename(tmp_path / f"other{EXTENSIONS[codec]}")) == first


@pytest.mark.parametrize("codec", Codec)
def test_other_audio_has_another_name(tmp_path: Path, codec: Codec) -> None:
    assert fingerprint(make(tmp_path, codec)) != fingerprint(make(tmp_path, codec, "b", seed=1))


@pytest.mark.parametrize("codec", Codec)
def test_a_change_at_the_end_of_the_audio_matters(tmp_path: Path, codec: Codec) -> None:
    """Not for FLAC with an MD5 of its samples, which stands for them."""
    path = make_track(tmp_path / f"a{EXTENSIONS[codec]}", codec, seconds=SECONDS.get(codec, LONG))
    if codec is Codec.FLAC:
        without_md5(path)
    first = fingerprint(path)
    data = bytearray(path.read_bytes())
    at = len(data) - 20
    if codec in {Codec.AAC, Codec.ALAC}:
        at = data.index(b"moov") - 20 if data.index(b"moov") > data.index(b"mdat") else at
    data[at] ^= 0xFF
    path.write_bytes(data)
    assert fingerprint(path) != first


def test_flac_is_named_by_the_digest_of_its_samples(tmp_path: Path) -> None:
    path = make(tmp_path, Codec.FLAC)
    info = OPEN[Codec.FLAC](path).info
    assert fingerprint(path) == f"FLAC md5 {info.md5_signature:032x} {3 * 44_100}"


def test_flac_without_a_digest_of_its_samples(tmp_path: Path) -> None:
    path = make(tmp_path, Codec.FLAC)
    without_md5(path)
    first = fingerprint(path)
    assert "md5" not in first
    write_tags(path, Codec.FLAC, {"comment": "x" * 90_000}, BIG_PICTURE)
    assert fingerprint(path) == first
    path.write_bytes(path.read_bytes() + b"TAG" + bytes(125))
    assert fingerprint(path) == first
    other = make(tmp_path, Codec.FLAC, "b", seed=1)
    without_md5(other)
    assert fingerprint(other) != first


def test_the_tags_that_an_mp3_can_carry_at_both_ends(tmp_path: Path) -> None:
    plain = make_track(tmp_path / "a.mp3", Codec.MP3, seconds=5)
    first = fingerprint(plain)
    tagged = Path(shutil.copy(plain, tmp_path / "b.mp3"))
    ape: Any = APEv2
    tags = ape()
    tags["Title"] = "T"
    tags.save(tagged)
    assert fingerprint(tagged) == first
    lyrics = b"LYRICSBEGIN" + b"IND0000200"
    tagged.write_bytes(tagged.read_bytes() + lyrics + b"%06d" % len(lyrics) + b"LYRICS200")
    assert fingerprint(tagged) == first
    tagged.write_bytes(tagged.read_bytes() + b"LYRICSBEGINla la laLYRICSEND" + b"TAG" + bytes(125))
    assert fingerprint(tagged) == first
    frames: Any = id3
    tag = frames.ID3()
    tag.add(frames.TIT2(encoding=3, text="T"))
    tag.save(tmp_path / "tag.mp3")
    tagged.write_bytes((tmp_path / "tag.mp3").read_bytes() * 2 + bytes(500) + tagged.read_bytes())
    assert fingerprint(tagged) == first


def test_the_picture_of_an_ogg_moves_every_page(tmp_path: Path) -> None:
    path = make(tmp_path, Codec.OGG)
    first, size = fingerprint(path), path.stat().st_size
    audio = OPEN[Codec.OGG](path)
    audio["metadata_block_picture"] = base64.b64encode(BIG_PICTURE).decode()
    audio.save()
    assert path.stat().st_size > size + 700_000
    assert fingerprint(path) == first


def test_a_line_is_the_same_for_ever(tmp_path: Path) -> None:
    """The journal keeps content ids: what is uploaded must not look new to a later version."""
    header = b"RIFF" + (36 + 200_000).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    layout = bytes.fromhex("0100010044ac00008858010002001000")
    samples = bytes(range(250)) * 800
    path = tmp_path / "a.wav"
    path.write_bytes(header + layout + b"data" + (200_000).to_bytes(4, "little") + samples)
    assert fingerprint(path) == (
        "WAV sha256 c39fe6fdc820e175fbb456b6edada63d53c30c7ee3d5d6cc699874f8b4379aea 200000"
    )
