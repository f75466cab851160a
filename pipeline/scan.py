"""The first stage: finds the albums that PATHs name, one at a time, without holding the library in memory."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterable, Iterator
from pathlib import Path
from threading import Event

from attrs import evolve, frozen

from .errors import ScanError, unexpected
from .folders import (
    Listing,
    audio_in,
    audio_near,
    cannot_read,
    disc_number,
    holds_audio,
    is_audio,
    list_folder,
)
from .model.files import AlbumFile, FileSet


@frozen
class Search:
    """What a scan is told while it runs."""

    stopped: Event
    known: Callable[[FileSet], bool]


async def scan_albums(
    paths: Iterable[Path],
    *,
    one_album: bool = False,
    known: Callable[[FileSet], Coroutine[None, None, bool]] | None = None,
) -> AsyncIterator[FileSet | ScanError]:
    """Finds albums as `scan` does, each in a worker thread, which a cancellation leaves behind to end."""
    from anyio import from_thread, to_thread  # only now, as `share_an_album` below: `scan` must start fast

    stopped = Event()

    def ask(files: FileSet) -> bool:
        return known is not None and from_thread.run(known, files)

    found = scan(paths, one_album=one_album, stopped=stopped, known=ask)
    try:
        while (album := await to_thread.run_sync(next, found, None, abandon_on_cancel=True)) is not None:
            yield album
    finally:
        stopped.set()


def scan(
    paths: Iterable[Path],
    *,
    one_album: bool = False,
    stopped: Event | None = None,
    known: Callable[[FileSet], bool] | None = None,
) -> Iterator[FileSet | ScanError]:
    """Finds the albums at and below the paths, each once, in the order of the paths and then of the names.

    What is no album, or cannot be read, comes as an error among them, and the search goes on.
    With `one_album`, all audio below each path is one album. Ends at the next folder when `stopped` is set.
    A folder whose files are `known` as an album is no disc of another one: its tags need not be read.
    """
    search = Search(stopped or Event(), known or (lambda files: False))
    roots = [_absolute(path) for path in paths]
    named = {_key(root) for root in roots}
    seen: set[bytes] = set()
    for root in roots:
        for found in _ending_alone(root, _albums_at(root, one_album, search)):
            if isinstance(found, ScanError):
                yield found
                continue
            key = _key(found.root)
            if key not in seen:
                seen.add(key)
                yield evolve(found, named=key in named)


def _ending_alone(root: Path, albums: Iterator[FileSet | ScanError]) -> Iterator[FileSet | ScanError]:
    """A fault under one path ends the search there, not under the others."""
    try:
        yield from albums
    except Exception as error:  # noqa: BLE001 - the worker's boundary
        yield ScanError(f"{root}: {unexpected(error)}", path=root, reason="unexpected")


def _absolute(path: Path) -> Path:
    """The path as the user sees it, links kept; only `..` needs the real one, to have a name."""
    return path.resolve() if ".." in path.parts else path.absolute()


def _key(root: Path) -> bytes:
    """A small name for the folder or file itself, however it was reached."""
    return hashlib.blake2b(os.fsencode(os.path.realpath(root)), digest_size=16).digest()


def _albums_at(root: Path, one_album: bool, search: Search) -> Iterator[FileSet | ScanError]:
    try:
        mode = root.stat().st_mode
    except OSError as error:
        yield cannot_read(root, error)
        return
    if not stat.S_ISDIR(mode):
        yield _single_file(root) if stat.S_ISREG(mode) and is_audio(root.name) else _no_audio(root)
        return
    found_any = False
    for found in _one_album(root) if one_album else _albums_below(root, search):
        found_any = True
        yield found
    if not found_any and not search.stopped.is_set():
        yield _no_audio(root)


def _single_file(path: Path) -> FileSet | ScanError:
    try:
        return FileSet(path, (_album_file(str(path), (path.name,)),), single=True)
    except ScanError as error:
        return error


def _one_album(root: Path) -> Iterator[FileSet | ScanError]:
    try:
        album = FileSet(root, _collect(root, list_folder(str(root)), None))
    except ScanError as error:
        yield error
        return
    if album.audio:
        yield album


def _albums_below(root: Path, search: Search) -> Iterator[FileSet | ScanError]:
    pending = [str(root)]
    while pending and not search.stopped.is_set():
        folder = pending.pop()
        try:
            listing = list_folder(folder)
            discs = _disc_folders(folder, listing, search)
            if discs is not None:
                yield FileSet(Path(folder), _collect(Path(folder), listing, discs))
                continue
        except ScanError as error:
            yield error
            continue
        pending.extend(os.path.join(folder, name) for name in reversed(listing.folders))


def _disc_folders(folder: str, listing: Listing, search: Search) -> Collection[str] | None:
    """The subfolders whose audio belongs to the album that this folder is; None if it is no album."""
    discs = [name for name in listing.folders if disc_number(name) is not None]
    if listing.has_audio:
        return discs
    others = [name for name in listing.folders if name not in discs]
    if not any(audio_near(os.path.join(folder, name)) for name in discs):
        return _tagged_discs(folder, others, search)
    if any(holds_audio(os.path.join(folder, name)) for name in others):
        return _tagged_discs(folder, listing.folders, search) or discs
    return discs


def _tagged_discs(folder: str, names: Iterable[str], search: Search) -> list[str] | None:
    """The subfolders with audio, if their tags make them discs 1..N of one album.

    Asks no more of them than it must, since a library's root may have thousands.
    """

    from .disc_tags import share_an_album

    def first_tracks() -> Iterator[Path | None]:
        for name in names:
            subfolder = os.path.join(folder, name)
            if track := audio_in(subfolder):
                discs.append(name)
                yield None if _is_known(subfolder, search) else Path(track)
            elif audio_near(subfolder):
                yield None
            else:
                others.append(subfolder)

    discs: list[str] = []
    others: list[str] = []
    if not share_an_album(first_tracks()) or any(map(holds_audio, others)):
        return None
    return discs


def _is_known(folder: str, search: Search) -> bool:
    """Whether the folder, which has audio, was an album of its own and lies as it did."""
    try:
        listing = list_folder(folder)
        files = _collect(Path(folder), listing, _disc_folders(folder, listing, search))
    except ScanError:
        return False
    return search.known(FileSet(Path(folder), files))


def _collect(root: Path, listing: Listing, discs: Collection[str] | None) -> tuple[AlbumFile, ...]:
    """All files of the album; audio must lie in the root or in `discs`, or anywhere where that is None."""
    files: list[AlbumFile] = []
    pending: list[tuple[str, ...]] = [()]
    while pending:
        above = pending.pop()
        if above:
            listing = list_folder(os.path.join(root, *above))
            if listing.has_audio and discs is not None and (len(above) > 1 or above[0] not in discs):
                raise _ambiguous(root, root.joinpath(*above))
        files.extend(_album_file(entry.path, (*above, entry.name)) for entry in listing.files)
        pending.extend((*above, name) for name in reversed(listing.folders))
    return tuple(sorted(files, key=lambda file: [os.fsencode(part) for part in file.parts]))


def _album_file(path: str, parts: tuple[str, ...]) -> AlbumFile:
    try:
        status = os.stat(path)
        if not os.access(path, os.R_OK, effective_ids=True):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise cannot_read(path, error) from error
    return AlbumFile(
        path=Path(path),
        parts=parts,
        size=status.st_size,
        mtime_ns=status.st_mtime_ns,
        ctime_ns=status.st_ctime_ns,
        inode=status.st_ino,
        audio=is_audio(parts[-1]),
    )


def _no_audio(path: Path) -> ScanError:
    return ScanError(
        f"{path} holds no audio", path=path, reason="no_audio", hint="name an album folder or an audio file"
    )


def _ambiguous(root: Path, subfolder: Path) -> ScanError:
    return ScanError(
        f"{root} may be one album or several: there is audio in {subfolder.relative_to(root)} too",
        path=root,
        reason="ambiguous_folder",
        hint="--one-album makes it one; else name the album folders themselves, or move the loose files",
    )
