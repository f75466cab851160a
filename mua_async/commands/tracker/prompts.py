"""Single questions whose answers go into a tracker's table, asked again until they may stand there."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ...config.schema import SECRETS
from ...config.values import near_miss
from ...display.text import sentence
from ...terminal import ask, tell
from .draft import Draft

Place = tuple[str, ...]
"""The keys that lead to a value in the tracker's table."""


def ask_for(
    draft: Draft,
    place: Place,
    question: str,
    *,
    default: str = "",
    implied: str = "",
    required: bool = False,
    read: Callable[[str], object] = str,
) -> str:
    """The answer, which stands in the table now; an empty one leaves its place empty.

    `implied` is what holds where nothing is written, and is not written.
    """
    while True:
        answer = ask(question, default=default or implied, hidden=place[0] in SECRETS)
        if required and not answer:
            continue
        if not answer or answer == implied or put(draft, place, read(answer)):
            return answer


def put(draft: Draft, place: Place, value: object) -> bool:
    """Whether the value may stand there, and does now; what is wrong with it is told."""
    problems = draft.put(place, value)
    for problem in problems:
        tell(f"  {sentence(problem)}")
    return not problems


def choose(question: str, choices: Iterable[str], *, default: str = "", none: str = "") -> str:
    """One of the choices; where `none` says what that means, also an empty answer."""
    known = tuple(choices)
    nothing = f"; empty: {none}" if none else ""
    while True:
        answer = ask(f"{question} ({', '.join(known)}{nothing})", default=default).lower()
        if answer in known or (none and not answer):
            return answer
        tell(f"  must be one of {', '.join(known)}{near_miss(answer, known)}")
