"""Answers that show what a description asks for: guesses, which its own rules are then put to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from attrs import define, field

from ..described.description import Rule, Source
from ..described.rules import at
from ..json_place import placed
from ..request import Answer
from .odd_answers import JSON_TYPE, PAGE_TYPE
from .sample_text import texts_for

GUESSES = 3
"""Texts that are tried for a regular expression."""
WORDS_FIELD = "words"
"""Holds what must stand somewhere in an answer that is JSON."""


def drafts(rule: Rule, wanted: Mapping[Source, object]) -> Iterator[Answer]:
    """Answers that may fulfil the rule and hold the values where the sources look for them."""
    for guess in range(GUESSES):
        draft = _Draft(guess)
        try:
            for condition in rule.conditions:
                draft.show(condition)
            for source, value in wanted.items():
                draft.hold(source, value)
            yield draft.answer(_statuses(rule))
        except ValueError:
            continue


@define
class _Draft:
    guess: int
    document: object = None
    page: list[str] = field(factory=list)
    location: str | None = None

    def show(self, condition: Rule) -> None:
        """ValueError where it cannot be shown."""
        texts = [] if condition.text is None else [condition.text]
        if condition.regex is not None:
            texts.append(self._text(condition.regex))
        if condition.location is not None:
            self.location = self._text(condition.location) or "/"
        if condition.json is None:
            self.page += texts
        elif condition.exists is False:
            self.document = {} if self.document is None else self.document
        else:
            said = "\n".join(texts) if texts else 1001
            self._put(condition.json, said if condition.equals is None else condition.equals)

    def hold(self, source: Source, value: object) -> None:
        """Has the value where the source looks, unless something fitting stands there already."""
        if source.json is not None:
            if at(self.document, source.json) is None:
                self._put(source.json, value)
        elif source.regex is not None:
            self.page.append(self._text(source.regex))

    def answer(self, statuses: Sequence[int]) -> Answer:
        usual = 302 if self.location is not None else 200
        status = usual if usual in statuses or not statuses else statuses[0]
        place = {} if self.location is None else {"Location": self.location}
        page = "\n".join(self.page)
        if self.document is None:
            return Answer(status, {**PAGE_TYPE, **place}, page.encode())
        document = placed(self.document, WORDS_FIELD, page) if page else self.document
        return Answer(status, {**JSON_TYPE, **place}, json.dumps(document).encode())

    def _put(self, path: str, value: object) -> None:
        self.document = placed(self.document, path, value)

    def _text(self, pattern: str) -> str:
        texts = list(islice(texts_for(pattern), GUESSES))
        if not texts:
            raise ValueError(f"no text is known that fits {pattern}")
        return texts[min(self.guess, len(texts) - 1)]


def _statuses(rule: Rule) -> Sequence[int]:
    """Those that all of the rule's conditions allow."""
    named = [part.status for part in rule.conditions if part.status]
    common = [status for status in named[0] if all(status in other for other in named)] if named else []
    if named and not common:
        raise ValueError("its conditions name no status in common")
    return common
