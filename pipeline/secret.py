"""Secrets are a type, so that no log, message or repr can show one by accident."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NoReturn
from urllib.parse import quote, quote_plus

MASK = "****"


class Secret:
    """A text that is shown as `****` wherever it is printed; only `reveal()` gives it away."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself; to be called where the bytes leave for the site, and nowhere else."""
        return self._text

    def map(self, change: Callable[[str], str]) -> Secret:
        """A secret made from this one, such as `Bearer KEY`."""
        return Secret(change(self._text))

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        from hmac import compare_digest  # only now: few compare, and it imports much

        return compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled")


class Redactor:
    """Masks every known secret in a text that came from elsewhere: a site's answer, an exception."""

    SHORTEST = 4
    """Characters; masking shorter secrets would garble ordinary text."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._spellings: set[str] = set()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: Secret) -> None:
        """Learn a secret, also as it looks inside an address."""
        text = secret.reveal()
        if len(text) >= self.SHORTEST:
            self._spellings |= {text, quote(text, safe=""), quote(text), quote_plus(text)}

    def __call__(self, text: str) -> str:
        for spelling in sorted(self._spellings, key=len, reverse=True):
            text = text.replace(spelling, MASK)
        return text
