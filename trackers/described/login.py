"""Logs in as the user's description says; what comes of it is a secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from attrs import field, frozen

from pipeline.errors import NotSent, Rejected
from pipeline.secret import Secret
from pipeline.templating import TEMPLATE_FAULTS, compile_template, render

from ..answers import REFUSING_STATUSES, describe, readable, refusal_text
from ..client import Session
from ..redaction import learn
from ..request import Answer, FieldValue, Json, Request, Text
from ..tracker_config import ApiFormat, TrackerConfig
from .csrf import learn_cookies, no_token, token_in
from .description import Csrf, LoginFormat, LoginSteps
from .fields import HEADER_NAMES, FieldFault, render_fields
from .rules import RuleFault, extract, matches, proves, words

TOKEN_STAND_IN = "<token>"  # noqa: S105 - shown before there is one


@frozen
class LoginCall:
    """One logging in: to which site, as whom."""

    steps: LoginSteps
    config: TrackerConfig
    session: Session = field(repr=False)
    join: Callable[[str], str]
    """Makes the address of an endpoint."""

    async def token(self) -> Secret | None:
        """Logs in; the token that the site answers with, or None where its cookies are all.

        Raises Rejected where the site does not let the user in, NotSent for anything else.
        """
        try:
            answer = await self.session.post(await self._request())
            learn_cookies(self.session, answer)
            return await self._read(answer)
        except RuleFault as error:
            raise self._unclear(str(error)) from None

    async def _request(self) -> Request:
        steps = self.steps
        values = {
            "username": self.config.username or "",
            "password": self.config.password.reveal() if self.config.password else "",
            "csrf": await self._csrf(steps.csrf) if steps.csrf else "",
        }
        return Request(
            "POST",
            self.join(steps.endpoint),
            fields=tuple(self._fields(values)),
            format=ApiFormat.JSON if steps.format is LoginFormat.JSON else ApiFormat.FORM,
            urlencoded=steps.format is LoginFormat.FORM,
        )

    def _fields(self, values: dict[str, str]) -> Iterator[tuple[str, FieldValue]]:
        try:
            for name, value in render_fields(self.steps.fields, values):
                if isinstance(value, str):
                    yield name, Secret(value)
                else:
                    yield name, value if isinstance(value, bool) else Json(value)
        except FieldFault as error:
            # Its text is not told: it may hold the password.
            raise NotSent(
                f"trackers.{self.config.id}.login.fields.{error.place}: the template fails",
                hint="mend it in the configuration",
                retryable=False,
            ) from None

    async def _csrf(self, csrf: Csrf) -> str:
        page = await self.session.get(Request("GET", self.join(csrf.endpoint)))
        found = await token_in(page, csrf, self.session)
        if found is None:
            raise no_token(page, csrf)
        return found

    async def _read(self, answer: Answer) -> Secret | None:
        steps = self.steps
        refused = await matches(steps.refused, answer)
        done = await proves(steps.done, answer) if steps.done else answer.status < 400
        if refused and not (done and steps.done):
            raise await self._refused(answer)
        token = await self._token(answer) if done and not refused else None
        if done and not refused and (token is not None or steps.token is None):
            return token
        if answer.status in REFUSING_STATUSES:
            raise await self._refused(answer)
        told = describe(answer, self.session.redactor)
        raise self._unclear(f"the answer to the login has status {answer.status} and {told}")

    async def _token(self, answer: Answer) -> Secret | None:
        found = await extract(self.steps.token, answer) if self.steps.token else None
        if found is None:
            return None
        learn(self.session.redactor, Secret(found))
        return Secret(found)

    async def _refused(self, answer: Answer) -> Rejected:
        said = await words(self.steps.message, answer) if self.steps.message else ""
        redact = self.session.redactor
        said = readable(said or refusal_text(answer.json_object()), redact) or describe(answer, redact)
        name = self.config.name or self.config.id
        return Rejected(
            f"{name} does not accept the login (status {answer.status}): {said}",
            hint=f"check trackers.{self.config.id}.username and .password",
        )

    def _unclear(self, what: str) -> NotSent:
        return NotSent(
            f"{self.config.name or self.config.id} cannot be logged in to: {what}",
            hint=f"check trackers.{self.config.id}.login; nothing was sent",
            retryable=False,
        )


def token_header(steps: LoginSteps, token: Secret | None) -> tuple[str, Text] | None:
    """The header that the token is sent in, `<token>` in its place before the login; None for cookies."""
    if steps.header_name is None or steps.header_value is None:
        return None
    template = compile_template(steps.header_value, HEADER_NAMES)
    try:
        if token is None:
            return steps.header_name, render(template, token=TOKEN_STAND_IN)
        return steps.header_name, token.map(lambda text: render(template, token=text))
    except TEMPLATE_FAULTS:
        raise NotSent("the template of login.header fails for this token", retryable=False) from None
