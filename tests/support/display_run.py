"""A made-up run as a list of events, with names that are hard to show."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from pipeline.events import (
    AlbumFound,
    AlbumSkipped,
    AudioVerified,
    BytesHashed,
    BytesSent,
    CoverReady,
    EngineDistrusted,
    Event,
    GapsFound,
    PiecesHashed,
    RunFinished,
    RunStarted,
    Seeding,
    StageFailed,
    TagsRead,
    TorrentReady,
    UploadDone,
    UploadFailed,
    UploadSkipped,
    UploadStarted,
    UploadStored,
    UploadWaiting,
)
from pipeline.outcome import Outcome

START = 1_700_000_000.0
MIB = 1 << 20
KIND = Path("/music/Miles Davis/Kind of Blue")
CJK = Path("/music/椎名林檎 - 無罪モラトリアム (1999) [FLAC]")
EMOJI = Path("/music/👩‍👩‍👧‍👦 [bold]not markup[blink] \x1b[31mred\nline")
BYTES = Path(
    "/music/caf\udce9 - a very long folder name that goes on and on and on, and then some more (1987)"
)
BROKEN = Path("/music/Broken")


def content_id(album: Path) -> str:
    return "a1-" + sha256(bytes(album)).hexdigest()[:32]


def found(album: Path, at: float = START) -> AlbumFound:
    return AlbumFound(at=at, album=album, files=12, size=345 * MIB)


def tags(album: Path, artist: str, title: str, at: float = START) -> TagsRead:
    return TagsRead(
        at=at,
        album=album,
        content_id=content_id(album),
        title=title,
        artist=artist,
        year=1959,
        format="FLAC",
        tracks=5,
        duration=2725.0,
    )


def distrusted(album: Path, at: float = START) -> EngineDistrusted:
    return EngineDistrusted(at=at, album=album, content_id=content_id(album), engine="lanes")


def verified(album: Path, *warnings: str, at: float = START) -> AudioVerified:
    return AudioVerified(
        at=at,
        album=album,
        content_id=content_id(album),
        problems=(),
        warnings=warnings,
        unjudged=(),
        seconds=0.2,
    )


def gaps(album: Path, *trackers: str, at: float = START, **known: str) -> GapsFound:
    """The year is missing."""
    return GapsFound(
        at=at,
        album=album,
        content_id=content_id(album),
        missing=("year",),
        guessed={},
        known=known,
        trackers=trackers,
    )


def stored(album: Path, tracker: str, at: float = START) -> UploadStored:
    return UploadStored(
        at=at,
        album=album,
        content_id=content_id(album),
        tracker=tracker,
        torrent_id="77",
        url="https://site.example/torrents/77",
    )


def hashed(album: Path, done: int, at: float = START) -> BytesHashed:
    return BytesHashed(at=at, album=album, content_id=content_id(album), done=done, size=345 * MIB)


def pieces(album: Path, at: float = START) -> PiecesHashed:
    return PiecesHashed(
        at=at,
        album=album,
        content_id=content_id(album),
        piece_length=MIB,
        pieces=345,
        size=345 * MIB,
        seconds=0.5,
    )


def torrent(album: Path, tracker: str, at: float = START) -> TorrentReady:
    return TorrentReady(
        at=at,
        album=album,
        content_id=content_id(album),
        tracker=tracker,
        infohash="ab" * 20,
        name=album.name,
        piece_length=MIB,
    )


def begun(album: Path, tracker: str, at: float = START) -> UploadStarted:
    return UploadStarted(at=at, album=album, content_id=content_id(album), tracker=tracker, size=200_000)


def sent(album: Path, tracker: str, done: int, at: float = START) -> BytesSent:
    return BytesSent(
        at=at, album=album, content_id=content_id(album), tracker=tracker, done=done, size=200_000
    )


def waiting(album: Path, tracker: str, reason: str, seconds: float, at: float = START) -> UploadWaiting:
    return UploadWaiting(
        at=at, album=album, content_id=content_id(album), tracker=tracker, reason=reason, seconds=seconds
    )


def done(album: Path, tracker: str, existing: bool = False, at: float = START) -> UploadDone:
    return UploadDone(
        at=at,
        album=album,
        content_id=content_id(album),
        tracker=tracker,
        torrent_id="77",
        url="https://site.example/torrents/77",
        existing=existing,
        torrent_file=Path("/data/torrents/Kind of Blue.[MH].torrent"),
    )


def failed(
    album: Path, tracker: str, outcome: Outcome, message: str, hint: str = "", at: float = START
) -> UploadFailed:
    return UploadFailed(
        at=at,
        album=album,
        content_id=content_id(album),
        tracker=tracker,
        outcome=outcome,
        message=message,
        hint=hint,
    )


def skipped(album: Path, tracker: str, reason: str, message: str, at: float = START) -> UploadSkipped:
    return UploadSkipped(
        at=at, album=album, content_id=content_id(album), tracker=tracker, reason=reason, message=message
    )


def seeding(album: Path, tracker: str, seeds: bool | None, message: str = "") -> Seeding:
    return Seeding(
        at=START,
        album=album,
        content_id=content_id(album),
        tracker=tracker,
        client="watched",
        path=None,
        seeds=seeds,
        message=message,
    )


def broken(album: Path = BROKEN) -> StageFailed:
    return StageFailed(
        at=START,
        album=album,
        stage="tags",
        reason="not_audio",
        message=f"{album}/01.flac is not FLAC",
        hint="replace the file",
    )


def finished(exit_code: int, at: float = START + 42, **counts: int) -> RunFinished:
    return RunFinished(
        at=at,
        exit_code=exit_code,
        counts={Outcome(name): number for name, number in counts.items()},
        seconds=42.0,
    )


def under_way() -> list[Event]:
    """A run in its middle: two trackers, one album at its end, others at every stage."""
    return [
        RunStarted(at=START, paths=(Path("/music"),), trackers=("MH", "SP"), dry_run=False),
        *(found(album) for album in (KIND, CJK, EMOJI, BYTES, BROKEN)),
        AlbumSkipped(at=START, album=Path("/music/scans"), reason="no_audio", message="it holds no audio"),
        broken(),
        tags(KIND, "Miles Davis", "Kind of Blue"),
        tags(CJK, "椎名林檎", "無罪モラトリアム"),
        tags(EMOJI, "👩‍👩‍👧‍👦 & 🇩🇪", "[bold]not markup[/bold]"),
        CoverReady(
            at=START,
            album=KIND,
            content_id=content_id(KIND),
            source="cover.jpg",
            width=600,
            height=600,
            size=45_000,
        ),
        hashed(KIND, 200 * MIB, START + 1),
        pieces(KIND, START + 2),
        torrent(KIND, "MH"),
        torrent(KIND, "SP"),
        begun(KIND, "MH"),
        sent(KIND, "MH", 86_000, START + 2),
        sent(KIND, "MH", 200_000, START + 2.5),
        done(KIND, "MH"),
        failed(
            KIND,
            "SP",
            Outcome.REJECTED,
            "The name has already been taken.\nThe category is wrong.",
            "look at category_ids",
        ),
        seeding(KIND, "MH", True),
        hashed(CJK, 300 * MIB, START + 2.5),
        pieces(CJK, START + 3),
        torrent(CJK, "MH"),
        torrent(CJK, "SP"),
        begun(CJK, "MH"),
        sent(CJK, "MH", 86_000, START + 3),
        waiting(CJK, "SP", "rate limit", 12.0, START + 3),
        hashed(EMOJI, 148 * MIB, START + 3),
    ]


def whole() -> list[Event]:
    """The same run to its end."""
    return [
        *under_way(),
        done(CJK, "MH", existing=True),
        failed(CJK, "SP", Outcome.UNKNOWN, "The connection broke after all was sent", at=START + 30),
        pieces(EMOJI),
        skipped(EMOJI, "MH", "done_before", "done on 2023-11-01"),
        done(EMOJI, "SP"),
        seeding(EMOJI, "SP", False, "the client cannot be reached"),
        tags(BYTES, "Café", "1987"),
        pieces(BYTES),
        skipped(BYTES, "MH", "duplicate", "another FLAC of it is there"),
        failed(BYTES, "SP", Outcome.NOT_SENT, "The name of the site is not known", "is the network up?"),
        finished(3, START + 42, done=2, existing=2, rejected=1, not_sent=1, unknown=1, skipped=1, failed=2),
    ]
