"""What several sites refuse in a name, taken together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import frozen

from ..model.rules import SiteRules


@frozen
class Limits:
    """The strictest of several rule sets; lengths are in characters, `name_bytes` in bytes."""

    forbidden: frozenset[str]
    prefixes: tuple[str, ...]
    windows: bool
    name_bytes: int
    path_length: int | None
    inner_path_length: int | None


def strictest(rules: Sequence[SiteRules]) -> Limits:
    """The limits within which every one of at least one rule set is content."""
    return Limits(
        forbidden=frozenset(character for each in rules for character in each.forbidden_characters),
        prefixes=tuple(
            dict.fromkeys(prefix for each in rules for prefix in each.forbidden_prefixes if prefix)
        ),
        windows=any(each.windows_names for each in rules),
        name_bytes=min(each.file_name_bytes for each in rules),
        path_length=_lowest(each.path_length for each in rules),
        inner_path_length=_lowest(each.inner_path_length for each in rules),
    )


def _lowest(lengths: Iterable[int | None]) -> int | None:
    return min((length for length in lengths if length is not None), default=None)
