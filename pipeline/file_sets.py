"""The files of an album that one site gets: without junk, and without what it does not take."""

from __future__ import annotations

import os
import re
from fnmatch import translate
from functools import lru_cache
from typing import TYPE_CHECKING

from attrs import evolve

from .model.files import AlbumFile, FileSet
from .model.rules import SiteRules

if TYPE_CHECKING:
    from .model.release import Release


def files_for(files: FileSet, rules: SiteRules) -> FileSet:
    """The files that the site gets; the same object where nothing is left out.

    Audio is never left out: what a site does not take of it keeps the album from being sent there.
    """
    left = frozenset(left_out(files, rules))
    return evolve(files, files=tuple(file for file in files.files if file not in left)) if left else files


def left_out(files: FileSet, rules: SiteRules) -> tuple[AlbumFile, ...]:
    """The files that the site does not get: junk, all in a folder of junk, and foreign extensions."""
    return tuple(file for file in files.files if not file.audio and _is_unwanted(file, rules))


def release_with(release: Release, files: FileSet) -> Release:
    """The release as a site sees it that gets these files; the same object where it gets all of them."""
    if files is release.album.files:
        return release
    return evolve(release, album=evolve(release.album, files=files))


def extension(file: AlbumFile) -> str:
    """In lower case, without the dot; empty for `README` and `.nfo`."""
    return os.path.splitext(file.parts[-1])[1][1:].lower()


def _is_unwanted(file: AlbumFile, rules: SiteRules) -> bool:
    if rules.extensions is not None and extension(file) not in rules.extensions:
        return True
    junk = _any_of(rules.junk)
    return any(junk.fullmatch(part) for part in file.parts)


@lru_cache
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, patterns)), re.IGNORECASE)
