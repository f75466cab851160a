"""Answers that say nothing of an upload, and what may be made of them."""

from __future__ import annotations

import json

from attrs import evolve, frozen

from pipeline.errors import NotSent, Rejected, Skipped, TrackerError, Unknown

from ..request import Answer
from .site import SiteRequest

JSON_TYPE = {"Content-Type": "application/json"}
PAGE_TYPE = {"Content-Type": "text/html; charset=utf-8"}
TRUNCATED = "truncated"
BODIES = {
    "empty": Answer(0, {}, b""),
    "HTML": Answer(0, PAGE_TYPE, b"<html><head><title>Just a moment</title></head><body>Wait</body></html>"),
    "JSON list": Answer(0, JSON_TYPE, b'[{"success": true, "id": 7}]'),
    "garbage JSON": Answer(0, JSON_TYPE, b'{"success": true, "id": 7, "data"'),
    "huge": Answer(0, PAGE_TYPE, b"<a {" * (240 * 1024)),
    "success false": Answer(0, JSON_TYPE, b'{"success": false, "message": "It breaks a rule."}'),
    TRUNCATED: Answer(0, JSON_TYPE, b'{"success": true, "id": 7}'),
}
OK_STATUSES = (200, 201, 202)
OTHER_STATUSES = (302, 400, 401, 403, 404, 409, 413, 422, 429, 500, 502, 503, 520)
SPEAKING = frozenset({"HTML", "success false"})
"""Bodies in which a site may be taken to refuse: the others hold no word of its."""


@frozen
class OddAnswer:
    status: int
    kind: str

    @property
    def answer(self) -> Answer:
        return evolve(BODIES[self.kind], status=self.status)

    def answers(self, request: SiteRequest) -> Answer:
        """A site that says nothing else."""
        return self.answer

    @property
    def cut_off(self) -> bool:
        return self.kind == TRUNCATED

    @property
    def allowed(self) -> tuple[type[TrackerError], ...]:
        """What an adapter may make of it; never a success."""
        if self.cut_off or self.status >= 500:
            return (Unknown,)
        if self.status == 429:
            return (NotSent,)
        if self.status in OK_STATUSES:
            return (Rejected, Unknown) if self.kind in SPEAKING else (Unknown,)
        return (Rejected, NotSent, Skipped, Unknown)

    def __str__(self) -> str:
        return f"status {self.status} with {self.kind}"


def odd_answers(*statuses: int) -> list[OddAnswer]:
    """Each status with each body."""
    return [OddAnswer(status, kind) for status in statuses for kind in BODIES]


def told_back(secret: str) -> list[Answer]:
    """Refusals, failures and redirects in which a site gives back what it must not be shown."""
    document = {
        "success": False,
        "message": f"{secret} is not allowed",
        "error": secret,
        "errors": {"api_token": [secret]},
        "data": secret,
    }
    page = f"<html><head><title>{secret}</title></head><body>{secret}</body></html>".encode()
    answers = [
        Answer(status, JSON_TYPE, json.dumps(document).encode()) for status in (200, 403, 404, 422, 500)
    ]
    answers += [Answer(status, PAGE_TYPE, page) for status in (200, 404, 502)]
    answers += [Answer(status, {}, f"the key {secret}".encode()) for status in (200, 400)]
    return [*answers, Answer(302, {"Location": f"/error?api_token={secret}"}, b"")]
