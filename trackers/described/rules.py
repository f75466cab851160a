"""Reads a site's answer by the user's rules: what it proves, and what it says."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum, auto

from ..addresses import LONGEST_ADDRESS
from ..answers import flatten, redirects_to_login
from ..request import Answer
from .description import AnswerRules, Rule, Source
from .patterns import PatternFault, find_all, find_in_each, fits


class Verdict(Enum):
    """What the rules make of an answer to an upload."""

    DONE = auto()
    DUPLICATE = auto()
    EXPIRED = auto()
    REFUSED = auto()
    UNCLEAR = auto()


class RuleFault(Exception):
    """A rule that cannot decide; its text names the key."""


async def judge(rules: AnswerRules, answer: Answer) -> Verdict:
    """What is proved; UNCLEAR where nothing is, or `done` and a refusal at once. Raises RuleFault.

    A broken server proves nothing, whatever its page says.
    """
    if answer.status >= 500:
        return Verdict.UNCLEAR
    done = await proves(rules.done, answer)
    for verdict, kind in (
        (Verdict.DUPLICATE, rules.duplicate),
        (Verdict.EXPIRED, rules.expired),
        (Verdict.REFUSED, rules.refused),
    ):
        if await matches(kind, answer):
            return Verdict.UNCLEAR if done else verdict
    return Verdict.DONE if done else Verdict.UNCLEAR


async def matches(rules: Sequence[Rule], answer: Answer) -> bool:
    """Whether any of the rules holds; raises RuleFault."""
    for rule in rules:
        if await _holds(rule, answer):
            return True
    return False


async def proves(done: Sequence[Rule], answer: Answer) -> bool:
    """Whether any of the rules shows a success; raises RuleFault.

    A redirect to the login page shows none by its status: the site did not know who asked.
    """
    if answer.status >= 400:
        return False
    is_sent_away = redirects_to_login(answer)
    return await matches([rule for rule in done if rule.sees_proof or not is_sent_away], answer)


async def extract(source: Source, answer: Answer) -> str | None:
    """A short text such as an id or an address; None where there is none. Raises RuleFault."""
    if source.json is not None:
        return _text_at(answer.json(), source.json)
    return _short(next(iter(await _found(source, answer)), ""))


async def extract_each(source: Source | None, entries: Sequence[object]) -> Sequence[str | None]:
    """The same from entries of a list: tables of JSON, or pieces of a page. Raises RuleFault."""
    if source is None:
        return [None] * len(entries)
    if source.json is not None:
        return [_text_at(entry, source.json) for entry in entries]
    with _told_at(source.place):
        found = await find_in_each(source.regex or "", map(str, entries))
    return [_short(html.unescape(texts[0][:LONGEST_ADDRESS])) if texts else None for texts in found]


async def pieces(source: Source, answer: Answer) -> Sequence[str]:
    """What an expression finds in a page, as it stands there; raises RuleFault."""
    return await _search(source.place, source.regex or "", answer.text)


async def words(source: Source, answer: Answer) -> str:
    """What the site says to a person, of whatever shape; raises RuleFault."""
    if source.json is not None:
        return flatten(at(answer.json(), source.json))
    return "; ".join(await _found(source, answer))


def at(document: object, path: str) -> object:
    """What stands at a path such as `data.files.0.id`; None where nothing does."""
    for part in path.split("."):
        match document:
            case dict():
                document = document.get(part)
            case list() if part.isascii() and part.isdigit() and int(part) < len(document):
                document = document[int(part)]
            case _:
                return None
    return document


def _text_at(document: object, path: str) -> str | None:
    found = at(document, path)
    is_text = isinstance(found, str | int) and not isinstance(found, bool)
    return _short(str(found)) if is_text else None


def _short(text: str) -> str | None:
    text = text.strip()
    return text if 0 < len(text) <= LONGEST_ADDRESS else None


async def _holds(rule: Rule, answer: Answer) -> bool:
    """Whether everything that is written in the rule holds."""
    for condition in rule.conditions:
        if not await _shows(condition, answer):
            return False
    return True


async def _shows(rule: Rule, answer: Answer) -> bool:
    if rule.status and answer.status not in rule.status:
        return False
    searched = answer.text
    if rule.json is not None:
        document = answer.json()
        found = at(document, rule.json)
        # A page that is no JSON has no value, which proves nothing.
        if not isinstance(document, dict | list) or not _fits(rule, found):
            return False
        searched = flatten(found)
    if rule.text is not None and rule.text not in searched:
        return False
    if rule.location is not None:
        location = _location(answer)
        if not location or not await _fits_somewhere(rule.place, rule.location, location):
            return False
    return rule.regex is None or await _fits_somewhere(rule.place, rule.regex, searched)


def _fits(rule: Rule, found: object) -> bool:
    if rule.exists is False or found is None:
        return rule.exists is False and found is None
    return rule.equals is None or _equal(rule.equals, found)


def _equal(wanted: object, found: object) -> bool:
    """As JSON counts: `true` is no 1, and `"1"` is no 1."""
    return isinstance(wanted, bool) == isinstance(found, bool) and wanted == found


async def _found(source: Source, answer: Answer) -> list[str]:
    if source.location is not None:
        return await _search(source.place, source.location, _location(answer))
    found = await _search(source.place, source.regex or "", answer.text)
    return [html.unescape(text[:LONGEST_ADDRESS]) for text in found]


def _location(answer: Answer) -> str:
    """Where a redirect leads, or nothing; only a redirect leads anywhere."""
    return answer.headers.get("Location", "") if 300 <= answer.status < 400 else ""


async def _fits_somewhere(place: str, pattern: str, text: str) -> bool:
    with _told_at(place):
        return await fits(pattern, text)


async def _search(place: str, pattern: str, text: str) -> list[str]:
    with _told_at(place):
        return await find_all(pattern, text)


@contextmanager
def _told_at(place: str) -> Iterator[None]:
    try:
        yield
    except PatternFault as error:
        raise RuleFault(f"the regular expression {place} {error}") from None
