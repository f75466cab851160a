"""What a broken network makes of an upload: the outcome is what may be on the site, and one POST is sent."""

from __future__ import annotations

import gzip
import json
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import anyio
import pytest
from aiohttp.client_reqrep import ConnectionKey
from anyio.lowlevel import checkpoint
from attrs import evolve

from pipeline.errors import KeyRefused, NameTaken, NotSent, Rejected, TrackerError, Unknown
from pipeline.events import BytesSent, UploadStarted, UploadWaiting
from pipeline.model.upload import UploadRequest, UploadResult
from pipeline.secret import Redactor, Secret
from tests.support.raw_site import Exchange, RawSite, Script, answering, free_port, raw_site
from tests.support.requests import (
    BRIEF,
    SOON,
    Connection,
    connected,
    sandbox_config,
    tracker_config,
)
from trackers.client import RetryPolicy, TrackerSession
from trackers.failures import explain, is_passing
from trackers.generic_tracker import GenericTracker
from trackers.limiter import SlidingWindow
from trackers.request import Answer, Request
from trackers.retry_after import retry_after
from trackers.sandbox import Fault, Flavor, SandboxSite
from trackers.tracker_config import Rate

STORED = b'{"success": true, "id": 7}'
ONCE = RetryPolicy(attempts=1)
LARGE = 32 * 1024 * 1024
"""Bytes: more than the system buffers of a connection."""


async def outcome(connection: Connection, album: UploadRequest) -> UploadResult | TrackerError:
    """How the upload ends; a site that makes it hang fails the test."""
    with anyio.fail_after(10):
        try:
            return await connection.tracker.upload(album)
        except TrackerError as error:
            return error


async def send(
    script: Script, album: UploadRequest, *, retries: RetryPolicy = SOON, **config: Any
) -> tuple[UploadResult | TrackerError, RawSite]:
    async with raw_site(script) as site, connected(tracker_config(site.url, **config), retries=retries) as it:
        return await outcome(it, album), site


@pytest.fixture(scope="module")
def large(album: UploadRequest) -> UploadRequest:
    return evolve(album, torrent=evolve(album.torrent, data=bytes(LARGE)))


@asynccontextmanager
async def session(**changes: Any) -> AsyncIterator[TrackerSession]:
    config = tracker_config("http://127.0.0.1:9", **changes)
    async with TrackerSession(config, SlidingWindow(()), Redactor(), SOON) as opened:
        yield opened


# What surely did not arrive


async def test_a_site_that_nobody_runs_gets_nothing(album: UploadRequest) -> None:
    async with connected(tracker_config(f"http://127.0.0.1:{free_port()}")) as it:
        error = await outcome(it, album)
    assert isinstance(error, NotSent)
    assert "cannot be reached: connection refused" in error.message
    assert [wait.seconds for wait in it.heard(UploadWaiting)] == [0.001, 0.001]
    assert len(it.heard(UploadStarted)) == SOON.attempts


async def test_an_upload_is_sent_once_the_site_is_up(album: UploadRequest) -> None:
    port, refused = free_port(), anyio.Event()
    patient = RetryPolicy(attempts=1000, first_wait=0.01, longest_wait=0.01)
    result: list[UploadResult | TrackerError] = []

    async with connected(tracker_config(f"http://127.0.0.1:{port}"), retries=patient) as it:

        async def upload() -> None:
            result.append(await outcome(it, album))
            group.cancel_scope.cancel()

        async with anyio.create_task_group() as group:
            group.start_soon(upload)
            while not it.heard(UploadWaiting):
                await checkpoint()
            refused.set()
            async with raw_site(answering(200, STORED), port) as site:
                await anyio.sleep_forever()

    assert isinstance(result[0], UploadResult)
    assert site.posts == 1
    assert "connection refused" in it.heard(UploadWaiting)[0].reason


