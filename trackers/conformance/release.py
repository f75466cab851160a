"""An album that exists in memory only: an adapter never opens its files."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from pipeline.model.album import Album, Media, ReleaseType, Track
from pipeline.model.audio import Codec, Container, Stream
from pipeline.model.files import AlbumFile, FileSet
from pipeline.model.pieces import Pieces
from pipeline.model.release import Cover, Release
from pipeline.model.upload import UploadRequest
from pipeline.secret import Secret
from pipeline.torrent import make_torrent

FOLDER = Path("/nowhere/First Light")
STREAMS = {
    Codec.FLAC: Stream(Codec.FLAC, Container.FLAC, 180.0, 44_100, 2, 900_000, bit_depth=16),
    Codec.MP3: Stream(Codec.MP3, Container.MPEG, 180.0, 44_100, 2, 320_000),
}
"""One of which every music site takes."""
TRACKS = 10
PIECE_LENGTH = 1024 * 1024
PICTURE = Cover(b"\xff\xd8\xff picture of the conformance kit \xff\xd9", "image/jpeg", 900, 900, "cover.jpg")

PICTURE_URL = "https://pictures.example/cover-of-the-kit.jpg"


@frozen(kw_only=True)
class Sample:
    """What a check sends; `pieces` is how many the torrent has, 20 bytes each."""

    codec: Codec = Codec.FLAC
    release_type: ReleaseType = ReleaseType.ALBUM
    artist: str = "The Testers"
    title: str = "First Light"
    cover: Cover | None = PICTURE
    pieces: int = 40

    def release(self) -> Release:
        return Release(_album(self), self.cover)

    def request(self, announce_url: Secret, source: str) -> UploadRequest:
        release = self.release()
        digests = bytes(index % 251 for index in range(20)) * self.pieces
        pieces = Pieces(release.album.files, PIECE_LENGTH, digests)
        torrent = make_torrent(pieces, announce_url=announce_url, source=source)
        # The title last, so that a name that is cut short shows.
        name = f"{self.artist} - 2001 - {self.title}"
        return UploadRequest(release, torrent, name, f"{name}\n\n[b]Tracks[/b]: {TRACKS}", anonymous=False)


def _album(sample: Sample) -> Album:
    tracks = tuple(_track(sample, number) for number in range(1, TRACKS + 1))
    return Album(
        files=FileSet(FOLDER, tuple(track.file for track in tracks)),
        tracks=tracks,
        content_id=f"a1-{0:032x}",
        title=sample.title,
        artist=sample.artist,
        year=2001,
        edition_year=2001,
        label="Testing",
        catalogue_number="TEST 1",
        barcode="0000000000000",
        media=Media.WEB,
        release_type=sample.release_type,
        genres=("electronic",),
    )


def _track(sample: Sample, number: int) -> Track:
    name = f"{number:02} - Track {number}.{sample.codec.lower()}"
    tags = {
        "artist": (sample.artist,),
        "album": (sample.title,),
        "title": (f"Track {number}",),
        "tracknumber": (str(number),),
        "date": ("2001",),
        "genre": ("electronic",),
    }
    return Track(
        file=AlbumFile(FOLDER / name, (name,), 20_000_000, 0, 0, 0, audio=True),
        stream=STREAMS[sample.codec],
        fingerprint=str(number),
        title=f"Track {number}",
        artists=(sample.artist,),
        number=number,
        tags=tags,
    )
