"""Checks a release against what a site refuses, so that nothing is hashed or sent in vain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .model.files import FileSet
from .model.release import Release
from .model.rules import SiteRules
from .text import printable

NAMED_FILES = 5
"""How many files one rule names."""
WINDOWS_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE | re.DOTALL)
PADDING_PREFIXES = ("____padding", ".____padding", ".pad")


def problems(
    release: Release, rules: SiteRules, *, name: str | None = None, description: str | None = None
) -> list[str]:
    """What the site would refuse, one line a problem, each with what mends it; empty if nothing.

    `name` and `description` are checked where they are given. Asks nobody.
    """
    files = release.album.files
    return [
        *_text_problems(rules, name, description),
        *_folder_problems(files, rules),
        *_shortened(_undecodable(files)),
        *_shortened(_long_paths(files, rules)),
        *_shortened(_long_names(files, rules)),
        *_shortened(_forbidden_characters(files, rules)),
        *_shortened(_forbidden_prefixes(files, rules)),
        *_shortened(_windows_names(files, rules)),
    ]


def _text_problems(rules: SiteRules, name: str | None, description: str | None) -> Iterator[str]:
    if name is not None and rules.name_length is not None and len(name) > rules.name_length:
        yield (
            f"the release name has {len(name)} characters, the site takes {rules.name_length}: "
            f"use a shorter name_template ({name})"
        )
    size = len(description.encode("utf-8", "surrogatepass")) if description is not None else 0
    if rules.description_bytes is not None and size > rules.description_bytes:
        yield (
            f"the description has {size} bytes, the site takes {rules.description_bytes}: "
            "use a shorter description_template"
        )


def _folder_problems(files: FileSet, rules: SiteRules) -> Iterator[str]:
    if rules.folder_required and files.single:
        yield f"{printable(files.name)} is a single file, the site wants a folder: put it into one of its own"


def _undecodable(files: FileSet) -> Iterator[str]:
    for parts in _all_names(files):
        if any("\ud800" <= character <= "\udfff" for character in parts[-1]):
            yield f"{_shown(parts)}: the name is not UTF-8: rename it"


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
                    f"{_shown(file.parts)}: {what} {len(path)} characters, the site takes {limit}: "
                    "shorten their names"
                )


def _long_names(files: FileSet, rules: SiteRules) -> Iterator[str]:
    for parts in _all_names(files):
        size = len(parts[-1].encode("utf-8", "surrogateescape"))
        if size > rules.file_name_bytes:
            yield f"{_shown(parts)}: {size} bytes, the site takes {rules.file_name_bytes}: shorten the name"


def _forbidden_characters(files: FileSet, rules: SiteRules) -> Iterator[str]:
    for parts in _names_below(files):
        found = [character for character in rules.forbidden_characters if character in parts[-1]]
        if found:
            yield f"{_shown(parts)}: the site refuses {printable(' '.join(found))} in a name: rename it"


def _forbidden_prefixes(files: FileSet, rules: SiteRules) -> Iterator[str]:
    for parts in _names_below(files):
        for prefix in rules.forbidden_prefixes:
            if parts[-1].startswith(prefix):
                yield f"{_shown(parts)}: the site refuses a name that starts with {prefix}: rename it"


def _windows_names(files: FileSet, rules: SiteRules) -> Iterator[str]:
    for parts in _names_below(files) if rules.windows_names else ():
        if flaw := _windows_flaw(parts[-1]):
            yield f"{_shown(parts)}: the site refuses a name that {flaw}: rename it"


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


def _shown(parts: Sequence[str]) -> str:
    return printable("/".join(parts))


def _shortened(lines: Iterator[str]) -> list[str]:
    """The first lines, the last of them telling how many more there are."""
    found = list(lines)
    if len(found) > NAMED_FILES:
        found[NAMED_FILES - 1] += f" (+{len(found) - NAMED_FILES} more)"
    return found[:NAMED_FILES]