async def test_an_unknown_name_gets_nothing(album: UploadRequest) -> None:
    async with connected(tracker_config("http://nobody.invalid"), retries=ONCE) as it:
        error = await outcome(it, album)
    assert isinstance(error, NotSent)
    assert "nobody.invalid cannot be reached" in error.message


async def test_a_port_without_tls_gets_nothing_and_is_not_tried_again(album: UploadRequest) -> None:
    connections: list[Exchange] = []

    async def plain(exchange: Exchange) -> None:
        connections.append(exchange)
        await exchange.send(b"220 welcome to the mail server\r\n")

    async with (
        raw_site(plain) as site,
        connected(tracker_config(site.url.replace("http:", "https:"))) as it,
    ):
        error = await outcome(it, album)
    assert isinstance(error, NotSent)
    assert "does not speak TLS" in error.message
    assert len(connections) == 1


async def test_a_body_that_is_broken_off_did_not_arrive(large: UploadRequest) -> None:
    async def break_off(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.body(100_000)
        await exchange.reset()

    error, site = await send(break_off, large)
    assert isinstance(error, NotSent)
    assert "while it was being sent" in error.message
    assert site.posts == SOON.attempts


async def test_a_stalled_send_ends_by_its_timeout(large: UploadRequest) -> None:
    async def stall(exchange: Exchange) -> None:
        await exchange.head()
        await anyio.sleep_forever()

    error, _ = await send(stall, large, timeouts=evolve(BRIEF, answer=60.0), retries=ONCE)
    assert isinstance(error, NotSent)
    assert "took no more bytes for 0.2 s" in error.message


async def test_a_broken_server_that_answers_too_early_has_nothing(large: UploadRequest) -> None:
    async def bad_gateway(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.answer(502, b"<html><title>Bad Gateway</title></html>")
        await anyio.sleep_forever()

    error, site = await send(bad_gateway, large)
    assert isinstance(error, NotSent)
    assert "status 502" in error.message
    assert site.posts == SOON.attempts


async def test_an_early_refusal_is_heard_while_the_body_is_sent(large: UploadRequest) -> None:
    async def too_large(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.answer(413, b'{"message": "The POST data is too large."}')
        await anyio.sleep_forever()

    error, site = await send(too_large, large)
    assert isinstance(error, Rejected)
    assert "The POST data is too large." in error.message
    assert site.posts == 1


async def test_a_throttled_upload_is_sent_again_after_the_wait_that_the_site_names(
    album: UploadRequest,
) -> None:
    async def throttle_once(exchange: Exchange) -> None:
        await exchange.request()
        if exchange.site.posts == 1:
            await exchange.answer(429, headers={"Retry-After": "0.07"})
        else:
            await exchange.answer(200, STORED)

    async with raw_site(throttle_once) as site, connected(tracker_config(site.url)) as it:
        started = anyio.current_time()
        result = await outcome(it, album)
        took = anyio.current_time() - started
    assert isinstance(result, UploadResult)
    assert site.posts == 2
    assert took >= 0.07
    (wait,) = it.heard(UploadWaiting)
    assert (wait.reason, wait.seconds) == ("the site asked to wait", 0.07)


async def test_a_site_that_never_stops_throttling_has_nothing(album: UploadRequest) -> None:
    error, site = await send(answering(429, headers={"Retry-After": "0"}), album)
    assert isinstance(error, NotSent)
    assert "too many requests" in error.message
    assert site.posts == SOON.attempts


async def test_a_429_settles_what_went_before_it(large: UploadRequest) -> None:
    async def throttle_then_break_off(exchange: Exchange) -> None:
        await exchange.head()
        if exchange.site.posts == 1:
            await exchange.body()
            await exchange.answer(429, headers={"Retry-After": "0"})
        else:
            await exchange.reset()

    error, site = await send(throttle_then_break_off, large)
    assert isinstance(error, NotSent)
    assert site.posts == SOON.attempts


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 10.0),
        ("7", 7.0),
        ("-3", 0.0),
        ("999999999", 3600.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Thu, 01 Jan 9999 00:00:00 GMT", 3600.0),
        ("nan", 10.0),
        ("inf", 10.0),
        ("tomorrow", 10.0),
        ("Thu, 99 Jan 1970 00:00:00 GMT", 10.0),
    ],
)
def test_retry_after_is_a_number_or_a_date(header: str | None, seconds: float) -> None:
    assert retry_after(header) == seconds


async def test_a_key_that_no_header_can_hold_is_not_sent(album: UploadRequest) -> None:
    error, site = await send(answering(200, STORED), album, api_key="two\r\nlines-of-key")
    assert isinstance(error, NotSent)
    assert "lines-of-key" not in str(error)
    assert site.heads == []


@pytest.mark.parametrize("address", ["ftp://127.0.0.1/up", "http://[::1/up", "http:///up", "up"])
async def test_an_odd_address_is_not_sent_to(album: UploadRequest, address: str) -> None:
    async with connected(tracker_config("http://127.0.0.1:9", upload_url=address)) as it:
        error = await outcome(it, album)
    assert isinstance(error, NotSent)
    assert "address" in error.message
    assert it.heard(UploadWaiting) == []


# What may have arrived


async def close(exchange: Exchange) -> None:
    await exchange.request()


async def reset(exchange: Exchange) -> None:
    await exchange.request()
    await exchange.reset()


async def never_answer(exchange: Exchange) -> None:
    await exchange.request()
    await anyio.sleep_forever()


async def drip_head(exchange: Exchange) -> None:
    await exchange.request()
    await exchange.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await exchange.send(b"X-Slow: loris\r\n")
        await anyio.sleep(0.01)


async def drip_body(exchange: Exchange) -> None:
    await exchange.request()
    await exchange.answer(200, b"{", length=1_000_000)
    while True:
        await exchange.send(b" ")
        await anyio.sleep(0.01)


async def flood(exchange: Exchange) -> None:
    await exchange.request()
    await exchange.answer(200, length=10**12)
    while True:
        await exchange.send(b" " * 65536)


def sends(data: bytes) -> Script:
    async def script(exchange: Exchange) -> None:
        await exchange.request()
        await exchange.send(data)

    return script


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        pytest.param(close, "closed", id="close"),
        pytest.param(reset, "connection", id="reset"),
        pytest.param(never_answer, "no answer within 0.2 s", id="never"),
        pytest.param(drip_head, "no answer within 0.2 s", id="slow head"),
        pytest.param(drip_body, "no answer within 0.2 s", id="slow body"),
        pytest.param(flood, "larger than 1 MiB", id="flood"),
        pytest.param(sends(b"SSH-2.0-OpenSSH_9.6\r\n"), "no HTTP", id="garbage"),
        pytest.param(sends(b"HTTP/1.1 200 OK\r\nContent-Le"), "closed", id="half a head"),
        pytest.param(
            sends(b"HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\n" + STORED[:20]), "cut off", id="half a body"
        ),
        pytest.param(
            sends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1a\r\n" + STORED[:20]),
            "cut off",
            id="half a chunk",
        ),
        pytest.param(
            sends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + STORED),
            "",
            id="bad chunks",
        ),
        pytest.param(
            sends(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 26\r\n\r\n" + STORED),
            "",
            id="no gzip",
        ),
    ],
)
async def test_without_a_whole_answer_nothing_is_known_and_nothing_is_repeated(
    album: UploadRequest, script: Script, reason: str
) -> None:
    error, site = await send(script, album, timeouts=BRIEF)
    assert isinstance(error, Unknown)
    assert reason in error.message
    assert "look at the site" in error.hint
    assert site.posts == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_of_an_upload_is_followed(album: UploadRequest, status: int) -> None:
    async with raw_site(answering(200, STORED)) as elsewhere:
        location = {"Location": f"{elsewhere.url}/torrents/login-tracks.7"}
        error, site = await send(answering(status, headers=location), album)
    assert isinstance(error, Unknown)
    assert "a redirect to http://127.0.0.1" in error.message
    assert (site.posts, elsewhere.heads) == (1, [])


