"""Changes the text of a TOML file line by line, where a parser's own way to write it would lose comments."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from itertools import groupby

from attrs import frozen


@frozen
class Section:
    """The lines from a header to the next; the first section has no header."""

    name: tuple[str, ...]
    lines: Sequence[str]


def without_table(text: str, name: tuple[str, ...]) -> str:
    """The text without `[name]` and the tables below it; comments before and after them stay.

    A table that is written in another way, such as inline, is left where it is.
    """
    kept = ""
    for gone, sections in groupby(_sections(text), lambda section: section.name[: len(name)] == name):
        lines = [line for section in sections for line in section.lines]
        if gone:
            lines = _after_last_statement(lines)
            while lines and not lines[0].strip() and (not kept or kept.endswith(("\n\n", "\n\r\n"))):
                del lines[0]
        kept += "".join(lines)
    return kept


def with_header(text: str, name: tuple[str, ...]) -> str:
    """The text with a header `[name]` of its own before the first table below it, if only that is there."""
    sections = list(_sections(text))
    below = [number for number, section in enumerate(sections) if section.name[: len(name)] == name]
    if not below or any(section.name == name for section in sections):
        return text
    header = f"[{'.'.join(name)}]\n"
    sections.insert(below[0], Section(name, [header, "\n"]))
    return "".join(line for section in sections for line in section.lines)


def _sections(text: str) -> Iterator[Section]:
    name: tuple[str, ...] = ()
    lines: list[str] = []
    for line, starts in _lines(text):
        if starts and line.lstrip().startswith("["):
            yield Section(name, lines)
            name, lines = _header_name(line), []
        lines.append(line)
    yield Section(name, lines)


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it starts a statement: inside a value over several lines none does."""
    waiting = ""
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        yield line, not waiting
        waiting += line
        if _is_whole(waiting):
            waiting = ""


def _is_whole(statement: str) -> bool:
    try:
        tomllib.loads(statement)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _header_name(line: str) -> tuple[str, ...]:
    """The words of `[a.b]` or `[[a.b]]`."""
    words: list[str] = []
    below: object = tomllib.loads(line)
    while isinstance(below, dict) and below:
        ((word, below),) = below.items()
        words.append(word)
    return tuple(words)


def _after_last_statement(lines: Sequence[str]) -> list[str]:
    """The comments and blank lines at the end of a section."""
    rest: list[str] = []
    for line, starts in _lines("".join(lines)):
        if starts and (not line.strip() or line.lstrip().startswith("#")):
            rest.append(line)
        else:
            rest = []
    return rest
