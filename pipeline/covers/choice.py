"""Which of several pictures is the cover, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .candidates import Candidate
from .names import Place, Role

ENOUGH_SIDE = 500
"""Pixels of the shorter side; more of them make a picture no better a cover."""
SQUARE_ENOUGH = 1.25
"""Longer to shorter side; beyond it lie scans of unfolded sleeves, booklets and cases."""

PLACES = {
    Place.BESIDE: "beside the tracks",
    Place.ART_FOLDER: "in a folder of artwork",
    Place.EMBEDDED: "in the tags",
}
ROLES = {
    Role.FRONT: "front cover",
    Role.PERHAPS: "perhaps the front",
    Role.OTHER: "no front cover by its tag",
}


def best_first(candidates: Iterable[Candidate]) -> list[Candidate]:
    """By role, then size, shape, place and name: a thumbnail comes after a large picture in the tags."""
    return sorted(candidates, key=_merit)


def reason_for(chosen: Candidate, others: Sequence[Candidate]) -> str:
    """What speaks for the picture, and what it was preferred to."""
    traits = [ROLES[chosen.role], PLACES[chosen.place], f"{chosen.width} x {chosen.height}"]
    if not _is_large(chosen):
        traits.append("small")
    if not _is_square(chosen):
        traits.append("not square")
    preferred = [f"{other.source} ({_lack(other, chosen)})" for other in others if other.fault is None]
    return ", ".join(traits) + (f"; preferred to {', '.join(preferred)}" if preferred else "")


def _merit(candidate: Candidate) -> tuple[object, ...]:
    return (
        candidate.role,
        -min(candidate.width, candidate.height, ENOUGH_SIDE),
        not _is_square(candidate),
        candidate.place,
        candidate.rank,
        len(candidate.path.parts),
        candidate.source.casefold(),
    )


def _is_large(candidate: Candidate) -> bool:
    return min(candidate.width, candidate.height) >= ENOUGH_SIDE


def _is_square(candidate: Candidate) -> bool:
    return max(candidate.width, candidate.height) <= SQUARE_ENOUGH * min(candidate.width, candidate.height)


def _lack(other: Candidate, chosen: Candidate) -> str:
    """In what the other is behind, the weightiest first."""
    if other.role != chosen.role:
        return ROLES[other.role]
    if min(other.width, other.height, ENOUGH_SIDE) < min(chosen.width, chosen.height, ENOUGH_SIDE):
        return f"only {other.width} x {other.height}"
    if _is_square(chosen) and not _is_square(other):
        return f"{other.width} x {other.height}, not square"
    return PLACES[other.place] if other.place != chosen.place else "by its name"