@pytest.mark.parametrize(
    "location", ["/login", "https://elsewhere.example/login?next=%2F", "/login.php", "/user/Login/"]
)
async def test_a_redirect_to_the_login_page_denies_the_key(album: UploadRequest, location: str) -> None:
    error, site = await send(answering(302, headers={"Location": location}), album)
    assert isinstance(error, Rejected)
    assert "trackers.XY.api_key" in error.hint
    assert len(site.heads) == 1


# Every status with every body

ODD_BODIES: Sequence[bytes] = [
    b"",
    b"  \r\n",
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking</body></html>",
    b"<html><body>no title",
    b'[{"success": true}]',
    b"{}",
    b"null",
    b"true",
    b'"success"',
    b'{"message": "Created."}',
    b'{"success": "true", "id": 7}',
    b'{"success": 1, "id": 7}',
    b'{"success": null, "id": 7}',
    b'{"success": [true]}',
    b'{"data": {"success": true}}',
    b'{"success": true, "id": 7',
    b'{"success": false, "message": "The name has already been taken."}',
    b'{"success": false, "errors": {"name": ["taken"], "file": []}}',
    b'{"success": false, "errors": ["taken"]}',
    b'{"success": false, "data": "no file"}',
    b'{"success": false, "error": {"code": 3, "text": "taken"}}',
    b'{"success": false}',
    b"\x00\xff\xfe binary \x80",
    gzip.compress(STORED),
    b"[" * 5000,
    b'{"success": false, "message": ' + b"[" * 900 + b"]" * 900 + b"}",
    b'{"success": true, "id": ' + b"9" * 5000 + b"}",
    b"<" * 5000,
]
REFUSED = {400, 401, 402, 403, 404, 405, 406, 409, 410, 411, 413, 414, 415, 422, 451}


