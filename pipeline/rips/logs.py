"""Finds the rip logs among an album's files, and tells what they say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from attrs import evolve, frozen

from ..folders import cannot_read
from ..model.files import AlbumFile, FileSet
from ..model.rips import LogChecksum, RipLog
from .decoding import UTF_16, decode
from .rippers import EAC, LogFormat, recognise
from .toc import toc_tracks
from .verdict import Verdict, judge

LOG_SIZE = 1024 * 1024
"""Bytes; no ripper writes a longer log."""
OTHER_DISC = "the disc in the log has"
"""How the deduction begins that a log of another disc has."""
HIDDEN_TRACK = re.compile(r"00(?!\d)")
"""A track before the first, which no table of contents lists."""


@frozen
class _Read:
    log: RipLog
    tracks: int


def read_rip_logs(files: FileSet) -> tuple[RipLog, ...]:
    """The logs of CD rippers among the files, judged; other logs are no part of it.

    Blocks. Raises ScanError where a log cannot be read.
    """
    candidates = (file for file in files.files if file.parts[-1].lower().endswith(".log"))
    read = [found for file in candidates if file.size <= LOG_SIZE and (found := _read(file))]
    return _compared(read, files.audio)


def is_of_another_disc(log: RipLog) -> bool:
    """Whether the log's disc has another count of tracks than the folder: it tells nothing of the audio."""
    return any(line.startswith(OTHER_DISC) for line in log.deductions)


def _read(file: AlbumFile) -> _Read | None:
    try:
        data = file.path.read_bytes()
    except OSError as error:
        raise cannot_read(file.path, error) from error
    text = decode(data)
    recognised = recognise(text)
    if recognised is None:
        return None
    log_format, ripper = recognised
    verdict = judge(data) if log_format.judged else None
    log = RipLog(
        file=file,
        ripper=ripper,
        checksum=_checksum(log_format, data, text, verdict),
        score=verdict.score if verdict else None,
        deductions=verdict.deductions if verdict else (),
    )
    return _Read(log, toc_tracks(text))


def _checksum(log_format: LogFormat, data: bytes, text: str, verdict: Verdict | None) -> LogChecksum:
    if log_format.checksum is None or not log_format.checksum.search(text):
        return LogChecksum.MISSING
    found = set(verdict.integrity) if verdict else set()
    if "Mismatch" in found:
        return LogChecksum.BAD
    if log_format is EAC and data[:2] not in UTF_16:
        return LogChecksum.MISSING  # saved again in another encoding: neither EAC nor a site counts it then
    if "Match" not in found:
        return LogChecksum.UNCHECKED
    return LogChecksum.GOOD if found == {"Match"} else LogChecksum.MISSING


def _compared(read: list[_Read], audio: Iterable[AlbumFile]) -> tuple[RipLog, ...]:
    """The logs, with a line in those that are of another disc than the audio beside them."""
    beside = Counter(file.parts[:-1] for file in audio if not HIDDEN_TRACK.match(file.parts[-1]))
    logs = Counter(found.log.file.parts[:-1] for found in read)
    return tuple(
        _other_disc(found, beside[folder]) if logs[folder] == 1 else found.log
        for found in read
        for folder in [found.log.file.parts[:-1]]
    )


def _other_disc(found: _Read, files: int) -> RipLog:
    """One file may hold the whole disc, and a folder without audio tells nothing."""
    if files <= 1 or found.tracks in (0, files):
        return found.log
    line = f"{OTHER_DISC} {found.tracks} tracks, the folder {files}"
    return evolve(found.log, deductions=(*found.log.deductions, line))
