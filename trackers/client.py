"""A tracker's session: its own connections, cookies, limiter and redactor; all traffic goes through it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Protocol, Self, TypeAlias

import aiohttp
import stamina
from attrs import frozen
from multidict import CIMultiDict
from yarl import URL

from pipeline.errors import NotSent, Unknown
from pipeline.secret import Redactor

from .addresses import is_private_enough
from .attempt import Attempt, current_attempt, take_creation
from .body import Body, encode_body
from .delivery import CHUNK, Delivery
from .failures import FAILURES, AnswerTooLarge, explain, is_passing
from .limiter import Limiter
from .request import Answer, Request, reveal
from .retry_after import DEFAULT, retry_after
from .tracker_config import TrackerConfig

USER_AGENT = "mua-async"
LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes: a .torrent, or a page of a search."""
LARGEST_VERDICT = 1024 * 1024
"""Bytes: what a site says of an upload."""

IsLimited: TypeAlias = Callable[[Answer], bool]
"""Whether an answer of a status other than 429 says `too many requests`."""

# stamina's own log of retries prints the arguments of what it retries: keys would be among them.
stamina.instrumentation.set_on_retry_hooks(())


@frozen
class RetryPolicy:
    """How often a request is made that surely did not arrive; waits are in seconds and double each time.

    A wait that the site names is kept as it is.
    """

    attempts: int = 4
    first_wait: float = 0.5
    longest_wait: float = 5.0
    jitter: float = 1.0
    """At most so much is added to a wait by chance: what failed at once does not come back at once."""


class Session(Protocol):
    """What an adapter is given to speak to its site with."""

    redactor: Redactor
    offline: bool
    """Nothing is asked and nothing is sent: a dry run."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    async def get(self, request: Request, *, is_limited: IsLimited | None = None) -> Answer:
        """Asks; repeated where that may help, and where `is_limited` says so. Raises NotSent."""
        ...

    async def post(self, request: Request) -> Answer:
        """Sends a body that creates no upload: a login, a picture. Never repeated. Raises NotSent."""
        ...

    async def create(self, request: Request, *, is_limited: IsLimited | None = None) -> Answer:
        """Sends the one creating request of an upload. Raises NotSent or Unknown.

        An answer that `is_limited` knows, as a 429, turned the request away unread: it is made again.
        """
        ...


class TrackerSession:
    """Speaks HTTP with one site.

    Every request has a connection of its own (a stale kept-alive one would make a needless `unknown`), and no
    redirect is followed: a POST would be repeated elsewhere, a login page be taken for an answer.
    """

    offline = False

    def __init__(
        self,
        config: TrackerConfig,
        limiter: Limiter,
        redactor: Redactor,
        retries: RetryPolicy = RetryPolicy(),
    ) -> None:
        self.redactor = redactor
        self._timeouts = config.timeouts
        self._window = max((rate.seconds for rate in config.rate_limit or ()), default=DEFAULT)
        self._limiter = limiter
        self._retries = retries
        self._own_origins = _loopback_origins(config)

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True),
            # aiohttp keeps no cookies of hosts that are IP addresses unless told to.
            cookie_jar=aiohttp.CookieJar(
                unsafe=True,
                quote_cookie=False,
                # Nor does it give secure cookies back to a site on this machine, as browsers do.
                treat_as_secure_origin=self._own_origins,
            ),
            headers={"User-Agent": USER_AGENT},
        )
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._http.close()

    async def get(self, request: Request, *, is_limited: IsLimited | None = None) -> Answer:
        if request.method not in {"GET", "HEAD"}:
            raise ValueError(f"get() repeats its request, which a {request.method} does not bear")
        return await self._repeated(lambda: self._ask(request, is_limited))

    async def post(self, request: Request) -> Answer:
        body = await encode_body(request)
        await self._slot()
        try:
            answer = await self._send(request, body, self._delivery(body))
        except Unknown as error:
            raise NotSent(error.message, retryable=False) from None
        self._refuse_limited(request, answer)
        return answer

    async def create(self, request: Request, *, is_limited: IsLimited | None = None) -> Answer:
        attempt = take_creation()
        body = await encode_body(request)

        async def send_once() -> Answer:
            await self._slot()
            await attempt.begin(len(body.data))
            try:
                return await self._create_once(request, body, attempt, is_limited)
            except NotSent:
                await attempt.withdraw()
                raise

        return await self._repeated(send_once)

    async def _create_once(
        self, request: Request, body: Body, attempt: Attempt, is_limited: IsLimited | None
    ) -> Answer:
        delivery = self._delivery(body, attempt)
        answer = await self._send(request, body, delivery)
        if _says_limited(answer, is_limited):
            attempt.refused_unread()
        self._refuse_limited(request, answer, is_limited)
        if answer.status >= 500 and not delivery.last_byte_handed:
            raise NotSent(f"{_host(request)} broke off with status {answer.status}")
        attempt.answered(answer.status)
        return answer

    def _delivery(self, body: Body, attempt: Attempt | None = None) -> Delivery:
        return Delivery(body.data, self._timeouts.send, self._timeouts.answer, attempt)

    async def _slot(self) -> None:
        await self._limiter.acquire(lambda seconds: _tell_of_wait("rate limit", seconds))

    async def _repeated(self, once: Callable[[], Awaitable[Answer]]) -> Answer:
        """Only what surely did not arrive is sent again; a wait that the site names is kept."""
        policy = self._retries
        async for attempt in stamina.retry_context(
            on=_wait_before_next,
            attempts=policy.attempts,
            timeout=None,
            wait_initial=policy.first_wait,
            wait_max=policy.longest_wait,
            wait_jitter=policy.jitter,
        ):
            with attempt:
                try:
                    return await once()
                except NotSent as error:
                    if error.retryable and attempt.num < policy.attempts:
                        _tell_of_retry(error, attempt.next_wait)
                    raise
        raise AssertionError("stamina gives up by raising")

    async def _ask(self, request: Request, is_limited: IsLimited | None) -> Answer:
        await self._slot()
        timeout = aiohttp.ClientTimeout(
            total=self._timeouts.connect + self._timeouts.answer, connect=self._timeouts.connect
        )
        url, headers = _address(request), _headers(request)
        try:
            async with self._http.request(
                request.method, url, headers=headers, allow_redirects=False, timeout=timeout
            ) as response:
                answer = await _read(response, LARGEST_ANSWER)
        except FAILURES as error:
            reason, again = explain(error), is_passing(error)
            raise NotSent(f"{_host(request)} cannot be asked: {reason}", retryable=again) from None
        self._refuse_limited(request, answer, is_limited)
        if answer.status >= 500:
            raise NotSent(f"{_host(request)} answers with status {answer.status}")
        return answer

    def _refuse_limited(self, request: Request, answer: Answer, is_limited: IsLimited | None = None) -> None:
        """Such an answer is given before anything is done with the request, so it is safe to repeat.

        What is no 429 names no wait: the site's own window is waited for.
        """
        if _says_limited(answer, is_limited):
            default = DEFAULT if answer.status == 429 else self._window
            seconds = retry_after(answer.headers.get("Retry-After"), default)
            raise NotSent(f"{_host(request)} says: too many requests", retry_after=seconds)

    async def _send(self, request: Request, body: Body, delivery: Delivery) -> Answer:
        """One exchange; what came to no answer is NotSent or Unknown, as `delivery` knows."""
        url, headers = _address(request), _headers(request)
        headers["Content-Type"] = body.content_type
        headers["Content-Length"] = str(len(body.data))
        try:
            with delivery.watchdog:
                async with self._http.request(
                    request.method,
                    url,
                    headers=headers,
                    data=delivery.chunks(),
                    allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(total=None, connect=self._timeouts.connect),
                ) as response:
                    answer = await _read(response, LARGEST_VERDICT)
        except FAILURES as error:
            raise delivery.verdict(_host(request), explain(error), is_passing(error)) from None
        if delivery.watchdog.cancelled_caught:
            raise delivery.verdict(_host(request), delivery.overdue())
        return answer


def _loopback_origins(config: TrackerConfig) -> list[URL]:
    """The site's origins without TLS that nobody can listen to."""
    origins: list[URL] = []
    for address in filter(None, (config.url, config.upload_url)):
        with suppress(ValueError):  # it is told when something is asked for there
            url = URL(address)
            if url.scheme == "http" and is_private_enough(url):
                origins.append(url.origin())
    return origins


