"""Asks at the terminal for what the files of albums do not say."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from pipeline.gap_file import GapEntry
from pipeline.gaps import GAPS, read_fields
from pipeline.text import printable

NAMING = frozenset({"artist", "title"})
"""What no release can be named without."""


def ask_for_gaps(entries: Sequence[GapEntry], console: Console) -> Mapping[str, dict[str, object]]:
    """The album fields that the user tells, by content id; nothing where there is no terminal to ask at.

    An empty answer leaves a field out. Ctrl-C, or the end of input, ends the questions and keeps what was
    answered. Blocks.
    """
    answers: dict[str, dict[str, object]] = {}
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return answers
    try:
        for entry in entries:
            if entry.content_id not in answers:  # a copy of the same audio is asked of once
                console.print(Text(_heading(entry), "bold"), soft_wrap=True)
                answers[entry.content_id] = {}
                for key in entry.missing:
                    answers[entry.content_id] |= _ask(key, console)
    except (KeyboardInterrupt, EOFError):
        console.print()
    return {content_id: values for content_id, values in answers.items() if values}


def _heading(entry: GapEntry) -> str:
    named = " - ".join(entry.known[key] for key in ("artist", "title") if key in entry.known)
    folder = str(entry.folder)
    return printable(f"{named}: {folder}" if named else folder)


def _ask(key: str, console: Console) -> dict[str, object]:
    """Asks until the answer can be read; none where it is empty."""
    why = "no release is named without it" if key in NAMING else "a site wants to know it"
    prompt = Text(f"  {key.replace('_', ' ')} ({why}; {GAPS[key].wanted}; empty leaves it out): ")
    while answer := console.input(prompt).strip():
        values, problems = read_fields({key: answer})
        if not problems:
            return values
        console.print(Text(f"  {'; '.join(problems)}", "red"), soft_wrap=True)
    return {}