class CannedSession:
    """A session that every request gets the same answer from."""

    offline = False

    def __init__(self, answer: Answer) -> None:
        self.redactor = Redactor()
        self.answer = answer

    async def __aenter__(self) -> CannedSession:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def create(self, request: Request, **_: object) -> Answer:
        return self.answer

    get = post = create


def expected(status: int, body: bytes) -> type[TrackerError]:
    if status == 401:
        return KeyRefused
    if status in REFUSED or (status < 300 and b'"success": false' in body):
        return NameTaken if b"taken" in body else Rejected
    return Unknown


async def test_no_answer_but_the_documented_one_is_a_success(album: UploadRequest) -> None:
    for status in range(200, 600):
        for body in ODD_BODIES:
            session = CannedSession(Answer(status, {}, body))
            tracker = GenericTracker(tracker_config("http://127.0.0.1:9"), session)
            with pytest.raises(TrackerError) as caught:
                await tracker.upload(album)
            assert type(caught.value) is expected(status, body), (status, body[:60])
            assert len(str(caught.value)) < 600
            assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "status", [200, 201, 204, 206, 304, 400, 401, 403, 404, 408, 418, 422, 500, 503, 521]
)
async def test_an_answer_that_came_over_the_wire_is_read_in_the_same_way(
    album: UploadRequest, status: int
) -> None:
    without_body = status in {204, 304}
    for body in [b""] if without_body else ODD_BODIES[:22]:
        error, site = await send(answering(status, body), album)
        assert type(error) is expected(status, body), body
        assert site.posts == 1


@pytest.mark.parametrize(
    "body", [STORED, b'{"success": true}', b'\xef\xbb\xbf{"success": true}', b'{"success":true,"data":[]}']
)
async def test_a_documented_success_is_done_whatever_its_content_type(
    album: UploadRequest, body: bytes
) -> None:
    result, site = await send(answering(201, body, {"Content-Type": "text/html"}), album)
    assert isinstance(result, UploadResult)
    assert site.posts == 1


# Doubt, and what the core is told of it


