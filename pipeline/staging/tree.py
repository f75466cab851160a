"""Builds the staged tree out of reflinks or hard links: the music itself is never copied."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from attrs import evolve

from ..errors import StageError
from ..hashing.job import changed, unreadable
from ..model.files import AlbumFile, FileSet
from ..model.rules import SiteRules
from ..text import printable
from .links import is_link, link
from .names import repair, whole_paths

HINTS = {
    errno.EXDEV: "choose a folder on the same file system as the music",
    errno.EPERM: "choose a folder on a file system with hard links, and let the music be your own",
    errno.EMLINK: "choose a folder on a file system with reflinks",
}


def stage(files: FileSet, rules: Sequence[SiteRules], folder: Path) -> FileSet:
    """The album under names that every rule set takes: `files` itself, or a tree of links in `folder`.

    A tree that stands there already is used again. Its files are reflinks where the file system has them,
    else hard links: these share their content with the library, so that nobody may write to them, and making
    them changes the ctime of the library's files, nothing else. The result has the states after the last
    link; `files` itself may not pass `check_unchanged` any more. Blocks. Raises StageError where the tree
    cannot be made or something else stands in its place, HashError where a file is not what the scan saw.
    """
    renamed = repair(files, rules)
    if all(old == new for old, new in renamed.items()):
        return files
    folder = folder.absolute()
    _refuse_overlap(files.root, folder)
    plan = {
        folder.joinpath(*renamed[path]): file
        for path, file in zip(whole_paths(files), files.files, strict=True)
    }
    root = folder / next(iter(renamed.values()))[0]
    _refuse_others(root, plan)
    for path, file in plan.items():
        _link(file, path)
    return evolve(files, root=root, files=_staged(plan, root, files.single), staged_from=files.root)


def _refuse_overlap(album: Path, folder: Path) -> None:
    real_album, real_folder = Path(os.path.realpath(album)), Path(os.path.realpath(folder))
    if real_album.is_relative_to(real_folder) or real_folder.is_relative_to(real_album):
        raise StageError(
            f"{printable(str(album))} cannot be staged in {printable(str(folder))}: one lies in the other",
            path=album,
            reason="stage",
            hint="choose a folder outside the library",
        )


def _refuse_others(root: Path, plan: Mapping[Path, AlbumFile]) -> None:
    """Whether the files of the plan are what they should be is seen when they are linked."""
    folders = {folder for path in plan for folder in path.parents}
    for path in _entries(root):
        if path not in plan and not (path in folders and _is_folder(path)):
            raise _in_the_way(path)


def _entries(root: Path) -> Iterator[Path]:
    """Everything that stands at `root` and below it."""
    if not os.path.lexists(root):
        return
    yield root
    if _is_folder(root):
        try:
            for name in sorted(os.listdir(root)):
                yield from _entries(root / name)
        except OSError as error:
            raise _failed(root, root, error) from error


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _link(file: AlbumFile, path: Path) -> None:
    _check(file)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not os.path.lexists(path):
            link(file.path, path)
        elif _is_folder(path) or not is_link(file.path, path):
            raise _in_the_way(path)
    except OSError as error:
        raise _failed(file.path, path, error) from error
    _check(file)


def _check(file: AlbumFile) -> None:
    """The ctime is no matter: a link that another album or an earlier run has made changes it."""
    try:
        now = os.stat(file.path)
    except OSError as error:
        raise unreadable(file, error) from error
    if (file.size, file.mtime_ns, file.inode) != (now.st_size, now.st_mtime_ns, now.st_ino):
        raise changed(file)


def _staged(plan: Mapping[Path, AlbumFile], root: Path, single: bool) -> tuple[AlbumFile, ...]:
    """The files as they lie in the tree, in torrent order."""
    above = root.parent if single else root
    staged = [_as_staged(file, path, path.relative_to(above).parts) for path, file in plan.items()]
    return tuple(sorted(staged, key=lambda file: [os.fsencode(part) for part in file.parts]))


def _as_staged(file: AlbumFile, path: Path, parts: tuple[str, ...]) -> AlbumFile:
    try:
        now = os.stat(path)
    except OSError as error:
        raise _failed(file.path, path, error) from error
    return evolve(
        file,
        path=path,
        parts=parts,
        size=now.st_size,
        mtime_ns=now.st_mtime_ns,
        ctime_ns=now.st_ctime_ns,
        inode=now.st_ino,
    )


def _in_the_way(path: Path) -> StageError:
    return StageError(
        f"{printable(str(path))} is in the way of a staged album, and is not of it",
        path=path,
        reason="stage",
        hint="move it away, or choose another folder",
    )


def _failed(source: Path, target: Path, error: OSError) -> StageError:
    return StageError(
        f"{printable(str(source))} cannot be staged as {printable(str(target))}: {error.strerror}",
        path=source,
        reason="stage",
        hint=HINTS.get(error.errno or 0, "check the folder's permissions and the free space"),
    )
