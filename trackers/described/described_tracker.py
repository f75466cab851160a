"""The generic family: a site of any make, reached by what its configuration says of it."""

from __future__ import annotations

from attrs import evolve

from pipeline.errors import LOOK_FIRST, NotSent, Rejected, Skipped, TrackerError, Unknown
from pipeline.make_view import view
from pipeline.model.release import Release
from pipeline.model.upload import Existing, LookUp, SentUpload, UploadRequest, UploadResult
from pipeline.secret import Secret

from ..answers import describe, readable
from ..attempt import current_attempt
from ..generic_tracker import JSON_ONLY, GenericTracker, KeyProof
from ..request import Answer, FieldValue, Request, Text
from ..torrent_part import plain_file_name
from ..tracker_config import ApiFormat, CoverDemand, TrackerConfig
from .csrf import STAND_IN, no_token, token_in
from .description import AnswerRules, Csrf, Search, Source
from .fields import FieldFault, as_form, as_json, names_used, render_fields
from .login import LoginCall, token_header
from .places import place_problem
from .rules import RuleFault, Verdict, extract, judge, matches, words
from .search import SiteSearch

TABLES = {"category_id": "category_ids", "format_id": "format_ids"}


class DescribedTracker(GenericTracker):
    """GenericTracker, with its fields, its login and its reading of answers from the configuration.

    Whatever of these is not configured is the base's.
    """

    _token: Secret | None = None
    _login_refusal: Rejected | None = None

    @classmethod
    def _undescribed(cls, config: TrackerConfig) -> list[str]:
        return []

    def _lookups(self, release: Release) -> list[tuple[str, str]]:
        return [(table, key) for table, key in super()._lookups(release) if table in self._tables_used()]

    def _tables_used(self) -> set[str]:
        fields = self.config.fields
        used = TABLES if fields is None else names_used(fields)
        return {table for name, table in TABLES.items() if name in used}

    async def _form_fields(self, request: UploadRequest) -> tuple[tuple[str, FieldValue], ...]:
        if self.config.fields is None:
            return await super()._form_fields(request)
        values = self._values(request)
        if self.config.csrf is not None:
            values["csrf"] = await self._form_token(self.config.csrf)
        try:
            rendered = render_fields(self.config.fields, values)
        except FieldFault as error:
            raise Skipped(
                f"trackers.{self.config.id}.fields.{error.place}: {error}",
                reason="rules",
                hint="mend the template in the configuration",
            ) from None
        is_form = self.config.api_format in (None, ApiFormat.FORM)
        return tuple(as_form(rendered) if is_form else as_json(rendered))

    @property
    def wants_cover_url(self) -> bool:
        sends_it = "cover_url" in names_used(self.config.fields or ())
        return super().wants_cover_url or (sends_it and self.config.cover is not CoverDemand.NONE)

    def _values(self, request: UploadRequest) -> dict[str, object]:
        """What the templates of fields see."""
        ids = dict(self._lookups(request.release))
        return {
            "release": view(request.release),
            "name": request.name,
            "description": request.description,
            "tags": request.release.album.genres,
            "anonymous": request.anonymous,
            "cover_url": request.cover_url,
            "torrent_name": plain_file_name(request.name),
            **{name: self._id(table, ids[table]) if table in ids else None for name, table in TABLES.items()},
        }

    async def _upload_request(self, request: UploadRequest) -> Request:
        form = await super()._upload_request(request)
        self._check_places(form)
        rules = self.config.answer
        # A site that answers with pages may answer otherwise to who takes JSON only.
        return form if rules is None or rules.reads_json else evolve(form, headers=())

    def _check_places(self, form: Request) -> None:
        """Refuses fields that leave no place of its own for a file, or for the key."""
        problem = place_problem(form, self._signed(form))
        if problem:
            raise Skipped(
                f"trackers.{self.config.id}.fields: {problem}",
                reason="rules",
                hint="mend the configuration: each file and the key need a field of their own",
            )

    async def _form_token(self, csrf: Csrf) -> str:
        """The token of the upload's form, out of its page; fetched before the upload counts as sent."""
        if self.session.offline:
            return STAND_IN
        page = Request("GET", self._join(csrf.endpoint), headers=(_accepting(csrf),))
        answer = await self._ask(page)
        try:
            token = await token_in(answer, csrf, self.session)
            if token is None and await self._shows_expiry(answer):
                self._kept_login.forget(self._kept_login.current)
                answer = await self._ask(page)
                token = await token_in(answer, csrf, self.session)
            if token is None:
                raise no_token(answer, csrf)
        except RuleFault as error:
            raise NotSent(
                f"{self._name} gives no token for the upload: {error}",
                hint=f"check trackers.{self.config.id}.csrf; nothing was sent",
                retryable=False,
            ) from None
        return token

    async def _shows_expiry(self, page: Answer) -> bool:
        rules = self.config.answer
        return rules is not None and await matches(rules.expired, page)

    def _signed(self, request: Request) -> Request:
        if self.config.login is None:
            return super()._signed(request)
        header = token_header(self.config.login, self._token)
        return request if header is None else request.with_header(*header)

    async def _login(self) -> None:
        if self.config.login is None:
            return await super()._login()
        if self._login_refusal is not None:  # a site locks out who tries again and again
            raise Rejected(self._login_refusal.message, hint=self._login_refusal.hint)
        try:
            self._token = await LoginCall(self.config.login, self.config, self.session, self._join).token()
        except Rejected as error:
            self._login_refusal = error
            raise

    async def test_key(self) -> KeyProof:
        if self.config.login is None:
            return await super().test_key()
        await self._kept_login.ensure()
        return KeyProof(True, "the site accepts the login")

    async def find_existing(self, request: UploadRequest) -> Existing | None:
        if self.config.search is None:
            return await super().find_existing(request)
        return await self._search(self.config.search).existing(request)

    async def find_sent(self, sent: SentUpload) -> LookUp:
        if self.config.search is None:
            return await super().find_sent(sent)
        return await self._search(self.config.search).sent(sent)

    def _search(self, search: Search) -> SiteSearch:
        return SiteSearch(
            search, self.config, self._ask_as_user, self._join, self._public, self.session.redactor
        )

    async def _ask_as_user(self, request: Request) -> Answer:
        """Asks, an expired login being made anew once; raises where the site does not know the user."""
        answer = await self._ask(request)
        try:
            if await self._shows_expiry(answer):
                self._kept_login.forget(self._kept_login.current)
                answer = await self._ask(request)
            forgotten = await self._shows_expiry(answer)
        except RuleFault as error:
            raise NotSent(f"{self._name} could not be asked: {error}", retryable=False) from None
        if forgotten:
            raise NotSent(
                f"{self._name} forgets each login at once",
                hint=f"check trackers.{self.config.id}.login and .answer.expired",
                retryable=False,
            )
        if self._denies_key(answer):
            raise self._bad_key()
        return answer

    async def upload(self, request: UploadRequest) -> UploadResult:
        rules = self.config.answer
        if rules is None:
            return await super().upload(request)
        answer = await self._create(request)
        if await self._is_expired(rules, answer):
            answer = await self._create_after_renewal(rules, request)
        return await self._read(rules, answer)

    async def _create(self, request: UploadRequest) -> Answer:
        await self._kept_login.ensure()
        return await self.session.create(self._signed(await self._upload_request(request)))

    async def _create_after_renewal(self, rules: AnswerRules, request: UploadRequest) -> Answer:
        """Sends it again with a new login, since the site has proved that it took nothing."""
        self._turned_away()
        answer = await self._create(request)
        if await self._is_expired(rules, answer):
            self._turned_away()
            raise NotSent(
                f"{self._name} forgets each login at once, and took nothing",
                hint=f"check trackers.{self.config.id}.login and .answer.expired",
                retryable=False,
            )
        return answer

    def _turned_away(self) -> None:
        self._kept_login.forget(self._kept_login.current)
        if attempt := current_attempt():
            attempt.turned_away()

    async def _is_expired(self, rules: AnswerRules, answer: Answer) -> bool:
        if not rules.expired:
            return False
        try:
            return await judge(rules, answer) is Verdict.EXPIRED
        except RuleFault:
            return False  # `_read` tells of it

    async def _read(self, rules: AnswerRules, answer: Answer) -> UploadResult:
        """The result where a `done` rule proves one; else raises what the answer proves, or Unknown."""
        try:
            verdict = await judge(rules, answer)
        except RuleFault as error:
            raise Unknown(
                f"{self._name} answered with status {answer.status}, and trackers.{self.config.id} cannot "
                f"tell what that means: {error}",
                hint=LOOK_FIRST,
            ) from None
        if verdict is not Verdict.DONE:
            raise await self._refusal(verdict, rules, answer)
        faults: list[str] = []
        link = await self._found(rules.download_url, answer, faults)
        torrent_id = await self._found(rules.id, answer, faults)
        url = self._public(await self._found(rules.url, answer, faults))
        said = await self._said(rules.message, answer)
        return UploadResult(
            torrent_id=torrent_id,
            url=url,
            download_url=Secret(link) if link else None,
            message="; ".join(filter(None, (said, *faults))),
        )

    async def _refusal(self, verdict: Verdict, rules: AnswerRules, answer: Answer) -> TrackerError:
        if verdict not in (Verdict.DUPLICATE, Verdict.REFUSED):
            return self._unclear(answer)
        said = await self._said(rules.message, answer) or self._words(answer.json_object())
        if verdict is Verdict.DUPLICATE:
            url = self._public(await self._found(rules.url, answer, []))
            return Skipped(
                f"{self._name} has it already: {said or describe(answer, self.session.redactor)}",
                reason="duplicate",
                url=url,
            )
        return self._verdicts.refused(answer, said)

    async def _found(self, source: Source | None, answer: Answer, faults: list[str]) -> str | None:
        """What a verdict does not hang on: None where it cannot be found, `faults` telling why."""
        try:
            return await extract(source, answer) if source else None
        except RuleFault as error:
            faults.append(f"trackers.{self.config.id}: {error}")
            return None

    async def _said(self, source: Source | None, answer: Answer) -> str:
        try:
            said = await words(source, answer) if source else ""
        except RuleFault:
            said = ""
        return readable(said, self.session.redactor)


def _accepting(csrf: Csrf) -> tuple[str, Text]:
    """Many sites give their pages only to who does not insist on JSON."""
    return JSON_ONLY if csrf.source.json is not None else ("Accept", "text/html")
