"""What is made of an upload that is done, where its id or address cannot be found in time."""

from __future__ import annotations

import pytest

from mua_async.config.described import answer as read_answer
from pipeline.model.upload import UploadRequest
from tests.support.raw_site import answering
from tests.support.requests import on_raw_site
from trackers.described import patterns
from trackers.described.described_tracker import DescribedTracker

SLOW = {"regex": "((?:.*)*(?:.*)*never)"}


@pytest.mark.parametrize("place", ["id", "url", "download_url"])
async def test_an_expression_that_takes_too_long_on_a_success_is_told(
    album: UploadRequest, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 1.0)
    rules = read_answer({"done": {"text": "stored"}, "message": {"regex": "(stored)"}, place: SLOW})
    script = answering(200, b"stored " + b"a" * 4000)
    async with on_raw_site(script, DescribedTracker, answer=rules) as (_, it):
        result = await it.tracker.upload(album)
    told = f"stored; trackers.XY: the regular expression answer.{place} takes longer than 1 s"
    assert (result.message, result.torrent_id, result.url) == (told, None, None)
