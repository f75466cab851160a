from __future__ import annotations

import os
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutagen import id3
from mutagen.flac import FLAC
from mutagen.mp3 import MP3

from pipeline.errors import TagError
from pipeline.model.album import Track
from pipeline.model.audio import BitrateMode, Codec
from pipeline.model.files import AlbumFile, FileSet
from pipeline.scan import scan
from pipeline.tags import parse_number, read_tags, read_track
from tests.support.audio import EXTENSIONS, encode, ffmpeg, make_track, tone
from tests.support.raw_audio import DSD_RATE

TAGS = {
    "title": "Tïtle",
    "artist": ["First", "Second"],
    "albumartist": "First",
    "album": "Album",
    "tracknumber": "3/12",
    "discnumber": "2/2",
    "date": "2015-04-01",
    "originaldate": "1975",
    "genre": ["Rock", "Blues"],
    "label": "Label",
    "media": "CD",
    "catalognumber": "CAT 1",
    "barcode": "0123456789012",
    "releasetype": ["album", "live"],
    "compilation": "1",
}
PICTURE = b"\xff\xd8" + bytes(3000)


def audio_file(path: Path) -> AlbumFile:
    (found,) = scan([path])
    assert isinstance(found, FileSet)
    return found.files[0]


def track(path: Path) -> Track:
    return read_track(audio_file(path))


def failure(path: Path) -> TagError:
    with pytest.raises(TagError) as caught:
        track(path)
    assert str(path) in caught.value.message
    assert caught.value.path == path
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("codec", Codec)
def test_every_format_says_the_same(tmp_path: Path, codec: Codec) -> None:
    path = make_track(tmp_path / f"a{EXTENSIONS[codec]}", codec, tags=TAGS, picture=PICTURE, seconds=0.5)
    read = track(path)
    assert read.stream.codec is codec
    assert read.stream.duration == pytest.approx(0.5, abs=0.06)
    assert read.stream.channels == 2
    assert read.stream.sample_rate == {Codec.OPUS: 48_000, Codec.DSD: DSD_RATE}.get(codec, 44_100)
    assert read.stream.bit_depth == (1 if codec is Codec.DSD else 16 if codec.lossless else None)
    assert read.stream.bitrate > 10_000
    assert read.title == "Tïtle"
    assert read.artists == ("First", "Second")
    assert (read.number, read.disc) == (3, 2)
    assert read.has_picture
    wanted = {name: (value,) if isinstance(value, str) else tuple(value) for name, value in TAGS.items()}
    assert {name: read.tags.get(name) for name in TAGS} == wanted
    assert read_tags(path) == read.tags


@pytest.mark.parametrize("codec", Codec)
def test_untagged_audio(tmp_path: Path, codec: Codec) -> None:
    read = track(make_track(tmp_path / f"a{EXTENSIONS[codec]}", codec, seconds=0.5))
    assert (read.title, read.artists, read.number, read.disc, read.has_picture) == (
        None,
        (),
        None,
        None,
        False,
    )


@pytest.mark.parametrize("codec", [codec for codec in Codec if codec.lossless and codec is not Codec.DSD])
def test_bit_depth_and_rate_of_high_resolution(tmp_path: Path, codec: Codec) -> None:
    path = tmp_path / f"a{EXTENSIONS[codec]}"
    make_track(path, codec, seconds=0.5, sample_rate=96_000, bit_depth=24, channels=1)
    stream = track(path).stream
    assert (stream.bit_depth, stream.sample_rate, stream.channels) == (24, 96_000, 1)


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        (Codec.FLAC, "a.mp3"),
        (Codec.OPUS, "a.ogg"),
        (Codec.MP3, "a.flac"),
        (Codec.WAV, "a.m4a"),
        (Codec.OGG, "a.oga"),
        (Codec.WAVPACK, "a.flac"),
        (Codec.AIFF, "a.wav"),
        (Codec.DSD, "a.dff"),
        (Codec.APE, "a.mp3"),
        (Codec.TTA, "a.ape"),
        (Codec.DTS, "a.wav"),
        (Codec.AC3, "a.dts"),
    ],
)
def test_the_codec_is_told_by_the_stream(tmp_path: Path, codec: Codec, name: str) -> None:
    assert track(make_track(tmp_path / name, codec, tags={"title": "T"})).stream.codec is codec


@pytest.mark.parametrize(
    ("name", "suffix", "options"),
    [
        ("a.m4a", ".m4a", ("-c:a", "ac3")),
        ("a.m4a", ".mp4", ("-c:a", "libmp3lame")),
        ("a.mp3", ".mp2", ("-c:a", "mp2")),
        ("a.m4a", ".aac", ("-c:a", "aac")),
        ("a.wav", ".wav", ("-c:a", "adpcm_ms")),
        ("a.ac3", ".eac3", ("-c:a", "eac3")),
        ("a.aiff", ".aiff", ("-f", "aiff", "-c:a", "pcm_mulaw")),
        ("a.wma", ".wma", ("-c:a", "wmav2")),
        ("a.wav", ".wav", ("-rf64", "always")),
        ("a.wav", ".w64", ()),
    ],
)
def test_foreign_formats_are_refused(
    tmp_path: Path, name: str, suffix: str, options: tuple[str, ...]
) -> None:
    (tmp_path / name).write_bytes(ffmpeg(tone(seconds=0.3), 44_100, suffix, *options))
    error = failure(tmp_path / name)
    assert error.reason == "unsupported_format"
    assert "FLAC" in error.hint


