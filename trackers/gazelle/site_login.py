"""Logs in by the site's form, once: sites back off from the first wrong password, and ban the address."""

from __future__ import annotations

import re

from attrs import define, field

from pipeline.errors import KeyRefused, NotSent
from pipeline.secret import Secret

from ..answers import describe, readable, redirects_to_login
from ..client import Session
from ..redaction import learn
from ..request import Answer, Request
from ..verdicts import Verdicts

LOGIN_REFUSED = re.compile(
    r"your login credentials were not recognized|your username or password was incorrect", re.IGNORECASE
)


@define
class SiteLogin:
    verdicts: Verdicts
    session: Session = field(repr=False)
    _refusal: KeyRefused | None = field(default=None, init=False)

    async def log_in(self, address: str) -> None:
        """Raises KeyRefused, at once where the site has refused before; NotSent where it is broken."""
        if self._refusal is not None:
            raise KeyRefused(self._refusal.message, hint=self._refusal.hint)
        answer = await self.session.post(self._request(address))
        if answer.status >= 500:
            told = describe(answer, self.session.redactor)
            raise NotSent(f"{self.verdicts.name} cannot be logged in to: {told}", retryable=False)
        if answer.status not in (302, 303) or redirects_to_login(answer):
            self._refusal = self._refused(answer)
            raise self._refusal
        self._learn_cookie(answer)

    def _request(self, address: str) -> Request:
        config = self.verdicts.config
        fields = (
            ("username", config.username or ""),
            ("password", config.password or Secret("")),
            ("keeplogged", "1"),
        )
        return Request("POST", address, fields=fields, urlencoded=True)

    def _refused(self, answer: Answer) -> KeyRefused:
        match = LOGIN_REFUSED.search(answer.text)
        redact = self.session.redactor
        told = readable(match[0], redact) if match else describe(answer, redact)
        keys = f"trackers.{self.verdicts.config.id}.username and password"
        return KeyRefused(
            f"{self.verdicts.name} refuses the login: {told}",
            hint=f"check {keys}; log in with a browser before the next try: sites ban who is refused often",
        )

    def _learn_cookie(self, answer: Answer) -> None:
        """The cookie is as good as the password."""
        value = answer.headers.get("Set-Cookie", "").partition(";")[0].partition("=")[2]
        if value:
            learn(self.session.redactor, Secret(value))
