"""What a UNIT3D site tells of its categories and types, which no answer of it lists."""

from __future__ import annotations

import json

import pytest
from yarl import URL

from pipeline.errors import NotSent, Rejected
from pipeline.model.upload import UploadRequest
from tests.support.raw_site import Exchange, answering
from tests.support.requests import on_raw_site, on_sandbox
from trackers.sandbox import Flavor, SandboxSettings, SandboxSite
from trackers.unit3d_tracker import Unit3dTracker

CATEGORIES = {"1": "Movies", "5": "Music", "9": "Applications"}
TYPES = {"1": "Full Disc", "11": "FLAC", "13": "MP3"}


async def test_the_names_come_from_what_is_on_the_site(album: UploadRequest) -> None:
    site = SandboxSite(Flavor.UNIT3D, SandboxSettings())
    async with on_sandbox(site, Unit3dTracker, category_ids={"*": "5"}, format_ids={"*": "11"}) as (_, it):
        assert await it.tracker.listed_ids() == {}
        await it.tracker.upload(album)
        assert await it.tracker.listed_ids() == {"category_ids": {"5": "Music"}, "format_ids": {"11": "FLAC"}}


async def test_what_the_newest_do_not_show_is_asked_for(album: UploadRequest) -> None:
    """The newest are all films; music and the configured ids only come up when they are asked for."""

    async def site_of_films(exchange: Exchange) -> None:
        query = URL((await exchange.request()).target).query
        asked = query.get("categories[]", query.get("types[]", "newest"))
        pairs = {"newest": ("1", "1"), "5": ("5", "11"), "9": ("9", "1"), "13": ("5", "13")}
        entries = [_entry(*pairs[asked])] if asked in pairs else []
        await exchange.answer(200, json.dumps({"data": entries, "links": {}}).encode())

    config = {
        "category_ids": {"ALBUM": "5", "SINGLE": "9", "EP": "99"},
        "format_ids": {"FLAC": "11", "MP3": "13", "AAC": "98"},
    }
    async with on_raw_site(site_of_films, Unit3dTracker, **config) as (site, it):
        assert await it.tracker.listed_ids() == {"category_ids": CATEGORIES, "format_ids": TYPES}
    assert len(site.heads) == 6


def _entry(category: str, kind: str) -> dict[str, object]:
    named = {
        "category_id": int(category),
        "category": CATEGORIES[category],
        "type_id": kind,
        "type": TYPES[kind],
    }
    return {"type": "torrent", "id": "1", "attributes": named}


async def test_odd_names_and_ids_are_left_out() -> None:
    entries = [
        {"id": 1, "attributes": {"category_id": ["5"], "category": "Music", "type_id": "11", "type": None}},
        {"id": 2, "attributes": {"category_id": "5\n", "category": "Music", "type_id": True, "type": "FLAC"}},
        {"id": 3, "attributes": {"category_id": 5, "category": "<b>Mu\x1bsic</b>\n sandbox-key"}},
    ]
    body = json.dumps({"data": entries, "links": {}}).encode()
    async with on_raw_site(answering(200, body), Unit3dTracker) as (_, it):
        listed = await it.tracker.listed_ids()
    assert listed.keys() == {"category_ids"}
    (name,) = listed["category_ids"].values()
    assert name.startswith("Mu")
    assert not any(part in name for part in ("\x1b", "\n", "<b>", "sandbox-key"))


@pytest.mark.parametrize(("status", "error"), [(401, Rejected), (404, NotSent), (200, NotSent)])
async def test_a_site_that_does_not_answer_in_its_shape(status: int, error: type[Exception]) -> None:
    async with on_raw_site(answering(status, b"{}"), Unit3dTracker) as (_, it):
        with pytest.raises(error):
            await it.tracker.listed_ids()


async def test_an_upload_names_the_key_of_a_category_that_the_site_lacks(album: UploadRequest) -> None:
    site = SandboxSite(Flavor.UNIT3D, SandboxSettings())
    wrong = {"*": "99", "LIVE": "99", "DEMO": "5"}
    async with on_sandbox(site, Unit3dTracker, category_ids=wrong) as (_, it):
        with pytest.raises(Rejected) as caught:
            await it.tracker.upload(album)
    assert caught.value.hint == (
        'trackers.XY.category_ids.* = "99": the site has no such category; '
        'trackers.XY.category_ids.LIVE = "99": the site has no such category'
    )
