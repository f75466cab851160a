"""What a Gazelle site has already, whose key it is, and what it gives back."""

from __future__ import annotations

import pytest

from pipeline.errors import KeyRefused, NotSent
from pipeline.model.album import Media, Role
from pipeline.model.upload import SentUpload, UploadRequest
from pipeline.torrent import read_torrent
from tests.support.gazelle import (
    BOTH_WAYS,
    EVERY_SITE,
    OWN_WORDS,
    SITES,
    full_album,
    on_gazelle,
    outcome,
    with_source,
)
from tests.support.raw_site import answering
from tests.support.requests import on_raw_site, with_album
from trackers.ops_tracker import OPSTracker
from trackers.red_tracker import REDTracker


@EVERY_SITE
async def test_nothing_is_found_where_nothing_is(tracker_id: str, wanted: UploadRequest) -> None:
    async with on_gazelle(tracker_id) as (site, it):
        assert await it.tracker.find_existing(wanted) is None
    asked = [dict(request.query) for request in site.requests]
    assert asked == [
        {"action": "torrent", "hash": wanted.torrent.infohash.upper()},
        {"action": "browse", "artistname": "The Testers", "groupname": "First Light", "page": "1"},
    ]


@EVERY_SITE
async def test_an_upload_is_found_by_its_hash_at_once(tracker_id: str, wanted: UploadRequest) -> None:
    sent = SentUpload(wanted.name, wanted.torrent, read_torrent(wanted.torrent.data).files)
    async with on_gazelle(tracker_id, search_lag=180.0) as (_, it):
        before = await it.tracker.find_sent(sent, it.cell(wanted))
        result = await it.tracker.upload(wanted)
        after = await it.tracker.find_sent(sent, it.cell(wanted))
        found = await it.tracker.find_existing(wanted)
    assert (before.found, before.absent) == (None, True)
    assert after.found == found
    assert found is not None
    assert (found.same_content, found.torrent_id, found.url) == (True, result.torrent_id, result.url)
    assert found.name == "The Testers, Ann Other - First Light [1998 / Deluxe / CD / FLAC / Lossless]"


async def test_a_miss_proves_nothing_where_the_site_would_change_the_torrent(album: UploadRequest) -> None:
    for made_for, configured in (("MINE", "RED"), ("MINE", "MINE")):
        request = with_source(full_album(album), made_for)
        sent = SentUpload(request.name, request.torrent, read_torrent(request.torrent.data).files)
        async with on_gazelle("RED", config={"source_name": configured}) as (_, it):
            look = await it.tracker.find_sent(sent, it.cell(request))
        assert (look.found, look.absent) == (None, False)


@EVERY_SITE
async def test_the_same_files_in_another_torrent_are_the_same_content(
    tracker_id: str, wanted: UploadRequest
) -> None:
    async with on_gazelle(tracker_id) as (_, it):
        await it.tracker.upload(wanted)
        found = await it.tracker.find_existing(with_source(wanted, "ELSEWHERE"))
    assert found is not None
    assert (found.same_content, found.torrent_id) == (True, "1001")


@EVERY_SITE
@pytest.mark.parametrize(
    ("change", "is_duplicate"),
    [
        ({}, True),
        ({"edition_year": 2012}, False),
        ({"edition": "Bonus"}, False),
        ({"catalogue_number": "OTHER 1"}, False),
        ({"catalogue_number": None}, True),
        ({"media": Media.WEB}, False),
        ({"title": "First Light Again"}, False),
    ],
)
async def test_another_upload_of_the_same_edition_is_a_duplicate(
    tracker_id: str,
    wanted: UploadRequest,
    other: UploadRequest,
    change: dict[str, object],
    is_duplicate: bool,
) -> None:
    ours = with_source(with_album(other, **change), str(SITES[tracker_id][0].source_name))
    async with on_gazelle(tracker_id) as (_, it):
        await it.tracker.upload(wanted)
        found = await it.tracker.find_existing(ours)
    assert (found is not None) is is_duplicate
    assert found is None or not found.same_content


async def test_a_name_without_words_is_looked_for_by_the_rest(album: UploadRequest) -> None:
    request = with_source(full_album(album, title="!!!"), "OPS")
    async with on_gazelle("OPS") as (site, it):
        await it.tracker.upload(request)
        found = await it.tracker.find_existing(with_source(request, "X"))
    assert found is not None
    assert dict(site.requests[-2].query) == {"action": "browse", "artistname": "The Testers", "page": "1"}


# Keys


@EVERY_SITE
@BOTH_WAYS
async def test_the_key_is_proved_by_the_account_s_name(tracker_id: str, config: dict[str, object]) -> None:
    async with on_gazelle(tracker_id, config=config) as (_, it):
        proof = await it.tracker.test_key()
    assert proof.proved
    assert "is sandbox's" in proof.text


@EVERY_SITE
async def test_a_wrong_key_is_refused(tracker_id: str, wanted: UploadRequest) -> None:
    async with on_gazelle(tracker_id, config={"api_key": "wrong-key"}) as (site, it):
        with pytest.raises(KeyRefused, match=r"does not accept the key|invalid token"):
            await it.tracker.test_key()
        with pytest.raises(KeyRefused, match=r"does not accept the key|invalid token"):
            await it.tracker.find_existing(wanted)
        assert isinstance(await outcome(it, wanted), KeyRefused)
    assert site.uploads == []


async def test_each_site_gets_the_key_as_it_wants_it() -> None:
    shown = {}
    for tracker_id in SITES:
        async with on_gazelle(tracker_id) as (site, it):
            await it.tracker.test_key()
        shown[tracker_id] = site.requests[0].headers["Authorization"]
    assert shown == {"OPS": "token sandbox-key", "RED": "sandbox-key", "DIC": "sandbox-key"}


async def test_a_redirect_to_the_login_is_never_followed(album: UploadRequest) -> None:
    script = answering(302, b"", {"Location": "login.php"})
    async with on_raw_site(script, REDTracker, **OWN_WORDS) as (site, it):
        with pytest.raises(KeyRefused):
            await it.tracker.find_existing(album)
        told = await outcome(it, album)
        with pytest.raises(NotSent):
            await it.tracker.fetch_torrent(it.cell(album), None, "7")
    assert isinstance(told, KeyRefused)
    assert len(site.heads) == 3


async def test_a_download_that_is_no_torrent_is_told(album: UploadRequest) -> None:
    async with on_gazelle("RED") as (_, it):
        with pytest.raises(NotSent, match="could not find torrent"):
            await it.tracker.fetch_torrent(it.cell(album), None, "7")


def test_roles_have_one_number_everywhere() -> None:
    assert dict(OPSTracker.importance) == {
        Role.MAIN: "1",
        Role.GUEST: "2",
        Role.REMIXER: "3",
        Role.COMPOSER: "4",
        Role.CONDUCTOR: "5",
        Role.DJ: "6",
        Role.PRODUCER: "7",
    }
