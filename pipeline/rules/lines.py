"""How problems are put into words: on one line each, and not too many of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..text import printable

NAMED_FILES = 5
"""How many files one rule names."""


def shown(parts: Sequence[str]) -> str:
    """A path below the album folder, harmless to a terminal."""
    return printable("/".join(parts))


def listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))


def set_option(name: str) -> str:
    """The option that fills this field of the album."""
    return f"--set {'tags' if name == 'genres' else name}=..."


def shortened(lines: Iterable[str]) -> list[str]:
    """The first lines, the last of them telling how many more there are."""
    found = list(lines)
    if len(found) > NAMED_FILES:
        found[NAMED_FILES - 1] += f" (+{len(found) - NAMED_FILES} more)"
    return found[:NAMED_FILES]
