"""The audio of an album, read to its end and judged; files are only ever opened for reading."""

from __future__ import annotations

import threading
from collections.abc import Callable

from anyio import CapacityLimiter, create_task_group, to_thread

from ..audio.containers import AudioError, sniff
from ..model.album import Album, Track
from ..model.audio import Codec, Container
from ..model.finding import Finding
from .flac import judge_flac, judge_ogg_flac
from .flaw import Flaw, problem, unjudged
from .mp3 import judge_mp3
from .numbering import examine_numbering
from .ogg import walk_pages
from .tta import judge_tta
from .window import Stopped, check

UNSUPPORTED = "unsupported_format"


async def verify(
    album: Album, limiter: CapacityLimiter, progress: Callable[[int], None] | None = None
) -> tuple[Finding, ...]:
    """Judges the files side by side in threads; findings come in file order, then those of the album.

    `progress` is called in the event loop with the bytes of each file that is done. Cancelled, it leaves
    at once, and its threads end within one block.
    """
    stopped = threading.Event()
    found: dict[int, tuple[Finding, ...]] = {}

    async def judge(place: int, track: Track) -> None:
        found[place] = await to_thread.run_sync(
            verify_track, track, stopped, limiter=limiter, abandon_on_cancel=True
        )
        if progress is not None:
            progress(track.file.size)

    try:
        async with create_task_group() as tasks:
            for place, track in enumerate(album.tracks):
                tasks.start_soon(judge, place, track)
    finally:
        stopped.set()
    ordered = (finding for place in sorted(found) for finding in found[place])
    return (*ordered, *examine_numbering(album))


def verify_album(
    album: Album, *, stopped: threading.Event, progress: Callable[[int], None] | None = None
) -> tuple[Finding, ...]:
    """The same in this thread, file by file; once `stopped` is set it ends with what it has found so far."""
    findings: list[Finding] = []
    for track in album.tracks:
        findings += verify_track(track, stopped)
        if stopped.is_set():
            break
        if progress is not None:
            progress(track.file.size)
    return (*findings, *examine_numbering(album))


def verify_track(track: Track, stopped: threading.Event) -> tuple[Finding, ...]:
    """Reads one file to its end; nothing is found once `stopped` is set."""
    try:
        check(stopped)
        flaws = _judge(track, stopped)
    except Stopped:
        return ()
    except OSError as error:
        flaws = (problem("unreadable", f"cannot be read: {error.strerror or error}"),)
    except AudioError as error:
        told = unjudged if error.reason == UNSUPPORTED else problem
        flaws = (told(error.reason, error.problem),)
    name = "/".join(track.file.parts)
    return tuple(
        Finding(flaw.severity, flaw.reason, track.file.path, f"{name} {flaw.clause}") for flaw in flaws
    )


def _judge(track: Track, stopped: threading.Event) -> tuple[Flaw, ...]:
    with track.file.path.open("rb") as stream:
        container = sniff(stream)
        if container is Container.FLAC:
            return judge_flac(track.file.path, stream, stopped)
        if container is Container.MPEG:
            return judge_mp3(stream, stopped)
        if container is Container.OGG and track.stream.codec is Codec.FLAC:
            return judge_ogg_flac(track.file.path, stream, stopped)
        if container is Container.OGG:
            return walk_pages(stream, stopped)
        if container is Container.TTA:
            return judge_tta(stream, stopped)
    told = f"is {track.stream.codec}, which nothing here can check"
    return (unjudged("not_checked", told),)