@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.ERROR_AFTER])
async def test_an_upload_that_was_stored_all_the_same_is_not_called_refused(
    album: UploadRequest, fault: Fault
) -> None:
    async with SandboxSite(Flavor.GENERIC) as site, connected(sandbox_config(site)) as it:
        site.fault = fault
        error = await outcome(it, album)
    assert isinstance(error, Unknown)
    assert len(site.uploads) == 1


async def cancel_when(album: UploadRequest, script: Callable[[anyio.Event], Script]) -> bool:
    """Whether the tracker is in doubt after the upload was cancelled at the moment that the script names."""
    now = anyio.Event()
    async with raw_site(script(now)) as site, connected(tracker_config(site.url)) as it:
        async with anyio.create_task_group() as group:
            group.start_soon(it.tracker.upload, album)
            await now.wait()
            group.cancel_scope.cancel()
        return it.tracker.in_doubt(album.release.album.content_id)


async def test_a_cancelled_upload_that_the_site_has_is_in_doubt(album: UploadRequest) -> None:
    def script(now: anyio.Event) -> Script:
        async def hang(exchange: Exchange) -> None:
            await exchange.request()
            now.set()
            await anyio.sleep_forever()

        return hang

    assert await cancel_when(album, script)


async def test_a_cancelled_upload_that_is_still_being_sent_is_not_in_doubt(large: UploadRequest) -> None:
    def script(now: anyio.Event) -> Script:
        async def hang(exchange: Exchange) -> None:
            await exchange.head()
            await exchange.body(1000)
            now.set()
            await anyio.sleep_forever()

        return hang

    assert not await cancel_when(large, script)


async def test_a_verdict_ends_the_doubt(album: UploadRequest) -> None:
    for script in (answering(200, STORED), answering(500), answering(422), close):
        async with raw_site(script) as site, connected(tracker_config(site.url)) as it:
            await outcome(it, album)
            assert not it.tracker.in_doubt(album.release.album.content_id)


async def test_progress_counts_the_bytes_of_the_body(large: UploadRequest) -> None:
    async with raw_site(answering(200, STORED)) as site, connected(tracker_config(site.url)) as it:
        assert isinstance(await outcome(it, large), UploadResult)
    (started,) = it.heard(UploadStarted)
    done = [event.done for event in it.heard(BytesSent)]
    assert done == sorted(set(done))
    assert done[-1] == started.size == int(site.heads[0].headers["content-length"]) == len(site.bodies[0])
    assert "transfer-encoding" not in site.heads[0].headers


class Doubtful(GenericTracker):
    """Sends a second creating request where the first one failed."""

    async def upload(self, request: UploadRequest) -> UploadResult:
        try:
            return await super().upload(request)
        except TrackerError:
            return await super().upload(request)


@pytest.mark.parametrize("script", [close, answering(500), answering(422)])
async def test_an_adapter_cannot_send_a_second_creating_request(album: UploadRequest, script: Script) -> None:
    async with raw_site(script) as site, connected(tracker_config(site.url), Doubtful) as it:
        error = await outcome(it, album)
    assert isinstance(error, Unknown)
    assert site.posts == 1


# The other requests


async def test_a_get_is_repeated_and_a_post_is_not() -> None:
    async def fail_twice(exchange: Exchange) -> None:
        await exchange.request()
        if len(exchange.site.heads) == 1:
            await exchange.answer(200, b"half", length=10)
        elif len(exchange.site.heads) == 2:
            await exchange.answer(503)
        else:
            await exchange.answer(200, b"whole")

    async with raw_site(fail_twice) as site, session() as opened:
        answer = await opened.get(Request("GET", site.url))
        assert answer.body == b"whole"
        assert len(site.heads) == 3
    async with raw_site(close) as site, session() as opened:
        with pytest.raises(NotSent) as caught:
            await opened.post(Request("POST", f"{site.url}/login"))
        assert not caught.value.retryable
        assert len(site.heads) == 1


