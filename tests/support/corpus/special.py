"""Albums with one thing about them: a rule that they break, damage, a name, a type of release."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

from pipeline.model.album import ReleaseType
from pipeline.model.audio import Codec
from tests.support.audio import Tags, encode, make_track

from .encodings import lame
from .manifest import CorpusAlbum, Truth

ARTIST, YEAR = "The Specials of Test", "2003"
LOG = """Exact Audio Copy V1.6 from 23. October 2020

EAC extraction logfile from 4. March 2021, 20:12

The Specials of Test / {title}

Used drive  : PLEXTOR DVDR   PX-716A   Adapter: 1  ID: 0

Read mode               : Secure
Utilize accurate stream : Yes
Defeat audio cache      : Yes
Make use of C2 pointers : No


TOC of the extracted CD

     Track |   Start  |  Length  | Start sector | End sector
    ---------------------------------------------------------
        1  |  0:00.00 |  0:01.00 |         0    |       74
        2  |  0:01.00 |  0:01.00 |        75    |      149


Track  1

     Filename C:\\1.wav

     Test CRC 11111111
     Copy CRC 11111111
     Copy OK

Track  2

     Filename C:\\2.wav

     Test CRC 22222222
     Copy CRC 22222222
     Copy OK

No errors occurred

End of status report
"""

Change = Callable[[Path], object]


class Maker:
    """Makes albums of two tracks in a library, and keeps what is true of them."""

    def __init__(self, library: Path) -> None:
        self._library = library
        self.albums: list[CorpusAlbum] = []

    def add(
        self,
        name: str,
        change: Change | None = None,
        *,
        tags: Tags | None = None,
        files: tuple[str, str] = ("01 One.flac", "02 Two.flac"),
        codec: Codec = Codec.FLAC,
        depths: tuple[int, int] = (16, 16),
        rates: tuple[int, int] = (44_100, 44_100),
        without: frozenset[str] = frozenset(),
        folder: str | None = None,
        seconds: float = 0.4,
        **truth: Any,
    ) -> None:
        """`tags` are added to the usual ones, `without` names those that are left away."""
        title = f"Special {name}"
        root = self._library / (folder or name)
        for number, file in enumerate(files, 1):
            usual = {
                "artist": ARTIST,
                "albumartist": ARTIST,
                "album": title,
                "date": YEAR,
                "title": f"Song {number}",
                "tracknumber": str(number),
            }
            own = {key: value for key, value in {**usual, **(tags or {})}.items() if key not in without}
            make_track(
                root / file,
                codec,
                tags=own,
                seed=crc32(f"special {name} {number}".encode()),
                seconds=seconds,
                sample_rate=rates[number - 1],
                bit_depth=depths[number - 1],
            )
        if change is not None:
            change(root)
        true = {"artist": ARTIST, "title": title, "year": int(YEAR), "tracks": ("Song 1", "Song 2"), **truth}
        self.albums.append(CorpusAlbum(root, Truth(id=name, **true)))


def special_albums(library: Path) -> Iterator[CorpusAlbum]:
    maker = Maker(library)
    for make in (_release_types, _values, _refused_tags, _names, _paths, _damaged, _mixed, _beside):
        make(maker)
    yield from maker.albums


def _release_types(maker: Maker) -> None:
    words = {"DJ_MIX": "DJ-mix", "SPOKEN": "spokenword"}
    for kind in ReleaseType:
        said = words.get(kind, kind.lower())
        maker.add(f"type {kind.lower()}", tags={"releasetype": said}, category=str(kind))


def _values(maker: Maker) -> None:
    maker.add("vinyl", tags={"media": '12" Vinyl'}, media="Vinyl")
    maker.add("sacd", tags={"media": "Hybrid SACD"}, media="SACD")
    maker.add("two years", tags={"date": "2003", "originalyear": "1971"}, year=1971, edition="2003")
    maker.add("no year", without=frozenset({"date"}), year=None)
    maker.add("odd year", tags={"date": "last summer"}, year=None)
    maker.add("deluxe", tags={"edition": "Deluxe Edition"}, edition="Deluxe Edition")
    maker.add("guest", tags={"artist": f"{ARTIST} feat. Guest", "albumartist": ARTIST})
    guest = f"{ARTIST} feat. Guest"
    maker.add("guest only", tags={"artist": guest}, without=frozenset({"albumartist"}), artist=guest)
    maker.add("genres", tags={"genre": "Rock; Jazz; rock"}, genres=("Rock", "Jazz"))
    maker.add("discs", files=("CD1/01 One.flac", "CD2/01 Two.flac"))
    maker.add("wrong suffix", files=("01 One.wav", "02 Two.wav"))
    maker.add("mqa", tags={"mqaencoder": "MQAEncode v1.1"})


def _refused_tags(maker: Maker) -> None:
    maker.add("no artist", without=frozenset({"artist", "albumartist"}), refused={"*": "missing"})
    maker.add("no title", without=frozenset({"album"}), refused={"*": "missing"})

    def retitle(root: Path) -> None:
        make_track(
            root / "02 Two.flac",
            tags={"artist": ARTIST, "album": "Another", "title": "Song 2"},
            seed=77,
            seconds=0.4,
        )

    maker.add("two titles", retitle, refused={"*": "tags_disagree"})
    maker.add("long title", tags={"album": "x" * 300}, title="x" * 300, refused={"YUS": "rules"})


def _names(maker: Maker) -> None:
    maker.add("spaces", tags={"album": "  spaced out  "}, title="spaced out")
    maker.add("dots", tags={"album": "...and dots..."}, title="...and dots...")
    maker.add("lines", tags={"album": "two\nlines"}, title="two lines")
    maker.add(
        "decomposed",
        folder="de\u0301compose\u0301",
        tags={"album": "De\u0301compose\u0301"},
        title="Décomposé",
    )
    maker.add("brackets", tags={"album": "[b]bold[/b]"}, title="[b]bold[/b]")


def _paths(maker: Maker) -> None:
    refused = {"YUS": "rules"}
    for name, file in {
        "colon": "01: One.flac",
        "question": "01 One?.flac",
        "star": "01 One*.flac",
        "quote": '01 "One".flac',
        "device": "CON.flac",
        "dot folder": "Disc 1 ./01 One.flac",
        "space folder": "CD1 /01 One.flac",
        "tilde": "~01 One.flac",
    }.items():
        maker.add(name, files=(file, "CD2/02 Two.flac" if "/" in file else "02 Two.flac"), refused=refused)
    maker.add("path of 181", files=(f"{'a' * 170}.flac", "02 Two.flac"))
    maker.add("path of 255", files=(f"CD1/{'a' * 246}.flac", "CD2/02.flac"))
    maker.add("path of 256", files=(f"CD1/{'a' * 247}.flac", "CD2/02.flac"), refused=refused)


def _damaged(maker: Maker) -> None:
    def cut(root: Path) -> None:
        path = root / "02 Two.flac"
        path.write_bytes(path.read_bytes()[:-400])

    def flip(root: Path) -> None:
        path = root / "02 Two.flac"
        data = bytearray(path.read_bytes())
        data[-3000] ^= 16
        path.write_bytes(data)

    def cut_mp3(root: Path) -> None:
        path = root / "02 Two.mp3"
        path.write_bytes(lame("CONSTANT", 0.0, 5)[:-5000])

    maker.add("cut", cut, refused={"*": "verify"})
    maker.add("flipped bit", flip, seconds=1.0, refused={"*": "verify"})
    maker.add(
        "cut mp3", cut_mp3, files=("01 One.mp3", "02 Two.mp3"), codec=Codec.MP3, refused={"*": "broken_audio"}
    )
    maker.add("empty", lambda root: (root / "02 Two.flac").write_bytes(b""), refused={"*": "empty_file"})
    maker.add(
        "noise",
        lambda root: (root / "02 Two.flac").write_bytes(bytes(5000)) and None,
        refused={"*": "broken_audio"},
    )


def _mixed(maker: Maker) -> None:
    both = frozenset({"16/24bit", "16/24 bit", "44.1 kHz"})
    maker.add("hybrid depth", depths=(16, 24), quality="FLAC 16/24bit 44.1 kHz", told=both)
    rates = frozenset({"16bit", "16 bit", "44.1/48 kHz"})
    maker.add("hybrid rate", rates=(44_100, 48_000), quality="FLAC 16bit 44.1/48 kHz", told=rates)

    def another(root: Path) -> None:
        (root / "03 Three.mp3").write_bytes(lame("CONSTANT", 0.0, 6))

    maker.add("two formats", another, refused={"*": "mixed_formats"})


def _beside(maker: Maker) -> None:
    def junk(root: Path) -> None:
        for name in (".DS_Store", "Thumbs.db", "@eaDir/x.txt", "notes.txt"):
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_text(name)

    def log(root: Path) -> None:
        (root / "rip.log").write_text(LOG.format(title=root.name), encoding="utf-16")

    def sidecar(text: str) -> Change:
        return lambda root: root.with_name(f"{root.name}.release.toml").write_text(text)

    left_out = frozenset({".DS_Store", "Thumbs.db", "@eaDir/x.txt"})
    maker.add("junk", junk, left_out=left_out)
    maker.add("log", log, media="CD")
    maker.add("log of a file shop", log, tags={"media": "Digital Media"}, refused={"*": "contradiction"})
    filled = sidecar('year = 1966\nmedia = "Vinyl"\ncatalogue_number = "T 1"\n')
    maker.add("sidecar", filled, without=frozenset({"date"}), year=1966, media="Vinyl", edition="T 1")
    maker.add("sidecar against tags", sidecar("year = 1966\n"), refused={"*": "contradiction"})
    maker.add("sidecar that is wrong", sidecar("yaer = 1966\n"), refused={"*": "sidecar"})


def untagged(library: Path) -> CorpusAlbum:
    """A format that carries no tags that anybody reads."""
    folder = library / "untagged wav"
    folder.mkdir()
    (folder / "01.wav").write_bytes(encode(Codec.WAV, seed=91, seconds=0.4))
    return CorpusAlbum(folder, Truth(id="untagged", refused={"*": "missing"}))
