"""Files and the key have fields of their own, also where the names of fields are templates."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from mua_async.config.described import answer as read_answer
from mua_async.config.described import upload_fields
from pipeline.errors import Skipped
from pipeline.model.release import Cover
from pipeline.model.upload import UploadRequest
from tests.support.raw_site import answering
from tests.support.requests import on_raw_site
from trackers.described.described_tracker import DescribedTracker
from trackers.tracker_config import ApiFormat, AuthType

COVER = Cover(b"picture", "image/jpeg", 900, 900, "cover.jpg")
KEY_IN_FIELD = {"api_auth_type": AuthType.FIELD, "api_auth_name": "apikey"}


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"fields": upload_fields({"{{ 'torrent' }}": "x"})}, "at torrent, the field of a file"),
        (
            {"fields": upload_fields({"{{ 'apikey' }}": "x"}), **KEY_IN_FIELD},
            "at apikey, the field of the key",
        ),
        (
            {"fields": upload_fields({"{{ 'apikey' }}": "x"}), **KEY_IN_FIELD, "api_format": ApiFormat.JSON},
            "at apikey, the field of the key",
        ),
        ({"torrent_field": "name"}, "at name, the field of a file"),
        ({"cover_field": "torrent"}, "at torrent, the field of a file"),
        ({**KEY_IN_FIELD, "api_auth_name": "name"}, "at name, the field of the key"),
    ],
)
async def test_what_would_go_into_one_field_is_not_sent(
    album: UploadRequest, keys: dict[str, Any], told: str
) -> None:
    async with on_raw_site(answering(201), DescribedTracker, **keys) as (raw, it):
        with pytest.raises(Skipped, match=f"trackers.XY.fields: something else stands {told}"):
            await it.tracker.upload(evolve(album, release=evolve(album.release, cover=COVER)))
    assert not raw.heads


async def test_a_list_is_a_field_that_is_there_more_than_once(album: UploadRequest) -> None:
    keys = {
        **KEY_IN_FIELD,
        "fields": upload_fields({"tags[]": ["a", "b"]}),
        "answer": read_answer({"done": {"status": 201}}),
    }
    async with on_raw_site(answering(201), DescribedTracker, **keys) as (raw, it):
        await it.tracker.upload(album)
    assert raw.bodies[0].count(b'name="tags[]"') == 2


async def test_a_key_beside_a_document_may_have_the_name_of_a_field_in_it(album: UploadRequest) -> None:
    keys = {
        **KEY_IN_FIELD,
        "api_format": ApiFormat.DOCUMENT,
        "document_field": "payload",
        "fields": upload_fields({"apikey": "none", "torrent": "beside"}),
        "answer": read_answer({"done": {"status": 201}}),
    }
    async with on_raw_site(answering(201), DescribedTracker, **keys) as (raw, it):
        await it.tracker.upload(album)
    assert raw.posts == 1
