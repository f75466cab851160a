"""Text that is safe to show, and numbers as people read them."""

from __future__ import annotations

import math
import shlex
import time
from pathlib import Path

from pipeline.text import printable


def sentence(message: str, hint: str = "") -> str:
    """A message with what to do about it, on one line, however the site or the system broke it up."""
    text = f"{message} ({hint})" if hint else message
    return printable(" ".join(line.strip() for line in text.splitlines() if line.strip()))


def heading(artist: str | None, title: str | None) -> str:
    """`Artist - Title`, or the one of them that is known."""
    return " - ".join(part for part in (artist, title) if part)


def album_label(album: Path, artist: str | None = None, title: str | None = None) -> str:
    """The folder's name, followed by artist and title where it does not tell them."""
    folder = album.name or str(album)
    known = [part for part in (artist, title) if part]
    if all(part.casefold() in folder.casefold() for part in known):
        return printable(folder)
    return printable(f"{folder} ({heading(artist, title)})")


def distrust_text(engine: str) -> str:
    """What the user must know of a hashing engine that made a wrong digest."""
    return (
        f"the hashing engine {engine} made a wrong digest; hashlib has hashed the album again, and hashes "
        "all that follow (check this machine's memory and processor, and report it)"
    )


def shell_word(path: Path) -> str:
    """The path as a shell takes it; where it cannot be shown as it is, in the words of bash and zsh."""
    text = str(path)
    if printable(text) == text:
        return shlex.quote(text)
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"$'{printable(escaped)}'"


def date_text(at: float) -> str:
    """Unix seconds as local date and time."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


def count_of(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def size_text(size: float) -> str:
    """Bytes in binary units: `12.3 MiB`."""
    if size < 1024:
        return f"{size:.0f} B"
    for unit in ("KiB", "MiB", "GiB"):
        size /= 1024
        if size < 1000:
            return f"{size:.1f} {unit}" if size < 100 else f"{size:.0f} {unit}"
    return f"{size / 1024:.1f} TiB"


def rate_text(size: float, seconds: float) -> str:
    """Bytes a second; empty where no time was measured."""
    return f"{size_text(size / seconds)}/s" if seconds > 0 else ""


def duration_text(seconds: float) -> str:
    """`0:42`, `47:12` or `1:02:03`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def wait_text(seconds: float) -> str:
    """How long something waits, rounded up: `12 s`, or `5:00` where it takes minutes."""
    whole = math.ceil(max(0.0, seconds))
    return f"{whole} s" if whole < 100 else duration_text(whole)


def percent_text(done: int, size: int) -> str:
    """`43 %`; 100 only when all is done."""
    return f"{100 * done // size if size else 100} %"
