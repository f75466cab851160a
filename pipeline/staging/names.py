"""The names of a whole album, repaired so that all of them are taken and no two are the same."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path

from ..errors import StageError
from ..model.files import FileSet
from ..model.rules import SiteRules
from ..text import printable
from .characters import without_refused
from .limits import Limits, strictest
from .shortening import shortened

Parts = tuple[str, ...]


def whole_paths(files: FileSet) -> tuple[Parts, ...]:
    """The path of each file as the torrent has it: the album folder first, or a single file alone."""
    return tuple(file.parts if files.single else (files.name, *file.parts) for file in files.files)


def repair(files: FileSet, rules: Sequence[SiteRules]) -> dict[Parts, Parts]:
    """The whole path of each file with names that every rule set takes; what is taken already stays.

    The same names always become the same. Raises StageError where the folders leave a file no room.
    """
    paths = whole_paths(files)
    if not rules:
        return {path: path for path in paths}
    limits = strictest(rules)
    renamed: dict[Parts, Parts] = {(): ()}
    for above, names in _by_folder(paths).items():
        for name, new in _renamed(names, renamed[above], limits).items():
            if new is None:
                raise _no_room(files.root.parent.joinpath(*above, name))
            renamed[*above, name] = (*renamed[above], new)
    return {path: renamed[path] for path in paths}


def _by_folder(paths: Iterable[Parts]) -> dict[Parts, dict[str, bool]]:
    """The names in each folder, with whether each is a folder itself; a folder comes before those in it."""
    found: defaultdict[Parts, dict[str, bool]] = defaultdict(dict)
    for path in paths:
        for depth, name in enumerate(path):
            found[path[:depth]][name] = depth < len(path) - 1
    return dict(sorted(found.items(), key=lambda folder: len(folder[0])))


def _renamed(names: Mapping[str, bool], above: Parts, limits: Limits) -> dict[str, str | None]:
    """New names for those in one folder; None where there is no room for any."""
    alone = {name: _fitting(name, is_folder, above, limits, "") for name, is_folder in names.items()}
    taken = {_key(name) for name, new in alone.items() if new == name}
    for name in sorted(name for name, new in alone.items() if new != name):
        new = alone[name]
        for number in count(2):
            if new is None or _key(new) not in taken:
                break
            new = _fitting(name, names[name], above, limits, f" ({number})")
        if new is not None:
            taken.add(_key(new))
        alone[name] = new
    return alone


def _fitting(name: str, is_folder: bool, above: Parts, limits: Limits, ending: str) -> str | None:
    """A name that is taken at this place, with `ending` behind its stem; None if there is no room for it."""
    room = None if is_folder else _room(above, limits)
    new = shortened(without_refused(name, limits), room, limits.name_bytes, folder=is_folder, ending=ending)
    while new is not None and without_refused(new, limits) != new:  # a cut can end in a device of Windows
        new = shortened(new, len(new) - 1, limits.name_bytes, folder=is_folder)
    return new


def _room(above: Parts, limits: Limits) -> int | None:
    """The characters that are left for a file's name below its folders."""
    rooms = [
        limit - sum(len(part) + 1 for part in folders)
        for limit, folders in ((limits.path_length, above), (limits.inner_path_length, above[1:]))
        if limit is not None
    ]
    return min(rooms, default=None)


def _key(name: str) -> str:
    """What file systems that ignore case and composition take for the same name."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _no_room(path: Path) -> StageError:
    return StageError(
        f"{printable(str(path))} cannot be staged: the folders' names leave too little room for its own",
        path=path,
        reason="stage",
        hint="shorten the names of the folders",
    )
