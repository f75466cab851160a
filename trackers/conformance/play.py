"""The site that a description tells of, played by the description's own rules as far as they tell enough."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import parse_qsl

from attrs import evolve, field, frozen

from ..described.description import AnswerRules, Csrf, LoginSteps, Rule, Source
from ..described.rules import RuleFault, Verdict, extract, judge, matches, proves
from ..request import Answer
from ..tracker_config import TrackerConfig
from .checks import NEEDING_A_SUCCESS, NEEDING_NO_SITE, ODD_STATUSES
from .drafts import drafts
from .site import SiteRequest

TORRENT = "1001"
FORM_TOKEN = "f0rm70ken0f0the0c0nf0rmance0k1t"  # noqa: S105 - no site's
ANY_ANSWER = Rule("")
"""Asks for nothing: where a login has no `done`."""


@frozen
class Page:
    """What the site answers to a request other than an upload."""

    method: str
    endpoint: str
    answer: Answer

    def is_asked_by(self, request: SiteRequest) -> bool:
        path, _, query = self.endpoint.partition("?")
        asked, _, given = request.target.partition("?")
        fits = (request.method, asked) == (self.method, f"/{path}")
        return fits and set(parse_qsl(query)) <= set(parse_qsl(given))


@frozen
class Play:
    """What was found out of a description."""

    stored: Answer | None = None
    """The answer to an upload that was stored; None for the family's."""
    pages: tuple[Page, ...] = ()
    no_success: str = ""
    """Why no success can be played."""
    no_way_in: str = ""
    """Why the site cannot be played at all."""
    by_status: frozenset[int] = field(factory=frozenset)
    """Statuses that mean something to the description whatever the body says."""

    def unplayed(self, check: str) -> str:
        """Why the check cannot be made; empty where it can."""
        if self.no_way_in and check not in NEEDING_NO_SITE:
            return self.no_way_in
        if self.no_success and check in NEEDING_A_SUCCESS:
            return self.no_success
        statuses = ODD_STATUSES.get(check, ())
        return self.left_out(check) if statuses and self.by_status.issuperset(statuses) else ""

    def left_out(self, check: str) -> str:
        """What the check does not look at; empty where it looks at everything."""
        statuses = [status for status in ODD_STATUSES.get(check, ()) if status in self.by_status]
        if not statuses:
            return ""
        told = ", ".join(map(str, statuses))
        return f"Not with status {told}: the description goes by the status alone, whatever the site says."

    def respond(self, request: SiteRequest) -> Answer | None:
        return next((page.answer for page in self.pages if page.is_asked_by(request)), None)


async def played(config: TrackerConfig, secret: str) -> Play:
    """The play of a described site; `secret` is the token that its login answers with."""
    play = Play()
    try:
        play = evolve(play, pages=await _pages(config, secret))
    except NotPlayed as error:
        play = evolve(play, no_way_in=str(error))
    if config.answer is None:
        return play
    play = evolve(play, by_status=frozenset(_by_status(config.answer)))
    try:
        return evolve(play, stored=await _stored(config.answer))
    except NotPlayed as error:
        return evolve(play, no_success=str(error))


class NotPlayed(Exception):
    """The description does not tell enough; the text names the key."""


async def _pages(config: TrackerConfig, secret: str) -> tuple[Page, ...]:
    login = config.login
    tokens = [] if login is None or login.csrf is None else [login.csrf]
    tokens += [] if config.csrf is None else [config.csrf]
    pages = [
        await _token_page(endpoint, [token for token in tokens if token.endpoint == endpoint])
        for endpoint in dict.fromkeys(token.endpoint for token in tokens)
    ]
    if login is not None:
        pages.append(Page("POST", login.endpoint, await _let_in(login, secret)))
    return tuple(pages)


async def _token_page(endpoint: str, tokens: Sequence[Csrf]) -> Page:
    """A page that holds all tokens that are looked for in it."""
    sources = [token.source for token in tokens]
    for answer in drafts(ANY_ANSWER, dict.fromkeys(sources, FORM_TOKEN)):
        if all([await _finds(source, answer) for source in sources]):
            return Page("GET", endpoint, answer)
    places = " and ".join(source.place for source in sources)
    raise NotPlayed(f"no page is known in which {places} finds a token")


async def _let_in(login: LoginSteps, secret: str) -> Answer:
    wanted: dict[Source, object] = {} if login.token is None else {login.token: secret}
    for rule in login.done or (ANY_ANSWER,):
        for draft in drafts(rule, wanted):
            answer = evolve(draft, headers={**draft.headers, "Set-Cookie": "session=1; Path=/"})
            if await _lets_in(login, answer):
                return answer
    raise NotPlayed("no answer is known that login.done takes for a login")


async def _lets_in(login: LoginSteps, answer: Answer) -> bool:
    try:
        done = not login.done or await proves(login.done, answer)
        refused = await matches(login.refused, answer)
    except RuleFault:
        return False
    return done and not refused and (login.token is None or await _finds(login.token, answer))


async def _stored(rules: AnswerRules) -> Answer:
    """What a site says of an upload that it stored."""
    wanted: dict[Source, object] = {
        source: value
        for source, value in (
            (rules.id, TORRENT),
            (rules.url, f"/torrents/{TORRENT}"),
            (rules.download_url, f"/download/{TORRENT}.torrent"),
        )
        if source is not None
    }
    for rule in rules.done:
        for answer in (*drafts(rule, wanted), *drafts(rule, {})):
            if await _is_done(rules, answer):
                return answer
    raise NotPlayed("no answer is known that answer.done takes for a success")


async def _is_done(rules: AnswerRules, answer: Answer) -> bool:
    try:
        return await judge(rules, answer) is Verdict.DONE
    except RuleFault:
        return False


async def _finds(source: Source, answer: Answer) -> bool:
    try:
        return await extract(source, answer) is not None
    except RuleFault:
        return False


def _by_status(rules: AnswerRules) -> Iterator[int]:
    """Statuses of rules that look at nothing else; a refusal counts where it would be a success elsewhere."""
    for rule in (*rules.done, *rules.expired):
        yield from _statuses_alone(rule)
    for rule in (*rules.refused, *rules.duplicate):
        yield from (status for status in _statuses_alone(rule) if status < 300)


def _statuses_alone(rule: Rule) -> Iterator[int]:
    if not rule.sees_proof:
        for condition in rule.conditions:
            yield from condition.status
