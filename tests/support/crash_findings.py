"""What became of albums whose uploads were killed: what is wrong, and what is honestly not known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import define, field

Row = Mapping[str, Any]
"""What `status --json` says of an album at a site."""

HAS = frozenset({"done", "existing"})
"""The outcomes that say that the site has it."""


@define
class Findings:
    """What is wrong, by kind, and what is honestly not known; each entry is a site and an album."""

    duplicates: list[str] = field(factory=list)
    """More than one on the site."""
    repeats: list[str] = field(factory=list)
    """Sent again, although the site may have got it."""
    losses: list[str] = field(factory=list)
    """Not on the site, and the journal does not know of it."""
    false_done: list[str] = field(factory=list)
    """The journal says that the site has it, and the site has not."""
    denied: list[str] = field(factory=list)
    """On the site, and the journal says that it is not."""
    left_open: list[str] = field(factory=list)
    """Neither sent nor unknown, although nothing was in the way."""
    not_found: list[str] = field(factory=list)
    """Unknown, although the site shows it to those who ask."""
    unseeded: list[str] = field(factory=list)
    """Done and finished, and no torrent client was handed it."""
    broken: list[str] = field(factory=list)
    """A run ended as none may, or with a traceback."""
    unknown: list[str] = field(factory=list)
    """Listed as unknown: the one end but `done` that is right."""
    stored: int = 0

    def note(self, cell: str, copies: int, row: Row | None, *, seeds: bool, shown: bool) -> None:
        """`seeds`: a torrent client got it; `shown`: the site tells those who ask what it has."""
        self.stored += copies
        if copies > 1:
            self.duplicates.append(cell)
        if row is None:
            (self.denied if copies else self.losses).append(cell)
        elif row["outcome"] == "unknown":
            self.unknown.append(cell)
            if copies and shown:
                self.not_found.append(f"{cell}: {row['message']}")
        elif row["outcome"] not in HAS:
            (self.denied if copies else self.left_open).append(f"{cell}: {row['outcome']} {row['message']}")
        elif not copies:
            self.false_done.append(f"{cell}: {row['outcome']} {row['message']}")
        elif not (row["finished"] and seeds):
            self.unseeded.append(f"{cell}: {row['step']} {row['message']}")

    @property
    def wrong(self) -> dict[str, list[str]]:
        kinds = (
            *("duplicates", "repeats", "losses", "false_done", "denied"),
            *("left_open", "not_found", "unseeded", "broken"),
        )
        return {kind: found for kind in kinds if (found := getattr(self, kind))}