def _tell_of_wait(reason: str, seconds: float) -> None:
    attempt = current_attempt()
    if attempt is not None:
        attempt.waiting(reason, seconds)


def _tell_of_retry(error: NotSent, backoff: float) -> None:
    if error.retry_after is None:
        _tell_of_wait(f"trying again: {error.message}", backoff)
    else:
        _tell_of_wait("the site asked to wait", error.retry_after)


def _wait_before_next(error: Exception) -> bool | float:
    """Whether stamina makes another attempt, and after how many seconds where the site named them."""
    if not isinstance(error, NotSent) or not error.retryable:
        return False
    return True if error.retry_after is None else error.retry_after


def _says_limited(answer: Answer, is_limited: IsLimited | None) -> bool:
    return answer.status == 429 or (is_limited is not None and is_limited(answer))


async def _read(response: aiohttp.ClientResponse, largest: int) -> Answer:
    body = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK):
        body += chunk
        if len(body) > largest:
            raise AnswerTooLarge(f"the answer is larger than {largest >> 20} MiB")
    return Answer(response.status, response.headers, bytes(body))


def _address(request: Request) -> URL:
    try:
        url = URL(request.url)
        if url.scheme not in {"http", "https"} or not url.host:
            raise ValueError("not an address of the web")
        return url.update_query([(name, reveal(value)) for name, value in request.params])
    except ValueError:
        raise NotSent("an address that is none: it must begin with https://", retryable=False) from None


def _headers(request: Request) -> CIMultiDict[str]:
    return CIMultiDict((name, reveal(value)) for name, value in request.headers)


def _host(request: Request) -> str:
    url = URL(request.url)
    return f"{url.host}:{url.explicit_port}" if url.explicit_port else str(url.host)
