"""How long it is waited before a request is made again: a chance apart from others, or as the site asks."""

from __future__ import annotations

import random

import anyio
import pytest

from pipeline.errors import NotSent
from pipeline.model.upload import UploadRequest, UploadResult
from tests.support.raw_site import Exchange, raw_site
from tests.support.requests import album_request, connected, tracker_config
from trackers.client import RetryPolicy

STORED = b'{"success": true, "id": 7}'


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> UploadRequest:
    return album_request(tmp_path_factory.mktemp("music") / "First Light", tracks=1)


async def test_a_wait_is_longer_by_chance(album: UploadRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "uniform", lambda least, most: most)
    policy = RetryPolicy(attempts=2, first_wait=0.0, longest_wait=60.0, jitter=0.05)
    async with connected(tracker_config("http://127.0.0.1:9"), retries=policy) as it:
        started = anyio.current_time()
        with pytest.raises(NotSent):
            await it.tracker.upload(album)
        assert anyio.current_time() - started >= 0.05


async def test_a_wait_that_the_site_names_is_kept_as_it_is(album: UploadRequest) -> None:
    async def throttle_once(exchange: Exchange) -> None:
        await exchange.request()
        if exchange.site.posts == 1:
            await exchange.answer(429, headers={"Retry-After": "0"})
        else:
            await exchange.answer(200, STORED)

    never = RetryPolicy(attempts=2, first_wait=3600.0, longest_wait=3600.0)
    async with raw_site(throttle_once) as site, connected(tracker_config(site.url), retries=never) as it:
        with anyio.fail_after(10):
            assert isinstance(await it.tracker.upload(album), UploadResult)
    assert site.posts == 2
