"""Events as plain lines, for logs and for where there is no terminal."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TextIO

from pipeline.events import (
    AlbumEvent,
    AlbumFound,
    AlbumSkipped,
    AlbumStaged,
    AudioVerified,
    CellEvent,
    CoverHosted,
    CoverReady,
    EngineDistrusted,
    Event,
    PiecesHashed,
    RequestPrepared,
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
from pipeline.text import printable

from .lines import LineWriter
from .names import AlbumNames
from .outcomes import DONE_BEFORE, LOOKS, TRACKER_OFF, seeding_text, totals_text
from .text import (
    count_of,
    distrust_text,
    duration_text,
    heading,
    rate_text,
    sentence,
    size_text,
    wait_text,
)

SHORT_WAIT = 1.0
"""Seconds; a shorter wait is told only to those who want to know everything."""


class PlainLog:
    """Writes a line with the local time for each thing that matters; progress is left out.

    That an album was found is told with what follows, and never where all of it was done before.
    """

    def __init__(self, stream: TextIO, verbose: bool = False) -> None:
        self._writer = LineWriter(stream)
        self._narrator = Narrator(verbose)
        self._verbose = verbose
        self._found: dict[Path, AlbumFound] = {}

    def __call__(self, event: Event) -> None:
        if isinstance(event, AlbumFound) and not self._verbose:
            self._found[event.album] = event
            return
        if isinstance(event, AlbumEvent) and (found := self._found.pop(event.album, None)):
            if isinstance(event, UploadSkipped) and event.reason == DONE_BEFORE:
                found = None
            self._tell(found, event.at)
        self._tell(event, event.at)

    def _tell(self, event: Event | None, at: float) -> None:
        if event is not None and (text := self._narrator.tell(event)) is not None:
            self._writer.write(f"{time.strftime('%H:%M:%S', time.localtime(at))} {text}")


class Narrator:
    """Puts events into words; `verbose` adds the steps in between.

    What was done before is counted, and that a tracker is off is told once.
    """

    def __init__(self, verbose: bool = False) -> None:
        self._verbose = verbose
        self._names = AlbumNames()
        self._done_before = 0
        self._off: set[str] = set()

    def tell(self, event: Event) -> str | None:
        """One line without its time; None for what is not worth one."""
        match event:
            case RunStarted():
                return _start(event)
            case RunFinished():
                totals = totals_text(event.counts, self._done_before)
                return f"finished in {duration_text(event.seconds)}: {totals}"
            case CellEvent():
                subject = f"{self._names.label(event)} -> {event.tracker}"
                text = self._cell(event)
            case AlbumEvent():
                subject = self._names.label(event)
                text = self._album(event)
            case _:
                return None
        return f"{subject}: {text}" if text else None

    def _album(self, event: AlbumEvent) -> str | None:
        match event:
            case AlbumFound():
                return f"found, {count_of(event.files, 'file')}, {size_text(event.size)}"
            case AlbumSkipped():
                return f"passed by: {sentence(event.message)}"
            case TagsRead():
                return _tags(event)
            case CoverReady():
                return _cover(event, self._verbose)
            case PiecesHashed():
                return _hashed(event)
            case EngineDistrusted():
                return f"WARNING: {distrust_text(event.engine)}"
            case AlbumStaged():
                return f"linked under other names as {printable(str(event.folder))}: seed from there"
            case AudioVerified():
                return _verified(event, self._verbose)
            case StageFailed():
                return f"failed ({event.stage}): {sentence(event.message, event.hint)}"
            case _:
                return None

    def _cell(self, event: CellEvent) -> str | None:
        match event:
            case TorrentReady() if self._verbose:
                return f"torrent ready, infohash {event.infohash}"
            case RequestPrepared():
                return "request prepared, not sent"
            case CoverHosted(problem=str(problem)):
                return f"goes without the address of a cover: {sentence(problem)}"
            case CoverHosted() if self._verbose:
                return f"cover {'was' if event.before else 'put'} at {printable(event.url or '')}"
            case UploadStarted() if self._verbose:
                return f"sending {size_text(event.size)}"
            case UploadStored() if self._verbose:
                return _joined("stored", event.url or event.torrent_id)
            case UploadWaiting() if self._verbose or event.seconds >= SHORT_WAIT:
                return f"waiting {wait_text(event.seconds)}: {sentence(event.reason)}"
            case UploadDone():
                return _done(event)
            case UploadFailed():
                return f"{LOOKS[event.outcome].word}: {sentence(event.message, event.hint)}"
            case UploadSkipped():
                return self._skipped(event)
            case Seeding():
                return seeding_text(event)
            case _:
                return None

    def _skipped(self, event: UploadSkipped) -> str | None:
        text = f"skipped ({event.reason}): {sentence(event.message)}"
        if event.reason == DONE_BEFORE:
            self._done_before += 1
            if not self._verbose:
                return None
            text = "done before"
        elif event.reason == TRACKER_OFF:
            if event.tracker in self._off and not self._verbose:
                return None
            self._off.add(event.tracker)
        return _joined(text, event.url)


def _start(event: RunStarted) -> str:
    where = f" to {', '.join(event.trackers)}" if event.trackers else ""
    dry = ", dry run: nothing is sent" if event.dry_run else ""
    return f"started: {count_of(len(event.paths), 'path')}{where}{dry}"


def _tags(event: TagsRead) -> str:
    name = heading(event.artist, event.title) or "no title"
    year = f" ({event.year})" if event.year else ""
    tracks = count_of(event.tracks, "track")
    kind = f", {_release_type(event)}" if event.release_type else ""
    return printable(f"{name}{year}, {event.format}, {tracks}, {duration_text(event.duration)}{kind}")


def _release_type(event: TagsRead) -> str:
    inferred = " (guessed; --release-type decides)"
    return f"type {event.release_type}{inferred if 'release_type' in event.inferred else ''}"


def _verified(event: AudioVerified, verbose: bool) -> str | None:
    """What is wrong with it is told by the verdict that follows."""
    warnings = [f"warning: {sentence(warning)}" for warning in event.warnings]
    if not verbose:
        return printable("; ".join(warnings)) or None
    unjudged = [sentence(text) for text in event.unjudged]
    return printable("; ".join([f"audio read in {event.seconds:.2f} s", *warnings, *unjudged]))


def _cover(event: CoverReady, verbose: bool) -> str | None:
    """Every picture that was refused is told, if only to those who want to know everything."""
    passed_over = event.refused if event.source else event.refused[1:]  # else the first is the problem
    refused = [f"passed over: {sentence(problem)}" for problem in passed_over] if verbose else []
    if event.source is None:
        found = f"no cover: {sentence(event.problem)}" if event.problem else ""
    elif verbose:
        made = f", in {event.versions} versions" if event.versions > 1 else ""
        size = f"{event.width} x {event.height}, {size_text(event.size)}{made}"
        found = f"cover {event.source}, {size}" + (f" ({event.reason})" if event.reason else "")
    else:
        found = f"some sites get no cover: {sentence(event.problem)}" if event.problem else ""
    return printable("; ".join(filter(None, [found, *refused]))) or None


def _hashed(event: PiecesHashed) -> str:
    rate = rate_text(event.size, event.seconds)
    pieces = f"{count_of(event.pieces, 'piece')} of {size_text(event.piece_length)}"
    return f"hashed {size_text(event.size)} in {event.seconds:.2f} s{f' ({rate})' if rate else ''}, {pieces}"


def _done(event: UploadDone) -> str:
    text = "on the site already" if event.existing else "uploaded"
    text = _joined(text, event.url or event.torrent_id)
    return f"{text} ({sentence(event.message)})" if event.message else text


def _joined(text: str, address: str | None) -> str:
    return f"{text}, {printable(address)}" if address else text
