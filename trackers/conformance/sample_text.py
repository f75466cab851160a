"""Texts that a regular expression may match: guesses for ordinary ones, which are to be checked."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import define

CHARACTERS = "1aA7 x/-_.:;=?&#+%@!'\"<>()[]{}\n\t"
"""What stands for a class of characters: the first of these that is in it."""
WORD = 8
"""Characters in a run: so many that a token is one that is worth masking."""
LONGEST = 2_000
"""Characters of a text."""
QUANTIFIER = re.compile(r"([*+?]|\{(\d*)(?:,\d*)?\})[?+]?")
OPENING = re.compile(r"\(\?(?:P<\w+>|:|[aiLmsux-]+:?|<?[=!])")
NOTHING = frozenset("ABbZ")
"""Escapes that stand for a place, not for a character."""


def texts_for(pattern: str) -> Iterator[str]:
    """A few guesses, the likeliest first; none where the expression goes beyond what is understood here."""
    for often in (WORD, 1, 0):
        try:
            yield _Guess(pattern, often).alternatives()
        except (_NoGuess, RecursionError):
            return


class _NoGuess(Exception):
    """The expression has something that is not understood."""


@define
class _Guess:
    """Reads an expression once, from left to right, and writes a text for it."""

    pattern: str
    often: int
    """How often what may be repeated, or left out, is there."""
    at: int = 0

    def alternatives(self) -> str:
        """The first alternative up to the end of the group; the others are read over."""
        first = self._sequence()
        while self._takes("|"):
            self._sequence()
        return first

    def _sequence(self) -> str:
        text = ""
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            item = self._item()
            times = self._times(item)
            if len(text) + len(item) * times > LONGEST:
                raise _NoGuess
            text += item * times
        return text

    def _times(self, item: str) -> int:
        found = QUANTIFIER.match(self.pattern, self.at)
        if found is None:
            return 1
        self.at = found.end()
        if found[2] is not None:
            return int(found[2] or 0)
        often = self.often if len(item) == 1 else min(self.often, 1)
        return max(often, 1) if found[1] == "+" else min(often, 1) if found[1] == "?" else often

    def _item(self) -> str:
        start = self.at
        self.at += 1
        match self.pattern[start]:
            case "(":
                return self._group(start)
            case "[":
                return self._one_of(start)
            case "\\":
                self.at += 1
                escaped = self.pattern[start + 1 : self.at]
                return "" if escaped in NOTHING else self._character(self.pattern[start : self.at])
            case "^" | "$":
                return ""
            case ".":
                return "x"
            case _:
                return self.pattern[start]

    def _group(self, start: int) -> str:
        opening = OPENING.match(self.pattern, start)
        if opening is None and self.pattern[self.at : self.at + 1] == "?":
            raise _NoGuess
        self.at = opening.end() if opening else self.at
        if opening and opening[0].endswith(("=", "!")):
            self.alternatives()
            text = ""
        else:
            text = self.alternatives() if self.pattern[self.at - 1] in "(:>" else ""
        if not self._takes(")"):
            raise _NoGuess
        return text

    def _one_of(self, start: int) -> str:
        self._takes("^")
        self._takes("]")
        while self.at < len(self.pattern) and self.pattern[self.at] != "]":
            self.at += 2 if self.pattern[self.at] == "\\" else 1
        self.at += 1
        return self._character(self.pattern[start : self.at])

    def _character(self, source: str) -> str:
        try:
            fitting = re.compile(source)
        except re.error:
            raise _NoGuess from None
        escaped = source[1:] if source[0] == "\\" else ""
        for character in CHARACTERS + escaped:
            if fitting.fullmatch(character):
                return character
        raise _NoGuess

    def _takes(self, character: str) -> bool:
        taken = self.pattern[self.at : self.at + 1] == character
        self.at += taken
        return taken
