"""Whatever an adapter does, its verdict is no better than what the session knows."""

from __future__ import annotations

import re
import sys
from asyncio import CancelledError
from collections.abc import Mapping
from pathlib import Path

import pytest
from anyio import CancelScope, sleep_forever

from pipeline.errors import AlbumError, NotSent, Rejected, Skipped, TrackerError, Unknown, UsageError
from pipeline.events import Cell, UploadStarted
from pipeline.model.release import Release
from pipeline.model.upload import Existing, LookUp, SentUpload, UploadRequest, UploadResult
from pipeline.secret import Secret
from tests.support.raw_site import Exchange, Script, answering, raw_site
from tests.support.requests import connected, tracker_config
from trackers.client import Session
from trackers.connect import connect
from trackers.generic_tracker import GenericTracker, KeyProof
from trackers.request import Answer, Request
from trackers.tracker_config import TrackerConfig

STORED = b'{"success": true, "id": 7}'


async def close(exchange: Exchange) -> None:
    await exchange.request()


async def verdict(
    album: UploadRequest, cls: type[GenericTracker], script: Script
) -> tuple[UploadResult | TrackerError, int]:
    """How the upload ends, and how many requests the site got."""
    async with raw_site(script) as site, connected(tracker_config(site.url), cls) as it:
        try:
            result: UploadResult | TrackerError = await it.tracker.upload(album)
        except TrackerError as error:
            result = error
        assert not it.tracker.in_doubt(album.release.album.content_id)
        return result, len(site.heads)


def raising(error: BaseException, *, before: bool = False) -> type[GenericTracker]:
    """An adapter that raises this before, or whatever comes of, its creating request."""

    class Adapter(GenericTracker):
        async def upload(self, request: UploadRequest) -> UploadResult:
            if not before:
                try:
                    await super().upload(request)
                except TrackerError:
                    raise error from None
            raise error

    return Adapter


class Odd(BaseException):
    """What pytest and others raise past `except Exception`."""


MISTAKES = [
    pytest.param(SystemExit(3), id="SystemExit"),
    pytest.param(Odd("skipped"), id="BaseException"),
    pytest.param(BaseExceptionGroup("of a task group", [SystemExit(3)]), id="base group"),
    pytest.param(KeyError("id"), id="KeyError"),
    pytest.param(ExceptionGroup("of a task group", [NotSent("no")]), id="group"),
    pytest.param(UsageError("not an error of a tracker"), id="UsageError"),
    pytest.param(AlbumError("not this either", path=Path("x"), reason="x"), id="AlbumError"),
]
ERRORS = [Rejected("no"), NotSent("no"), Skipped("no", reason="duplicate"), TrackerError("no")]


@pytest.mark.parametrize("error", MISTAKES)
async def test_a_mistake_before_the_request_sends_nothing(album: UploadRequest, error: BaseException) -> None:
    result, requests = await verdict(album, raising(error, before=True), answering(200, STORED))
    assert isinstance(result, NotSent)
    assert not result.retryable
    assert type(error).__name__ in result.message
    assert "author of Adapter" in result.hint
    assert requests == 0


@pytest.mark.parametrize("script", [answering(200, STORED), answering(422), answering(500), close])
@pytest.mark.parametrize("error", MISTAKES)
async def test_after_the_request_a_mistake_leaves_the_outcome_unknown(
    album: UploadRequest, error: BaseException, script: Script
) -> None:
    result, requests = await verdict(album, raising(error), script)
    assert isinstance(result, Unknown)
    assert requests == 1


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("script", [close, answering(500), answering(503, STORED)])
async def test_without_an_answer_that_can_be_trusted_no_refusal_is_believed(
    album: UploadRequest, error: TrackerError, script: Script
) -> None:
    result, _ = await verdict(album, raising(error), script)
    assert isinstance(result, Unknown)
    assert "look at the site" in result.hint


@pytest.mark.parametrize(
    ("status", "believed"),
    [(200, {Rejected, Skipped}), (302, {Rejected, Skipped, NotSent}), (403, {Rejected, Skipped, NotSent})],
)
async def test_an_adapter_may_read_a_refusal_out_of_an_answer(
    album: UploadRequest, status: int, believed: set[type[TrackerError]]
) -> None:
    for error in ERRORS:
        result, _ = await verdict(album, raising(error), answering(status))
        assert type(result) is (type(error) if type(error) in believed else Unknown)


class Silent(GenericTracker):
    """Takes every end of its upload for a success."""

    async def upload(self, request: UploadRequest) -> UploadResult:
        try:
            return await super().upload(request)
        except NotSent:
            return UploadResult("7")


class Detour(GenericTracker):
    """Sends its upload past the one request that is watched."""

    async def upload(self, request: UploadRequest) -> UploadResult:
        await self.session.post(Request("POST", f"{self.config.url}/upload"))
        return UploadResult("7")


@pytest.mark.parametrize("cls", [Silent, Detour])
async def test_a_success_that_the_session_knows_nothing_of_is_no_success(
    album: UploadRequest, cls: type[GenericTracker]
) -> None:
    result, _ = await verdict(album, cls, answering(429, headers={"Retry-After": "0"}))
    assert not isinstance(result, UploadResult)
    result, _ = await verdict(album, Detour, answering(200, STORED))
    assert isinstance(result, Unknown)


class Asks(GenericTracker):
    """Where the answer does not come, looks at the site."""

    async def upload(self, request: UploadRequest) -> UploadResult:
        try:
            return await super().upload(request)
        except Unknown:
            await self.session.get(Request("GET", f"{self.config.url}/mine"))
            return UploadResult("8")