async def test_what_changes_the_site_cannot_be_sent_as_a_get() -> None:
    async with raw_site(answering(200)) as site, session() as opened:
        with pytest.raises(ValueError, match="POST"):
            await opened.get(Request("POST", site.url))
    assert site.heads == []


async def test_a_creating_request_outside_of_an_upload_is_not_sent() -> None:
    async with raw_site(answering(200)) as site, session() as opened:
        with pytest.raises(RuntimeError, match="one creating request"):
            await opened.create(Request("POST", site.url))
    assert site.heads == []


async def test_a_slow_answer_to_a_get_ends_by_the_timeout() -> None:
    async with raw_site(drip_body) as site, session(timeouts=evolve(BRIEF, connect=0.1)) as opened:
        with anyio.fail_after(10), pytest.raises(NotSent):
            await opened.get(Request("GET", site.url))


async def test_the_form_of_a_login_is_sent_and_its_cookie_kept() -> None:
    async def login(exchange: Exchange) -> None:
        head = await exchange.request()
        if head.method == "POST":
            await exchange.answer(302, headers={"Set-Cookie": "session=abc; Path=/", "Location": "/"})
        else:
            await exchange.answer(200, head.headers.get("cookie", "none").encode())

    async with raw_site(login) as site, session() as opened:
        form = Request("POST", f"{site.url}/login", fields=(("password", Secret("swordfish")),))
        assert (await opened.post(form)).status == 302
        assert (await opened.get(Request("GET", site.url))).body == b"session=abc"
    assert b"swordfish" in site.bodies[0]


async def test_every_request_has_a_connection_of_its_own() -> None:
    connections: list[Exchange] = []

    async def keep_alive(exchange: Exchange) -> None:
        connections.append(exchange)
        while True:
            await exchange.request()
            await exchange.answer(200, headers={"Connection": "keep-alive"})

    async with raw_site(keep_alive) as site, session() as opened:
        for _ in range(3):
            await opened.get(Request("GET", site.url))
    assert len(connections) == 3


async def test_the_limit_of_the_account_holds_for_all_calls_and_is_told_of(album: UploadRequest) -> None:
    async with raw_site(answering(200, STORED)) as site:
        config = tracker_config(site.url, rate_limit=(Rate(2, 0.05),))
        async with connected(config) as it:
            for _ in range(3):
                await outcome(it, album)
    (wait,) = it.heard(UploadWaiting)
    assert wait.reason == "rate limit"
    assert 0 < wait.seconds <= 0.3


# Words


def connection_key() -> ConnectionKey:
    return ConnectionKey("site.example", 443, True, True, None, None, None)


def untrusted() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate"
    return error


@pytest.mark.parametrize(
    ("error", "words", "passing"),
    [
        (
            aiohttp.ClientConnectorCertificateError(connection_key(), untrusted()),
            "certificate is not trusted: self-signed certificate",
            False,
        ),
        (aiohttp.ClientConnectorSSLError(connection_key(), ssl.SSLError(1, "?")), "speak TLS", False),
        (aiohttp.ClientConnectorError(connection_key(), OSError(113, "No route")), "no route to host", True),
        (aiohttp.ClientConnectorError(connection_key(), OSError("?")), "the connection failed", True),
        (aiohttp.ClientOSError(32, "Can not write request body for http://x/?key=K"), "broken pipe", True),
        (aiohttp.InvalidURL("http://x/?key=K"), "cannot be written", False),
        (aiohttp.ClientConnectionError("http://x/?key=K"), "(ClientConnectionError)", True),
    ],
)
def test_a_failure_is_told_in_plain_words_without_its_address(
    error: Exception, words: str, passing: bool
) -> None:
    assert words in explain(error)
    assert "key=K" not in explain(error)
    assert is_passing(error) is passing


async def test_an_answer_that_is_json_may_be_of_any_encoding() -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert Answer(200, {}, json.dumps({"a": "ö"}).encode(encoding)).json_object() == {"a": "ö"}
