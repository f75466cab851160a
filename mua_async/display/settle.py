"""What to do about uploads that nobody knows the end of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from .lines import Line
from .text import shell_word


def settle_lines(unknown: Sequence[tuple[Path, str]]) -> Iterator[Line]:
    """A command for each album and tracker; it settles nothing if it is pasted as it stands."""
    if not unknown:
        return
    yield Line("The site may hold what is unknown: look there before anything is sent again.", "bold magenta")
    yield Line("`mua-async resume` asks the site once more. What you have seen there yourself, you note by")
    for album, tracker in unknown:
        path = shell_word(album)
        yield Line(f"mua-async resolve {path} --tracker {tracker} --as done (or absent)", lead="  ")
