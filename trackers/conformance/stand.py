"""An adapter put on the test stand: a session of its own, and the kit's site behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from attrs import evolve, field, frozen
from yarl import URL

from pipeline.errors import NotSent, TrackerError
from pipeline.events import Cell, Event
from pipeline.model.album import ReleaseType
from pipeline.model.upload import Existing, UploadRequest, UploadResult
from pipeline.secret import Secret

from ..attempt import Attempt, attempt_under_way
from ..client import IsLimited, RetryPolicy, TrackerSession
from ..dry_run import DrySession
from ..generic_tracker import GenericTracker
from ..limiter import SlidingWindow
from ..redaction import make_redactor
from ..request import Answer, Request
from ..tracker_config import Rate, Timeouts, TrackerConfig
from .release import STREAMS, Sample
from .site import KitSite, SiteRequest, kit_site

KEY = "4c0ffee1c0nf0rmance5ecret0key7d9a2b3e6f8"
PASSWORD = "pa55w0rd0f0the0c0nf0rmance0k1t0a1b2c3d4"  # noqa: S105 - no account's
PASSKEY = "9d1e5f7a3b2c4d6e8f0a1b2c3d4e5f6a"
SECRETS = (KEY, PASSWORD, PASSKEY)
ANY_ID = {"*": "1"}


class CheckFailed(AssertionError):
    """What is wrong with the adapter, for its author."""


@frozen
class Subject:
    """What is checked: a class, what a user configures for it, and how its site answers."""

    cls: type[GenericTracker]
    config: TrackerConfig
    stored: Callable[[str], Answer]
    respond: Callable[[SiteRequest], Answer]
    by_status: frozenset[int] = frozenset()
    """Statuses whose answers are not odd, whatever their body is: the user's description goes by them."""


@frozen
class Stand:
    site: KitSite
    subject: Subject
    config: TrackerConfig
    """Settled."""
    session: FencedSession
    adapter: GenericTracker
    sample: Sample
    """Of a kind that the site takes, if there is one."""
    events: list[Event] = field(factory=list)

    def request(self, sample: Sample | None = None) -> UploadRequest:
        announce = self.config.announce_url or Secret("")
        return (sample or self.sample).request(announce, self.config.source_name or "")

    async def upload(
        self, request: UploadRequest | None = None, adapter: GenericTracker | None = None
    ) -> UploadResult | TrackerError:
        """The adapter's own verdict, before anything of ours puts it right."""
        request = request or self.request()
        attempt = Attempt(Cell.of(request.release.album, self.config.id, self.events.append), may_create=True)
        try:
            with attempt_under_way(attempt):
                return await (adapter or self.adapter).upload(request)
        except TrackerError as error:
            return error

    async def find_existing(self) -> Existing | TrackerError | None:
        try:
            return await self.adapter.find_existing(self.request())
        except TrackerError as error:
            return error

    def rehearsing(self) -> GenericTracker:
        """The same adapter as `--debug` runs it."""
        return self.subject.cls(self.config, DrySession(make_redactor(self.config)))


class FencedSession(TrackerSession):
    """Reaches the kit's site only: a check must not ask a real one."""

    def __init__(self, config: TrackerConfig) -> None:
        super().__init__(
            config, SlidingWindow(config.rate_limit or ()), make_redactor(config), RetryPolicy(attempts=1)
        )
        self._own = URL(config.url or "").origin()
        self.strays: list[str] = []
        """The hosts that were asked for."""

    async def get(self, request: Request, *, is_limited: IsLimited | None = None) -> Answer:
        self._fence(request)
        return await super().get(request, is_limited=is_limited)

    async def post(self, request: Request) -> Answer:
        self._fence(request)
        return await super().post(request)

    async def create(self, request: Request, *, is_limited: IsLimited | None = None) -> Answer:
        self._fence(request)
        return await super().create(request, is_limited=is_limited)

    def _fence(self, request: Request) -> None:
        url = URL(request.url)
        if not url.is_absolute() or url.origin() != self._own:
            self.strays.append(url.host or request.url)
            raise NotSent(f"{url.host} is not the site that is configured", retryable=False)


@asynccontextmanager
async def on_stand(subject: Subject) -> AsyncIterator[Stand]:
    async with kit_site(subject.stored, subject.respond) as site:
        config = subject.cls.settled(_aimed_at(site.url, subject))
        async with FencedSession(config) as session:
            adapter = subject.cls(config, session)
            yield Stand(site, subject, config, session, adapter, _acceptable(adapter))


def _aimed_at(url: str, subject: Subject) -> TrackerConfig:
    """What the user would configure, with the kit's site and keys in place of real ones."""
    cls, config = subject.cls, subject.config
    own = cls.settled(config)
    return evolve(
        config,
        url=url,
        upload_url=own.upload_url and f"{url}{URL(own.upload_url).raw_path_qs}",
        announce_url=Secret(f"{url}/announce/{PASSKEY}"),
        api_key=Secret(KEY),
        username=config.username or "conformance",
        password=Secret(PASSWORD),
        rate_limit=(Rate(1_000_000, 1.0),),
        timeouts=Timeouts(connect=5.0, send=5.0, answer=5.0),
        category_ids=own.category_ids or ANY_ID,
        format_ids=own.format_ids or ANY_ID,
    )


def _acceptable(adapter: GenericTracker) -> Sample:
    kinds = [Sample(codec=codec, release_type=kind) for codec in STREAMS for kind in ReleaseType]
    return min(kinds, key=lambda sample: len(adapter.problems(sample.release())))
