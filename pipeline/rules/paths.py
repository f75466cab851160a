"""Rules about the names of the folder and of the files, each as it lies on the disk."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from ..model.files import FileSet
from ..model.rules import SiteRules
from ..text import printable
from .lines import shortened, shown

MENDED = "rename it, or give --stage DIR"
WINDOWS_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE | re.DOTALL)
PADDING_PREFIXES = ("____padding", ".____padding", ".pad")
INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
"""Unicode's controls, format characters such as U+200B, and separators."""
BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that leave no mark, by which names are made to look empty."""


def path_problems(files: FileSet, rules: SiteRules) -> list[str]:
    """What is wrong with the names; lengths are those of the names on the disk, which the torrent tells.

    A decomposed é is two characters there: sites count code points, and no client could find the file
    under another spelling.
    """
    return [
        *_folder_problems(files, rules),
        *shortened(_undecodable(files)),
        *shortened(_invisible(files)),
        *shortened(_long_paths(files, rules)),
        *shortened(_long_names(files, rules)),
        *shortened(_forbidden_characters(files, rules)),
        *shortened(_forbidden_prefixes(files, rules)),
        *shortened(_windows_names(files, rules)),
    ]


def _folder_problems(files: FileSet, rules: SiteRules) -> Iterator[str]:
    if rules.folder_required and files.single:
        yield f"{printable(files.name)} is a single file, the site wants a folder: put it into one of its own"


def _undecodable(files: FileSet) -> Iterator[str]:
    for parts in _all_names(files):
        if any("\ud800" <= character <= "\udfff" for character in parts[-1]):
            yield f"{shown(parts)}: the name is not UTF-8: rename it"


def _invisible(files: FileSet) -> Iterator[str]:
    for *above, name in _all_names(files):
        if all(map(_is_invisible, name)):
            points = " ".join(_named(character) for character in dict.fromkeys(name))
            yield f"{shown((*above, points))}: the name shows nothing: rename it"


def _long_paths(files: FileSet, rules: SiteRules) -> Iterator[str]:
    for file in files.files:
        below = "/".join(file.parts)
        whole = below if files.single else f"{files.name}/{below}"
        for path, limit, what in (
            (whole, rules.path_length, "folder and file together have"),
            (below, rules.inner_path_length, "below the folder there are"),
        ):
            if limit is not None and len(path) > limit:
                yield (
                    f"{shown(file.parts)}: {what} {len(path)} characters, the site takes {limit}: "
                    "shorten their names"
                )


def _long_names(files: FileSet, rules: SiteRules) -> Iterator[str]:
    for parts in _all_names(files):
        size = len(parts[-1].encode("utf-8", "surrogateescape"))
        if size > rules.file_name_bytes:
            yield f"{shown(parts)}: {size} bytes, the site takes {rules.file_name_bytes}: shorten the name"


def _forbidden_characters(files: FileSet, rules: SiteRules) -> Iterator[str]:
    for parts in _names_below(files):
        if found := [character for character in rules.forbidden_characters if character in parts[-1]]:
            yield f"{shown(parts)}: the site refuses {' '.join(map(_named, found))} in a name: {MENDED}"


def _forbidden_prefixes(files: FileSet, rules: SiteRules) -> Iterator[str]:
    for parts in _names_below(files):
        for prefix in rules.forbidden_prefixes:
            if parts[-1].startswith(prefix):
                start = "".join(map(_named, prefix))
                yield f"{shown(parts)}: the site refuses a name that starts with {start}: {MENDED}"


def _windows_names(files: FileSet, rules: SiteRules) -> Iterator[str]:
    for parts in _names_below(files) if rules.windows_names else ():
        if flaw := _windows_flaw(parts[-1]):
            yield f"{shown(parts)}: the site refuses a name that {flaw}: {MENDED}"


def _windows_flaw(name: str) -> str | None:
    """What makes a name one that Windows, or a client's padding rule, cannot take."""
    if not name.strip("."):
        return "has only dots"
    if name.endswith((".", " ")):
        return "ends in a dot or a space"
    if WINDOWS_DEVICE.fullmatch(name):
        return "is a device of Windows"
    if name.startswith(PADDING_PREFIXES):
        return "looks like a padding file"
    return None


def _names_below(files: FileSet) -> list[tuple[str, ...]]:
    """Every folder and file below the top folder once, as the path to it; for a single file its name."""
    paths = (file.parts[: depth + 1] for file in files.files for depth in range(len(file.parts)))
    return list(dict.fromkeys(paths))


def _all_names(files: FileSet) -> list[tuple[str, ...]]:
    """The same with the top folder."""
    below = _names_below(files)
    return below if files.single else [(files.name,), *below]


def _named(character: str) -> str:
    """The character, or its number where it would not be seen."""
    return f"U+{ord(character):04X}" if _is_invisible(character) else character


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in INVISIBLE_CATEGORIES or character in BLANK_LETTERS
