"""What a user's rules say of answers: single conditions, and the places where texts stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

from attrs import evolve

from trackers.described.description import Rule, Source
from trackers.described.patterns import PatternFault, fits_nothing, groups_in, pattern_problem

from . import values

T = TypeVar("T")

CONDITIONS = ("status", "json", "equals", "exists", "text", "regex", "location")
LOOKING_AT_JSON = ("equals", "exists", "text", "regex")
SOURCES = ("json", "regex", "location")
SUCCESS = range(200, 400)
"""With other statuses nothing is done."""
REFUSAL = range(200, 500)
"""With others the server is broken, and proves nothing."""


class Parts:
    """Takes the keys of one table, and gathers all that is wrong with them."""

    def __init__(self, value: object, known: Iterable[str]) -> None:
        self.table = values.table(value)
        self.problems = values.unknown_keys(self.table, known)

    def take(self, key: str, parse: Callable[[object], T]) -> T | None:
        if key not in self.table:
            return None
        try:
            return parse(self.table[key])
        except ValueError as error:
            self.problems += [(values.member(key) + below, why) for below, why in values.problems_of(error)]
            return None

    def wrong(self, key: str, message: str) -> None:
        self.problems.append((values.member(key) if key else "", message))

    def end(self) -> None:
        if self.problems:
            raise values.ValueProblems(self.problems)


def source(place: str, kinds: tuple[str, ...] = SOURCES) -> Callable[[object], Source]:
    def parse(value: object) -> Source:
        parts = Parts(value, kinds)
        found = source_of(parts, place, kinds)
        parts.end()
        return found

    return parse


def source_of(parts: Parts, place: str, kinds: tuple[str, ...]) -> Source:
    given = [key for key in kinds if key in parts.table]
    if len(given) != 1:
        parts.wrong("", f"must have one of {', '.join(kinds)}: where it stands in the answer")
    return Source(
        place,
        json=parts.take("json", path),
        regex=parts.take("regex", _group),
        location=parts.take("location", _group),
    )


def rules(place: str, statuses: range) -> Callable[[object], tuple[Rule, ...]]:
    """A parser for a rule, or a list of rules of which one is enough."""

    def parse(value: object) -> tuple[Rule, ...]:
        if not isinstance(value, list):
            return (_rule(value, place, statuses),)
        if not value:
            raise ValueError("must not be empty: leave the key out")
        places = ((f"[{index}]", (f"{place}[{index}]", item)) for index, item in enumerate(value))
        return tuple(values.each(places, lambda entry: _rule(entry[1], entry[0], statuses)))

    return parse


def _rule(value: object, place: str, statuses: range) -> Rule:
    parts = Parts(value, (*CONDITIONS, "all"))
    rule = _conditions(parts, place, statuses)
    rule = evolve(rule, all=parts.take("all", lambda item: _all(item, f"{place}.all", statuses)) or ())
    if not parts.table.keys() & {*CONDITIONS, "all"}:
        parts.wrong("", f"must have one of {', '.join((*CONDITIONS, 'all'))}")
    if statuses is SUCCESS and not parts.problems and not rule.sees_proof and not _names_status(rule):
        parts.wrong("all" if rule.all else "exists", "false proves no success by itself: add `status`")
    parts.end()
    return rule


def _all(value: object, place: str, statuses: range) -> tuple[Rule, ...]:
    """Conditions that must hold together."""
    if not isinstance(value, list) or len(value) < 2:
        raise ValueError("must be a list of two or more tables of conditions, all of which must hold")
    places = ((f"[{index}]", (f"{place}[{index}]", item)) for index, item in enumerate(value))
    conditions = values.each(places, lambda entry: _condition(entry[1], entry[0], statuses))
    wanted = [(part.json, part.equals) for part in conditions if part.equals is not None]
    for json, _ in wanted:
        if len({repr(equals) for other, equals in wanted if other == json}) > 1:
            raise ValueError(f"never holds: {json} cannot have two values at once")
    return tuple(conditions)


def _condition(value: object, place: str, statuses: range) -> Rule:
    parts = Parts(value, CONDITIONS)
    rule = _conditions(parts, place, statuses)
    if not parts.table.keys() & set(CONDITIONS):
        parts.wrong("", f"must have one of {', '.join(CONDITIONS)}")
    parts.end()
    return rule


def _conditions(parts: Parts, place: str, statuses: range) -> Rule:
    given = parts.table.keys()
    rule = Rule(
        place,
        status=parts.take("status", lambda item: _statuses(item, statuses)) or (),
        json=parts.take("json", path),
        equals=parts.take("equals", _constant),
        exists=parts.take("exists", values.boolean),
        text=parts.take("text", values.lines),
        regex=parts.take("regex", telling_pattern if statuses is SUCCESS else _pattern),
        location=parts.take("location", _pattern),
    )
    if "json" in given and not given & set(LOOKING_AT_JSON):
        parts.wrong(
            "json", f"says where to look, not what must stand there: add one of {', '.join(LOOKING_AT_JSON)}"
        )
    for key in ("equals", "exists"):
        if key in given and "json" not in given:
            parts.wrong(key, "needs `json`, the path of the value")
    if {"equals", "exists"} <= given:
        parts.wrong("exists", "is needless beside `equals`: give one of the two")
    return rule


def _names_status(rule: Rule) -> bool:
    return any(part.status for part in rule.conditions)


def _statuses(value: object, allowed: range) -> tuple[int, ...]:
    statuses = value if isinstance(value, list) else [value]
    for status in statuses:
        if isinstance(status, bool) or not isinstance(status, int) or status not in allowed:
            raise ValueError(
                f"must be a number from {allowed.start} to {allowed.stop - 1}, or a list of such: "
                "with others a site proves nothing of the kind"
            )
    if not statuses:
        raise ValueError("must not be empty: leave the key out")
    return tuple(statuses)


def _constant(value: object) -> str | bool | int | float:
    if not isinstance(value, str | bool | int | float):
        raise ValueError("must be text, a number, true or false")
    return value


def path(value: object) -> str:
    words = values.text(value)
    if re.search(r"[\[\]]", words):
        dotted = re.sub(r"[.\[\]\"'\s]+", ".", words.removeprefix("$")).strip(".")
        raise ValueError(f"has brackets: write {dotted or 'data.0.id'}")
    if not all(part and part == part.strip() for part in words.split(".")) or words.startswith("$"):
        raise ValueError("must be a path of names and numbers, as in data.0.id")
    return words


def _pattern(value: object) -> str:
    pattern = values.lines(value)
    problem = pattern_problem(pattern)
    if problem:
        raise ValueError(problem)
    return pattern


def telling_pattern(value: object) -> str:
    """For what a success shows: an expression that fits an empty page fits every page."""
    pattern = _pattern(value)
    try:
        if not fits_nothing(pattern):
            return pattern
    except PatternFault as error:
        raise ValueError(f"{error}, even on an empty page") from None
    raise ValueError("fits an empty page, so that it proves no success: say what stands in the page")


def _group(value: object) -> str:
    pattern = _pattern(value)
    if groups_in(pattern) != 1:
        raise ValueError("must have one group, ( ), round what is wanted; (?: ) is none")
    return pattern
