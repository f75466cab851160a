"""What a folder holds, as the scan needs to know it: audio, junk, disc folders."""

from __future__ import annotations

import os
import re
from pathlib import Path

from attrs import frozen

from .errors import ScanError

AUDIO_SUFFIXES = frozenset(
    {
        ".flac",
        ".mp3",
        ".m4a",
        ".ogg",
        ".oga",
        ".opus",
        ".wav",
        ".aiff",
        ".aif",
        ".aifc",
        ".wv",
        ".ape",
        ".tta",
        ".dsf",
        ".dff",
        ".ac3",
        ".dts",
    }
)
FOREIGN_AUDIO_SUFFIXES = frozenset({".wma"})
"""Audio that cannot be uploaded yet: it counts as audio, so that no album goes out without its tracks."""

JUNK_NAMES = frozenset(
    {
        "thumbs.db",
        "ehthumbs.db",
        "desktop.ini",
        "@eadir",
        "__macosx",
        "#recycle",
        "@recycle",
        "$recycle.bin",
        "system volume information",
        "lost+found",
        "audiochecker.log",
        "sox.log",
        "icon\r",
    }
)
JUNK_SUFFIXES = (".url", ".torrent", ".part", ".!qb", ".!ut", ".crdownload", ".tmp", ".release.toml")

DISC_FOLDER = re.compile(
    r"(?:cd|disc|disk)[ _-]*0*([1-9][0-9]{0,2})(?![0-9a-z]).*", re.IGNORECASE | re.DOTALL
)


@frozen
class Listing:
    """One folder's content without junk, in torrent order."""

    folders: tuple[str, ...]
    """Names; links to folders are left out."""
    files: tuple[os.DirEntry[str], ...]

    @property
    def has_audio(self) -> bool:
        return any(is_audio(entry.name) for entry in self.files)


def is_audio(name: str) -> bool:
    """Tells by the name whether a file counts as audio."""
    suffix = os.path.splitext(name)[1].lower()
    return suffix in AUDIO_SUFFIXES or suffix in FOREIGN_AUDIO_SUFFIXES


def is_junk(name: str) -> bool:
    """Tells whether a file or folder is hidden, or left behind by a system or a download."""
    lower = name.lower()
    return name.startswith(".") or lower in JUNK_NAMES or lower.endswith(JUNK_SUFFIXES)


def disc_number(name: str) -> int | None:
    """The N of a folder named CD N, Disc N or Disk N; None for other names."""
    match = DISC_FOLDER.fullmatch(name)
    return int(match[1]) if match else None


def list_folder(folder: str) -> Listing:
    """Lists a folder; ScanError where it, or an audio file in it, cannot be read."""
    folders: list[str] = []
    files: list[os.DirEntry[str]] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if is_junk(entry.name):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
                elif _is_file(entry):
                    files.append(entry)
    except OSError as error:
        raise cannot_read(folder, error) from error
    folders.sort(key=os.fsencode)
    files.sort(key=lambda entry: os.fsencode(entry.name))
    return Listing(tuple(folders), tuple(files))


def audio_in(folder: str) -> str | None:
    """The path of an audio file that lies directly in the folder; None where none can be seen."""
    files = _visible(folder).files
    return next((entry.path for entry in files if is_audio(entry.name)), None)


def audio_near(folder: str) -> bool:
    """Tells whether audio can be seen in the folder or in a folder directly in it."""
    listing = _visible(folder)
    return listing.has_audio or any(audio_in(os.path.join(folder, name)) for name in listing.folders)


def holds_audio(folder: str) -> bool:
    """Tells whether any audio can be seen in the folder or anywhere below it."""
    pending = [folder]
    while pending:
        current = pending.pop()
        listing = _visible(current)
        if listing.has_audio:
            return True
        pending.extend(os.path.join(current, name) for name in listing.folders)
    return False


def cannot_read(path: str | Path, error: OSError) -> ScanError:
    """The error for a folder or file that the system does not let us read."""
    problem = error.strerror or str(error)
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return ScanError(f"{path} does not exist", path=Path(path), reason="missing", hint="check the path")
    return ScanError(
        f"{path} cannot be read: {problem}",
        path=Path(path),
        reason="unreadable",
        hint="make it readable for this user",
    )


def _visible(folder: str) -> Listing:
    """A folder's listing for a look ahead: nothing, where the walk itself will meet an error."""
    try:
        return list_folder(folder)
    except ScanError:
        return Listing((), ())


def _is_file(entry: os.DirEntry[str]) -> bool:
    """A regular file or a link to one; an audio file that turns out to be neither is an error."""
    try:
        if entry.is_file():
            return True
        lost = is_audio(entry.name) and not entry.is_dir()
    except OSError:
        lost = is_audio(entry.name)
    if lost:
        raise ScanError(
            f"{entry.path} is no regular file, or a link to one that is gone",
            path=Path(entry.path),
            reason="unreadable",
            hint="restore the file, or remove the link",
        )
    return False
