"""Asks at the terminal for what the files of albums do not say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from pipeline.gap_file import GapEntry
from pipeline.gaps import GAPS, read_fields
from pipeline.text import printable

from .display.text import count_of

NAMING = frozenset({"artist", "title"})
"""What no release can be named without."""
KEYS = "An empty answer leaves a field out, Ctrl-D all that follow; after Ctrl-C nothing more is sent."


def ask_for_gaps(entries: Sequence[GapEntry], console: Console) -> Mapping[str, dict[str, object]]:
    """The album fields that the user tells, by content id.

    An empty answer leaves a field out. The end of input (Ctrl-D) ends the questions and keeps what was
    answered, Ctrl-C keeps nothing. Blocks.
    """
    answers: dict[str, dict[str, object]] = {}
    albums = len({entry.content_id for entry in entries})
    console.print(Text(f"Sites want to know more of {count_of(albums, 'album')}. {KEYS}"), soft_wrap=True)
    try:
        for entry in entries:
            if entry.content_id not in answers:  # a copy of the same audio is asked of once
                console.print(Text(_heading(entry), "bold"), soft_wrap=True)
                answers[entry.content_id] = {}
                for key in entry.missing:
                    answers[entry.content_id] |= _ask(key, console)
    except EOFError:
        console.print()
    except KeyboardInterrupt:
        console.print()
        return {}
    return {content_id: values for content_id, values in answers.items() if values}


def _heading(entry: GapEntry) -> str:
    named = " - ".join(entry.known[key] for key in ("artist", "title") if key in entry.known)
    folder = str(entry.folder)
    return printable(f"{named}: {folder}" if named else folder)


def _ask(key: str, console: Console) -> dict[str, object]:
    """Asks until the answer can be read; none where it is empty."""
    why = "no release is named without it" if key in NAMING else "a site wants to know it"
    prompt = Text(f"  {key.replace('_', ' ')} ({why}; {GAPS[key].wanted}; empty leaves it out): ")
    while True:
        try:
            answer = console.input(prompt).strip()
            answer.encode()  # fails for what could not be decoded and was let through all the same
        except UnicodeError:
            console.print(Text("  this is not in the terminal's encoding", "red"), soft_wrap=True)
            continue
        if not answer:
            return {}
        values, problems = read_fields({key: answer})
        if not problems:
            return values
        console.print(Text(f"  {'; '.join(problems)}", "red"), soft_wrap=True)
