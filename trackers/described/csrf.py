"""Tokens that stand in a page and are sent with a form: that of a login, or that of an upload."""

from __future__ import annotations

from pipeline.secret import Secret

from ..client import Session
from ..redaction import learn
from ..request import Answer
from .description import Csrf
from .rules import RuleFault, extract

SHORTEST_LEARNT = 8
"""Characters of a cookie or CSRF token that is masked in texts; a shorter one may be any word."""
STAND_IN = "<csrf>"
"""Shown by a dry run, which asks for no page."""


async def token_in(page: Answer, csrf: Csrf, session: Session) -> str | None:
    """The token in the page, masked from now on; None where there is none. Raises RuleFault."""
    learn_cookies(session, page)
    found = await extract(csrf.source, page) if page.ok else None
    if found is not None:
        _learn(session, found)
    return found


def no_token(page: Answer, csrf: Csrf) -> RuleFault:
    return RuleFault(f"{csrf.source.place} finds nothing in the page {csrf.endpoint} (status {page.status})")


def learn_cookies(session: Session, answer: Answer) -> None:
    """A cookie lets anybody in: its value is masked from now on."""
    for name, value in answer.headers.items():
        if name.lower() == "set-cookie":
            _learn(session, value.partition(";")[0].partition("=")[2])


def _learn(session: Session, text: str) -> None:
    if len(text) >= SHORTEST_LEARNT:
        learn(session.redactor, Secret(text))