async def test_an_adapter_may_settle_a_doubt_by_asking(album: UploadRequest) -> None:
    async def lose_the_answer(exchange: Exchange) -> None:
        if (await exchange.request()).method == "GET":
            await exchange.answer(200)

    result, requests = await verdict(album, Asks, lose_the_answer)
    assert result == UploadResult("8")
    assert requests == 2


class Nothing(GenericTracker):
    async def _parse_result(self, answer: Answer) -> UploadResult:
        return None  # type: ignore[return-value] # what an untyped adapter may do


async def test_a_result_that_is_none_is_a_mistake(album: UploadRequest) -> None:
    result, _ = await verdict(album, Nothing, answering(200, STORED))
    assert isinstance(result, Unknown)


class Creates(GenericTracker):
    async def find_existing(self, request: UploadRequest) -> Existing | None:
        await self.session.create(Request("POST", f"{self.config.url}/upload"))
        return None


async def test_only_an_upload_may_create(album: UploadRequest) -> None:
    async with raw_site(answering(200, STORED)) as site, connected(tracker_config(site.url), Creates) as it:
        with pytest.raises(NotSent, match="one creating request"):
            await it.tracker.find_existing(album)
    assert site.heads == []


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ZeroDivisionError("no tracks"), "ZeroDivisionError: no tracks"),
        (SystemExit("no tracks"), "SystemExit: no tracks"),
        (Odd("no tracks"), "Odd: no tracks"),
    ],
)
async def test_a_mistake_in_the_rules_is_a_problem_of_this_tracker_alone(
    album: UploadRequest, error: BaseException, told: str
) -> None:
    class Fussy(GenericTracker):
        def problems(self, release: Release) -> list[str]:
            raise error

    async with connected(tracker_config("http://127.0.0.1:9"), Fussy) as it:
        assert it.tracker.problems(album.release) == [f"the adapter of XY failed: {told}"]


class Exits(GenericTracker):
    """Ends the process, if it is let, wherever it is asked."""

    async def find_existing(self, request: UploadRequest) -> Existing | None:
        sys.exit(5)

    async def find_sent(self, sent: SentUpload) -> LookUp:
        sys.exit(5)

    async def fetch_torrent(self, download_url: Secret | None, torrent_id: str | None) -> bytes | None:
        sys.exit(5)

    async def test_key(self) -> KeyProof:
        sys.exit(5)

    async def listed_ids(self) -> Mapping[str, Mapping[str, str]]:
        sys.exit(5)


async def test_no_question_to_an_adapter_ends_the_process(album: UploadRequest) -> None:
    sent = SentUpload(album.name, album.torrent, ())
    async with connected(tracker_config("http://127.0.0.1:9"), Exits) as it:
        cell = Cell.of(album.release.album, "XY", lambda event: None)
        for asked in (
            it.tracker.find_existing(album),
            it.tracker.find_sent(sent, cell),
            it.tracker.fetch_torrent(cell, None, "7"),
            it.tracker.test_key(),
            it.tracker.listed_ids(),
        ):
            with pytest.raises(NotSent, match="SystemExit: 5"):
                await asked


class Waits(GenericTracker):
    async def find_existing(self, request: UploadRequest) -> Existing | None:
        await sleep_forever()
        return None


async def test_a_cancellation_passes(album: UploadRequest) -> None:
    async with connected(tracker_config("http://127.0.0.1:9"), Waits) as it:
        with CancelScope() as scope:
            scope.cancel()
            await it.tracker.find_existing(album)
        assert scope.cancelled_caught


@pytest.mark.parametrize("error", [KeyError("team"), SystemExit(3), Odd("x"), CancelledError("x")])
def test_an_adapter_that_cannot_be_made_is_named(error: BaseException) -> None:
    class Unmade(GenericTracker):
        def __init__(self, config: TrackerConfig, session: Session) -> None:
            raise error

    told = re.escape(f"adapter Unmade of XY cannot be used: {type(error).__name__}: {error}")
    with pytest.raises(UsageError, match=told):
        connect(Unmade, tracker_config("http://127.0.0.1:9"), lambda event: None)


async def test_events_name_the_album_and_the_tracker(album: UploadRequest) -> None:
    async with raw_site(answering(200, STORED)) as site, connected(tracker_config(site.url, "AB")) as it:
        await it.tracker.upload(album)
    (started,) = it.heard(UploadStarted)
    assert (started.tracker, started.content_id) == ("AB", album.release.album.content_id)
    assert started.album == album.release.album.files.root


class Leaky(GenericTracker):
    """Gives links that hold the user's key, as links of old sites do."""

    async def _parse_result(self, answer: Answer) -> UploadResult:
        link = "https://site.example/get/7/0123456789abcdef0123456789abcdef"
        return UploadResult("7", link, Secret(link), message=f"get it from {link}")


async def test_a_link_with_a_key_is_no_public_page(album: UploadRequest) -> None:
    result, _ = await verdict(album, Leaky, answering(200, STORED))
    assert isinstance(result, UploadResult)
    assert result.url is None
    assert "0123" not in result.message
    assert result.download_url is not None


@pytest.mark.parametrize("odd", ["\\ud800", "7\\u0000", "7\\n8"])
async def test_an_id_that_cannot_be_written_down_is_none(album: UploadRequest, odd: str) -> None:
    """The upload is stored all the same."""
    stored = answering(200, f'{{"success": true, "id": "{odd}"}}'.encode())
    result, _ = await verdict(album, GenericTracker, stored)
    assert isinstance(result, UploadResult)
    assert result.torrent_id is None
