"""The values of the configuration: parsers that take plain data and raise a ValueError for what is wrong.

No message repeats a value (a word of a template apart), since a key may have been pasted in the wrong place.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from pipeline.secret import Secret
from trackers.tracker_config import ID_PATTERN, Family, Rate, Timeouts, read_duration

from .secret_ref import CONTROL, check_reference

S = TypeVar("S")
T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
LONGEST_TIMEOUT = 86400
LONGEST_TIME = 30 * 86400


class ValueProblems(ValueError):
    """Several things are wrong below one key: pairs of a place, such as `.ALBUM` or `[1]`, and a message."""

    def __init__(self, problems: Iterable[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(message for _, message in self.problems))


def problems_of(error: ValueError) -> tuple[tuple[str, str], ...]:
    """The places and messages of any error of a parser."""
    return error.problems if isinstance(error, ValueProblems) else (("", str(error)),)


def member(key: str) -> str:
    """The place of a key in its table: `.key`, quoted where TOML would quote it."""
    return f".{key}" if re.fullmatch(r"[A-Za-z0-9_*-]+", key) else f".{json.dumps(key)}"


def each(values: Iterable[tuple[str, S]], parse: Callable[[S], T]) -> list[T]:
    """Parses the value at every place; all that is wrong is raised together."""
    parsed: list[T] = []
    wrong: list[tuple[str, str]] = []
    for place, value in values:
        try:
            parsed.append(parse(value))
        except ValueError as error:
            wrong += [(place + below, message) for below, message in problems_of(error)]
    if wrong:
        raise ValueProblems(wrong)
    return parsed


def table(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ValueError("must be a table of keys and values")
    return value


def near_miss(word: str, known: Iterable[str]) -> str:
    """`: did you mean ...?` for a word that is almost a known one, else nothing."""
    spelled = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), spelled, n=1)
    return f": did you mean `{spelled[close[0]]}`?" if close else ""


def unknown_keys(keys: Iterable[str], known: Iterable[str]) -> list[tuple[str, str]]:
    """A problem for every key that is not known."""
    names = tuple(known)
    return [(member(key), f"unknown key{near_miss(key, names)}") for key in keys if key not in names]


def text(value: object) -> str:
    words = lines(value)
    if CONTROL.search(words):
        raise ValueError("must not contain a line break or control character")
    return words


def lines(value: object) -> str:
    """Text that may go over several lines."""
    if not isinstance(value, str):
        raise ValueError("must be text in quotes")
    if not value.strip():
        raise ValueError("must not be empty: leave the key out")
    return value


def boolean(value: object) -> bool:
    if isinstance(value, str):
        value = BOOLEANS.get(value.strip().lower())
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def one_of(kind: type[E]) -> Callable[[object], E]:
    """A parser for the values of an enumeration."""
    allowed = [item.value for item in kind]

    def parse(value: object) -> E:
        word = text(value)
        if word not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}{near_miss(word, allowed)}")
        return kind(word)

    return parse


def family(value: object) -> str:
    """The family of sites whose class serves the tracker."""
    return one_of(Family)(text(value))


def tracker_id(value: object) -> str:
    """An id in upper case."""
    word = text(value)
    if not ID_PATTERN.fullmatch(word):
        raise ValueError("is no tracker id: letters, digits, `-` and `_`, a letter or digit first")
    if word.lower() == "all":
        raise ValueError("`all` stands for every enabled tracker: choose another id")
    return word.upper()


def site_ids(known: Iterable[str] | None) -> Callable[[object], dict[str, str]]:
    """A parser for a table of the site's ids; its keys are `*` and the `known`, or any where that is None."""
    names = None if known is None else (*known, "*")

    def entry(item: tuple[str, object]) -> tuple[str, str]:
        key, value = item
        name = key.strip().upper()
        if not name or (names is not None and name not in names):
            raise ValueError(f"unknown key{near_miss(name, names or ())}")
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ValueError("must be the site's id: a number, or text in quotes")
        return name, text(str(value)).strip()

    def parse(value: object) -> dict[str, str]:
        entries = each(((member(key), (key, item)) for key, item in table(value).items()), entry)
        if len(dict(entries)) < len(entries):
            raise ValueError("has a key twice that differs by case only")
        return dict(entries)

    return parse


def rates(value: object) -> tuple[Rate, ...]:
    """`5/10s`, or a list of such."""
    if not isinstance(value, list):
        return (_rate(value),)
    if not value:
        raise ValueError("must not be empty: leave the key out")
    return tuple(each(((f"[{index}]", item) for index, item in enumerate(value)), _rate))


def _rate(value: object) -> Rate:
    try:
        rate = Rate.parse(text(value))
    except ValueError:
        rate = None
    if rate is None or rate.seconds <= 0:
        raise ValueError("must be written as 5/10s, 30/m or 200/d")
    return rate


def timeouts(value: object) -> Timeouts:
    phases = table(value)
    wrong = unknown_keys(phases, ("connect", "send", "answer"))
    if wrong:
        raise ValueProblems(wrong)
    seconds = each(((member(phase), item) for phase, item in phases.items()), _seconds)
    return Timeouts(**dict(zip(phases, seconds, strict=True)))


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= LONGEST_TIMEOUT:
        raise ValueError(f"must be a number of seconds above 0, at most {LONGEST_TIMEOUT}")
    return float(value)


def duration(value: object) -> float:
    """A length of time: a number of seconds, or `5m`."""
    if isinstance(value, str):
        with suppress(ValueError, OverflowError):
            value = read_duration(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST_TIME:
        raise ValueError("must be a number of seconds, or written as 90s, 5m or 1h; at most 30d")
    return float(value)


def count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError("must be a whole number, 1 or more")
    return value


def auth_name(value: object) -> str:
    name = text(value)
    if not re.fullmatch(r"[!-9;-~]+", name):
        raise ValueError("must be the name of a header, parameter or field, without spaces or colons")
    return name


def template(value: object) -> str:
    """The name of a ready-made template, or the source of one."""
    from pipeline.describe import check_template

    source = lines(value)
    problem = check_template(source)
    if problem:
        raise ValueError(f"is no template: {problem}")
    return source


def secret(value: object) -> Secret | None:
    """A secret reference, kept as a Secret until it is resolved; blank text is no secret."""
    if not isinstance(value, str):
        raise ValueError("must be text in quotes: the secret, or where it is kept, as in env:NAME")
    problem = check_reference(value)
    if problem:
        raise ValueError(problem)
    return Secret(value) if value.strip() else None


def folder(value: object) -> Path:
    """A whole path; `~` is the home folder."""
    try:
        path = Path(text(value)).expanduser()
    except RuntimeError:
        raise ValueError("`~` names no home folder here: write the whole path") from None
    if not path.is_absolute():
        raise ValueError("must be a whole path, as in ~/watch")
    return path
