"""The errors that a site's answers stand for, in its own words and with what to do about them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import frozen

from pipeline.errors import LOOK_FIRST, KeyRefused, NameTaken, NotSent, Rejected, Unknown

from .answers import Redact, describe, readable, refusal_text
from .request import Answer
from .tracker_config import TrackerConfig

IS_TAKEN = re.compile(r"\b(duplicate|already|taken|exists)\b", re.IGNORECASE)
"""Words of refusals that speak of what the site has: it may be ours, if an earlier upload is in doubt."""


@frozen
class Verdicts:
    config: TrackerConfig
    redact: Redact

    @property
    def name(self) -> str:
        """What the site is called."""
        return self.config.name or self.config.id

    def words(self, document: Mapping[str, object]) -> str:
        """What the site says of a refusal, fit to be shown."""
        return readable(refusal_text(document), self.redact)

    def refused(self, answer: Answer, words: str) -> Rejected:
        """A refusal; `words` are the site's, fit to be shown, or none."""
        told = words or describe(answer, self.redact)
        kind = kind_of_refusal(told)
        return kind(f"{self.name} refuses it (status {answer.status}): {told}", hint=self._advice(answer))

    def unclear(self, answer: Answer) -> Unknown:
        told = describe(answer, self.redact)
        return Unknown(f"{self.name} answered with status {answer.status} and {told}", hint=LOOK_FIRST)

    def bad_key(self) -> KeyRefused:
        return KeyRefused(f"{self.name} does not accept the key", hint=self._check_key())

    def login_expired(self) -> NotSent:
        return NotSent(
            f"{self.name} had forgotten the login, and took nothing",
            hint="send it again: the next upload logs in first",
            retryable=False,
        )

    def no_torrent(self, answer: Answer) -> NotSent:
        told = describe(answer, self.redact)
        return NotSent(f"{self.name} does not give its torrent (status {answer.status}): {told}")

    def _advice(self, answer: Answer) -> str:
        if answer.status == 403:
            return f"may your account upload? else {self._check_key()}"
        if answer.status in {404, 405}:
            return f"check trackers.{self.config.id}.url and .custom_endpoint"
        return ""

    def _check_key(self) -> str:
        keys = "api_key" if self.config.api_key else "username and password"
        return f"check trackers.{self.config.id}.{keys}"


def kind_of_refusal(words: str) -> type[Rejected]:
    return NameTaken if IS_TAKEN.search(words) else Rejected
