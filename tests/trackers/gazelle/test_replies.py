"""What is made of a Gazelle site's replies: successes, refusals, limits, and what is neither."""

from __future__ import annotations

import json

import pytest

from pipeline.errors import KeyRefused, Rejected, TrackerError, Unknown
from pipeline.events import UploadWaiting
from pipeline.model.upload import UploadRequest, UploadResult
from tests.support.gazelle import (
    OWN_WORDS,
    SITES,
    on_gazelle,
    outcome,
)
from tests.support.raw_site import Exchange, answering
from tests.support.requests import on_raw_site
from trackers.ops_tracker import OPSTracker
from trackers.sandbox import Fault
from trackers.tracker_config import Rate

INTERNAL_ERROR = "Internal error saving torrent file. Please report this in the bugs forum."
CHANGED = "the site set private and source itself: its own torrent is the one to seed"


def failure(error: str) -> str:
    """As OPS refuses."""
    return f'{{"status":"failure","error":"{error}","response":[],"info":{{"source":"OPS","version":1}}}}'


def success(**response: object) -> str:
    return json.dumps({"status": "success", "response": response}).replace("/", "\\/")


async def reply_of(text: str, album: UploadRequest, status: int = 200) -> UploadResult | TrackerError:
    async with on_raw_site(answering(status, text.encode()), OPSTracker, **OWN_WORDS) as (_, it):
        return await outcome(it, album)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        (failure("Please select a valid media."), Rejected, "refuses it: Please select a valid media."),
        (failure("<a href='x'>Title<\\/a> &amp; more<br />"), Rejected, "Title & more"),
        (failure(INTERNAL_ERROR), Unknown, "Internal error saving torrent file"),
        (failure("invalid token"), KeyRefused, "invalid token"),
        (failure("your ip address has been banned"), KeyRefused, "banned"),
        (failure("Your upload privileges have been revoked. (code)"), KeyRefused, "revoked"),
        ('{"status":"failure","erro":"Odd key"}', Rejected, "Odd key"),
        ('{"status":"failure"}', Rejected, "it does not say why"),
        ('{"status":"success","response":[]}', Unknown, "status 200"),
        ('{"status":"success","response":{"groupId":7}}', Unknown, "status 200"),
        ('{"status":"success","respon', Unknown, "status 200"),
        ("", Unknown, "an empty answer"),
        ("<html><title>Error 404</title></html>", Unknown, "an HTML page (Error 404)"),
        ('<html>{"status":"success","response":{"torrentId":7}}', Unknown, "an HTML page"),
    ],
)  # fmt: skip
async def test_what_is_no_success(
    album: UploadRequest, text: str, kind: type[TrackerError], words: str
) -> None:
    told = await reply_of(text, album)
    assert type(told) is kind
    assert words in str(told)


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (500, "", Unknown),
        (502, "<html><title>Bad gateway</title></html>", Unknown),
        (404, "<html><title>Error 404</title></html>", Unknown),
        (400, failure("Please select a valid media."), Rejected),
        (401, '{"status":"failure","error":"bad credentials"}', KeyRefused),
        (413, "<html>Request Entity Too Large</html>", Rejected),
        (500, failure("Please select a valid media."), Unknown),
    ],
)
async def test_the_status_counts_where_the_site_s_own_code_did_not_speak(
    album: UploadRequest, status: int, text: str, kind: type[TrackerError]
) -> None:
    assert type(await reply_of(text, album, status)) is kind


@pytest.mark.parametrize(
    ("reply", "torrent_id", "group_id", "message"),
    [
        (success(groupId=1, torrentId=2, private=True, source=True, warnings=[]), "2", "1", ""),
        (success(torrentid=123, groupid=456, private=True, source=True, requestid=None), "123", "456", ""),
        ('{"status":200,"response":{"torrent_id":9,"group_id":8}}', "9", "8", ""),
        (success(torrentId="2", newgroup=True, warnings=["<b>Same</b> folder"]), "2", None, "Same folder"),
        (success(torrentId=2, private=False, source=False), "2", None, CHANGED),
        (f"WEB is not an allowed media.{success(torrentId=2)}", "2", None, "WEB is not an allowed media."),
    ],
)
async def test_a_success_in_every_spelling(
    album: UploadRequest, reply: str, torrent_id: str, group_id: str | None, message: str
) -> None:
    told = await reply_of(reply, album)
    assert isinstance(told, UploadResult)
    assert (told.torrent_id, told.group_id, told.message) == (torrent_id, group_id, message)


async def test_a_torrent_whose_file_the_site_had_lost_is_there(album: UploadRequest) -> None:
    link = '<a href=\\"torrents.php?id=3&amp;torrentid=44\\">here<\\/a>'
    told = await reply_of(failure(f"Thank you for fixing this torrent {link}"), album)
    assert isinstance(told, UploadResult)
    assert (told.existing, told.torrent_id, told.group_id) == (True, "44", "3")


# Limits


@pytest.mark.parametrize("tracker_id", ["OPS", "RED"])
@pytest.mark.parametrize("words", ["Rate limit exceeded", "rate limit exceeded"])
async def test_a_limited_upload_waits_and_is_sent_again(
    album: UploadRequest, tracker_id: str, words: str
) -> None:
    exchanges = iter([failure(words), '{"status":"success","response":{"torrentid":5}}'])

    async def script(exchange: Exchange) -> None:
        await exchange.request()
        await exchange.answer(200, next(exchanges).encode())

    quick = (Rate(1000, 0.01),)
    async with on_raw_site(script, SITES[tracker_id][0], **OWN_WORDS, rate_limit=quick) as (_, it):
        told = await outcome(it, album)
    assert isinstance(told, UploadResult)
    assert told.torrent_id == "5"
    assert [event.reason for event in it.heard(UploadWaiting)] == ["the site asked to wait"]


@pytest.mark.parametrize("tracker_id", ["OPS", "RED"])
async def test_a_limit_told_once_is_no_error(tracker_id: str, wanted: UploadRequest) -> None:
    async with on_gazelle(tracker_id) as (site, it):
        site.fault = Fault.THROTTLE_ONCE
        assert (await it.tracker.upload(wanted)).torrent_id == "1001"
    assert len(site.uploads) == 1


async def test_a_limited_look_up_waits_too(album: UploadRequest) -> None:
    empty = success(results=[], youMightLike=[])
    replies = iter([failure("Rate limit exceeded"), failure("bad parameters"), empty])

    async def script(exchange: Exchange) -> None:
        await exchange.request()
        await exchange.answer(200, next(replies).encode())

    quick = (Rate(1000, 0.01),)
    async with on_raw_site(script, OPSTracker, **OWN_WORDS, rate_limit=quick) as (site, it):
        assert await it.tracker.find_existing(album) is None
    assert len(site.heads) == 3