def test_text_is_normalised_and_empty_is_absent(tmp_path: Path) -> None:
    tags = {"title": "  Cafe\u0301 ", "album": "   ", "artist": ["A", "A", ""]}
    read = track(make_track(tmp_path / "a.flac", tags=tags, seconds=0.1))
    assert read.title == "Café"
    assert read.artists == ("A",)
    assert "album" not in read.tags


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("ORGANIZATION", "label"),
        ("publisher", "label"),
        ("UPC", "barcode"),
        ("ALBUM ARTIST", "albumartist"),
        ("MUSICBRAINZ_ALBUMTYPE", "releasetype"),
    ],
)
def test_other_names_of_a_tag(tmp_path: Path, theirs: str, ours: str) -> None:
    assert track(make_track(tmp_path / "a.flac", tags={theirs: "x"}, seconds=0.1)).tags[ours] == ("x",)


def test_id3_numeric_genres_comments_and_people(tmp_path: Path) -> None:
    path = make_track(tmp_path / "a.mp3", Codec.MP3)
    frames: Any = id3
    open_mp3: Callable[[Path], Any] = MP3
    audio = open_mp3(path)
    audio.add_tags()
    audio.tags.add(frames.TCON(encoding=3, text=["(17)(2)"]))
    audio.tags.add(frames.COMM(encoding=3, lang="eng", desc="", text=["hello"]))
    audio.tags.add(frames.COMM(encoding=3, lang="eng", desc="iTunNORM", text=["0000"]))
    audio.tags.add(frames.TIPL(encoding=3, people=[["producer", "P"]]))
    audio.save(v1=2)
    tags = read_tags(path)
    assert tags["genre"] == ("Rock", "Country")
    assert tags["comment"] == ("hello",)
    assert tags["producer"] == ("P",)


def test_tags_in_a_wav_without_id3(tmp_path: Path) -> None:
    data = ffmpeg(tone(seconds=0.3), 44_100, ".wav", "-metadata", "title=T", "-metadata", "artist=Ä")
    (tmp_path / "a.wav").write_bytes(data)
    read = track(tmp_path / "a.wav")
    assert (read.title, read.artists) == ("T", ("Ä",))


@pytest.mark.parametrize(
    ("text", "number"),
    [("3", 3), ("03", 3), ("3/12", 3), ("0", 0), ("A1", None), ("", None), ("9" * 5000, None)],
)
def test_numbers(text: str, number: int | None) -> None:
    assert parse_number((text,)) == number


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.flac").touch()
    assert failure(tmp_path / "a.flac").reason == "empty_file"


@pytest.mark.parametrize(
    "content",
    [
        b"not audio",
        bytes(5000),
        b"fLaC",
        b"OggS",
        b"RIFF\0\0\0\0WAVE",
        b"ID3",
        b"wvpk",
        b"MAC ",
        b"TTA1",
        b"DSD ",
        b"FORM\0\0\0\0AIFF",
        b"FRM8\0\0\0\0\0\0\0\0DSD ",
        b"\x0b\x77",
        b"\x7f\xfe\x80\x01",
    ],
)
@pytest.mark.parametrize("suffix", [".flac", ".mp3", ".m4a", ".ogg", ".wav", ".wv"])
def test_garbage(tmp_path: Path, content: bytes, suffix: str) -> None:
    (tmp_path / f"a{suffix}").write_bytes(content)
    assert failure(tmp_path / f"a{suffix}").reason == "broken_audio"


def test_atoms_nested_deeper_than_python_recurses(tmp_path: Path) -> None:
    atoms = b""
    for _ in range(3000):
        atoms = (len(atoms) + 8).to_bytes(4, "big") + b"moov" + atoms
    (tmp_path / "a.m4a").write_bytes((16).to_bytes(4, "big") + b"ftypM4A \0\0\0\0" + atoms)
    assert failure(tmp_path / "a.m4a").reason == "broken_audio"


def test_a_few_frames_are_no_mp3(tmp_path: Path) -> None:
    data = ffmpeg(tone(), 44_100, ".mp3", "-b:a", "128k", "-write_xing", "0", "-id3v2_version", "0")
    (tmp_path / "a.mp3").write_bytes(data[:1000])
    assert failure(tmp_path / "a.mp3").reason == "broken_audio"


def test_a_file_that_went_away(tmp_path: Path) -> None:
    file = audio_file(make_track(tmp_path / "a.flac", seconds=0.1))
    file.path.unlink()
    with pytest.raises(TagError) as caught:
        read_track(file)
    assert caught.value.reason == "unreadable"


@pytest.mark.parametrize("missing", [0.95, 0.5, 0.1])
@pytest.mark.parametrize("codec", Codec)
def test_audio_shorter_than_its_headers_promise(tmp_path: Path, codec: Codec, missing: float) -> None:
    path = make_track(tmp_path / f"a{EXTENSIONS[codec]}", codec, seconds=3, tags={"title": "T"})
    os.truncate(path, round(path.stat().st_size * (1 - missing)))
    assert failure(path).reason == "broken_audio"


@pytest.mark.parametrize("codec", [codec for codec in Codec if codec not in {Codec.FLAC, Codec.MP3}])
def test_one_missing_byte_is_noticed(tmp_path: Path, codec: Codec) -> None:
    path = tmp_path / f"a{EXTENSIONS[codec]}"
    path.write_bytes(encode(codec)[:-1])
    assert failure(path).reason == "broken_audio"


def test_an_ogg_cut_between_two_pages(tmp_path: Path) -> None:
    data = encode(Codec.OGG, seconds=3)
    (tmp_path / "a.ogg").write_bytes(data[: data.rindex(b"OggS")])
    assert failure(tmp_path / "a.ogg").reason == "broken_audio"


@pytest.mark.parametrize(
    "options", [("-compression_level", "0"), ("-compression_level", "12"), ("-frame_size", "300")]
)
def test_whole_flac_of_other_encoders_is_taken(tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "a.flac").write_bytes(ffmpeg(tone(seconds=3.3), 44_100, ".flac", *options))
    assert track(tmp_path / "a.flac").stream.duration == pytest.approx(3.3)


@pytest.mark.parametrize(
    "suffix", [".mp3", ".ogg", ".opus", ".m4a", ".wav", ".aiff", ".wv", ".tta", ".ac3", ".oga"]
)
def test_whole_files_of_ffmpeg_are_taken(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"a{suffix}").write_bytes(ffmpeg(tone(seconds=3.3, sample_rate=48_000), 48_000, suffix))
    assert track(tmp_path / f"a{suffix}").stream.duration == pytest.approx(3.3, abs=0.06)


def test_a_flac_that_does_not_tell_its_length(tmp_path: Path) -> None:
    path = make_track(tmp_path / "a.flac", seconds=0.5)
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    path.write_bytes(data)
    assert failure(path).reason == "broken_audio"


def test_an_old_tag_at_the_end_of_a_flac_does_no_harm(tmp_path: Path) -> None:
    path = make_track(tmp_path / "a.flac", seconds=0.5)
    path.write_bytes(path.read_bytes() + b"TAG" + bytes(125))
    assert track(path).stream.duration == pytest.approx(0.5)


def test_reading_changes_nothing(tmp_path: Path) -> None:
    path = make_track(tmp_path / "a.flac", tags=TAGS, seconds=0.1)
    before, data = path.stat(), path.read_bytes()
    track(path)
    assert path.read_bytes() == data
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    open_flac: Callable[[Path], Any] = FLAC
    assert open_flac(path)["title"] == ["Tïtle"]


@settings(deadline=None)
@given(seed=st.integers(0, 2**32), codec=st.sampled_from(list(Codec)))
def test_damage_never_ends_in_anything_but_a_tag_error(
    seed: int, codec: Codec, tmp_path_factory: pytest.TempPathFactory
) -> None:
    choose = random.Random(seed)
    path = tmp_path_factory.getbasetemp() / f"damaged{EXTENSIONS[codec]}"
    make_track(path, codec, tags=TAGS, picture=PICTURE, seconds=0.2)
    data = bytearray(path.read_bytes())
    for _ in range(choose.randint(1, 20)):
        at = choose.randrange(min(len(data), choose.choice([64, 600, len(data)])))
        data[at : at + choose.choice([0, 1, 4, 100])] = choose.randbytes(choose.choice([0, 1, 4, 20]))
    path.write_bytes(data or b"x")
    with suppress(TagError):
        track(path)


@pytest.mark.parametrize(
    ("options", "constant"),
    [(("-b:a", "192k"), True), (("-b:a", "192k", "-abr", "1"), False), (("-q:a", "2"), False)],
)
def test_only_a_constant_bitrate_is_called_so(
    tmp_path: Path, options: tuple[str, ...], constant: bool
) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(ffmpeg(tone(), 44_100, ".mp3", "-c:a", "libmp3lame", *options))
    assert (track(path).stream.bitrate_mode is BitrateMode.CONSTANT) is constant


@pytest.mark.parametrize("codec", [Codec.OGG, Codec.OPUS, Codec.AAC, Codec.FLAC])
def test_no_other_codec_has_a_constant_bitrate(tmp_path: Path, codec: Codec) -> None:
    path = make_track(tmp_path / f"a{EXTENSIONS[codec]}", codec)
    assert track(path).stream.bitrate_mode is None
