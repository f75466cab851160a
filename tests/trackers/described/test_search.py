"""What a site has, as its description says: what is not as described never counts as nothing found."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from mua_async.config.described import answer as read_answer
from mua_async.config.described import login as read_login
from mua_async.config.search_rules import search as read_search
from pipeline.errors import KeyRefused, NotSent, TrackerError
from pipeline.model.pieces import Torrent
from pipeline.model.upload import Existing, LookUp, SentUpload, UploadRequest
from pipeline.secret import Secret
from pipeline.torrent import read_torrent
from tests.support.raw_site import Exchange, Script, answering
from tests.support.requests import Connection, on_raw_site
from tests.support.torrents import make_torrent
from trackers.described import patterns
from trackers.described.described_tracker import DescribedTracker
from trackers.tracker_config import AuthType

T = TypeVar("T")

JSON_SEARCH: dict[str, Any] = {
    "endpoint": "api/torrents",
    "params": {"q": "{{ name }}", "hash": "{{ infohash }}", "all": True},
    "entries": {"json": "data.list"},
    "infohash": {"json": "hash"},
    "name": {"json": "title"},
    "id": {"json": "no"},
    "url": {"json": "page"},
    "download_url": {"json": "file"},
    "absent": True,
}
PAGE_SEARCH: dict[str, Any] = {
    "endpoint": "browse.php?sort=new",
    "params": {"q": "{{ name }}"},
    "entries": {"regex": "(?s)<li>(.*?)</li>"},
    "empty": {"text": "Nothing found"},
    "name": {"regex": "<b>([^<]+)</b>"},
    "id": {"regex": r"/t/(\d+)"},
    "url": {"regex": r"href='([^']+)"},
}
BY_NAME = {**JSON_SEARCH, "infohash": None, "absent": None}
OTHER = "0" * 40


def without_nones(table: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if value is not None}


def keys(search: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"search": read_search(without_nones(search)), "source_name": "MINE", **more}


def entry(request: UploadRequest, **changes: Any) -> dict[str, Any]:
    own = {"hash": request.torrent.infohash.upper(), "title": request.name, "no": 7, "page": "/t/7"}
    return {**own, **changes}


def listing(*entries: dict[str, Any]) -> Script:
    return answering(200, json.dumps({"data": {"list": entries}}).encode())


def page(*entries: str) -> Script:
    return answering(200, f"<ul>{''.join(f'<li>{entry}</li>' for entry in entries)}</ul>".encode())


def sent(request: UploadRequest, torrent: Torrent | None = None) -> SentUpload:
    torrent = torrent or request.torrent
    return SentUpload(request.name, torrent, read_torrent(torrent.data).files)


async def existing(script: Script, request: UploadRequest, **config: Any) -> Existing | None:
    """What the check for duplicates tells; raises as it does, and not in a group."""
    return await asked(script, config, lambda it: it.tracker.find_existing(request))


async def look(script: Script, request: UploadRequest, **config: Any) -> LookUp:
    return await asked(script, config, lambda it: look_by(it, request))


async def asked(script: Script, config: dict[str, Any], ask: Callable[[Connection], Awaitable[T]]) -> T:
    async with on_raw_site(script, DescribedTracker, **config) as (_, it):
        try:
            return await ask(it)
        except TrackerError as error:
            failure = error
    raise failure


async def look_by(it: Connection, request: UploadRequest) -> LookUp:
    return await it.tracker.find_sent(sent(request), it.cell(request))


async def test_the_question_holds_name_and_infohash_and_the_key(album: UploadRequest) -> None:
    async with on_raw_site(listing(), DescribedTracker, **keys(JSON_SEARCH)) as (raw, it):
        assert await it.tracker.find_existing(album) is None
        await look_by(it, album)
    for head in raw.heads:
        asked = URL(head.target)
        assert (head.method, asked.path) == ("GET", "/api/torrents")
        assert dict(asked.query) == {"q": album.name, "hash": album.torrent.infohash, "all": "1"}
        assert head.headers["authorization"] == "Bearer sandbox-key"
        assert head.headers["accept"] == "application/json"


async def test_an_entry_with_our_infohash_is_ours(album: UploadRequest) -> None:
    file = "https://x.example/dl/7?key=0123456789abcdef0123456789abcdef"
    script = listing(entry(album, hash=OTHER), entry(album, title="another name", file=file))
    found = await existing(script, album, **keys(JSON_SEARCH))
    assert found is not None
    assert (found.same_content, found.torrent_id, found.name) == (True, "7", "another name")
    assert str(found.url).endswith("/t/7")
    assert found.download_url == Secret(file)
    assert "0123456789abcdef" not in repr(found)
    looked = (await look(script, album, **keys(JSON_SEARCH))).found
    assert looked is not None
    assert (looked.same_content, looked.torrent_id) == (True, "7")


async def test_one_of_our_name_is_another_upload_and_proves_nothing(album: UploadRequest) -> None:
    script = listing(entry(album, hash=OTHER, title=f" {album.name.replace(' ', '  ')}"))
    found = await existing(script, album, **keys(JSON_SEARCH))
    assert found is not None
    assert not found.same_content
    assert await look(script, album, **keys(JSON_SEARCH)) == LookUp()


async def test_a_miss_is_a_proof_where_the_site_shows_all_and_keeps_our_infohash(
    album: UploadRequest,
) -> None:
    script = listing(entry(album, hash=OTHER, title="another name"))
    assert await existing(script, album, **keys(JSON_SEARCH)) is None
    assert await look(script, album, **keys(JSON_SEARCH)) == LookUp(absent=True)
    assert await look(script, album, **keys({**JSON_SEARCH, "absent": False})) == LookUp()
    assert await look(script, album, **keys(JSON_SEARCH, source_name="THEIRS")) == LookUp()


async def test_without_infohashes_a_name_proves_only_where_it_is_said_to(album: UploadRequest) -> None:
    async with on_raw_site(listing(entry(album)), DescribedTracker, **keys(BY_NAME)) as (raw, it):
        assert await look_by(it, album) == LookUp()
    assert not raw.heads
    proving = keys({**BY_NAME, "name_proves": True})
    look_up = await look(listing(entry(album)), album, **proving)
    assert look_up.found is not None
    assert look_up.found.torrent_id == "7"
    assert await look(listing(entry(album), entry(album, no=8)), album, **proving) == LookUp()
    assert await look(listing(), album, **proving) == LookUp()
    found = await existing(listing(entry(album)), album, **proving)
    assert found is not None
    assert not found.same_content


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"<html>Back soon</html>"),
        (200, b'{"data": {"list": null}}'),
        (200, b'{"data": {"list": {}}}'),
        (200, b'{"data": {"list": ["x"]}}'),
        (200, b'{"data": []}'),
        (200, b'{"list": []}'),
        (200, b'{"data": {"list": [{"title": "x"}]}}'),
        (200, b'{"data": {"list": [{"title": "x", "hash": "abc"}]}}'),
        (200, b'{"data": {"list": [{"title": null, "hash": "%b"}]}}' % OTHER.encode()),
        (404, b'{"data": {"list": []}}'),
        (302, b'{"data": {"list": []}}'),
        (500, b'{"data": {"list": []}}'),
    ],
)
async def test_what_is_not_as_described_is_no_answer(album: UploadRequest, status: int, body: bytes) -> None:
    for ask in (existing, look):
        with pytest.raises(NotSent):
            await ask(answering(status, body), album, **keys(JSON_SEARCH))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["data", "list", "hash", "title"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=JSON)
async def test_only_a_list_of_entries_tells_that_nothing_is_there(
    album: UploadRequest, document: object
) -> None:
    is_empty = document == {"data": {"list": []}}
    try:
        found = await existing(answering(200, json.dumps(document).encode()), album, **keys(JSON_SEARCH))
    except TrackerError:
        assert not is_empty
    else:
        assert found is None
        assert is_empty


async def test_a_rule_tells_that_the_site_has_not_searched(album: UploadRequest) -> None:
    search = keys({**JSON_SEARCH, "done": {"json": "ok", "equals": True}})
    body = {"ok": False, "data": {"list": []}, "message": "wait a minute"}
    with pytest.raises(NotSent, match=r"search\.done does not hold: .*wait a minute"):
        await existing(answering(200, json.dumps(body).encode()), album, **search)
    assert await existing(answering(200, json.dumps({**body, "ok": True}).encode()), album, **search) is None


async def test_a_status_of_its_own_may_tell_that_nothing_was_found(album: UploadRequest) -> None:
    search = keys({**JSON_SEARCH, "empty": {"status": 404, "json": "message", "text": "no torrents"}})
    assert await existing(answering(404, b'{"message": "no torrents"}'), album, **search) is None
    with pytest.raises(NotSent, match=r"could not be asked what it has: no list of entries: .*status 404"):
        await existing(answering(404, b'{"message": "no such page"}'), album, **search)


async def test_the_answer_may_be_the_list_itself(album: UploadRequest) -> None:
    search = keys({**JSON_SEARCH, "entries": None})
    found = await existing(answering(200, json.dumps([entry(album)]).encode()), album, **search)
    assert found is not None
    assert found.same_content
    assert await existing(answering(200, b"[]"), album, **search) is None


async def test_a_key_that_is_refused_is_told_as_such(album: UploadRequest) -> None:
    with pytest.raises(KeyRefused):
        await existing(answering(401, b"[]"), album, **keys(JSON_SEARCH))


async def test_an_expired_login_is_renewed_once_for_it(album: UploadRequest) -> None:
    logins = 0

    def site(lasting_from: int) -> Script:
        async def script(exchange: Exchange) -> None:
            nonlocal logins
            if (await exchange.request()).method == "POST":
                logins += 1
                await exchange.answer(302, headers={"Location": "/home"})
            elif logins < lasting_from:
                await exchange.answer(200, b'{"session": "gone", "data": {"list": []}}')
            else:
                await exchange.answer(200, b'{"data": {"list": []}}')

        return script

    login = {"endpoint": "in", "fields": {"p": "{{ password }}"}, "done": {"location": "home"}}
    config = keys(
        JSON_SEARCH,
        api_auth_type=AuthType.SESSION,
        username="me",
        password="swordfish",
        login=read_login(login),
        answer=read_answer({"done": {"status": 201}, "expired": {"json": "session", "equals": "gone"}}),
    )
    assert await existing(site(2), album, **config) is None
    assert logins == 2
    with pytest.raises(NotSent, match="forgets each login at once"):
        await existing(site(9), album, **config)


# Pages


async def test_entries_of_a_page_are_read_each_by_itself(album: UploadRequest) -> None:
    name = album.name.replace("&", "&amp;").replace("-", "&#45;")
    script = page("<a href='/t/3'><b>Other</b></a>", f"<a\n href='/t/4?a=1&amp;b=2'><b>{name}</b></a>")
    async with on_raw_site(script, DescribedTracker, **keys(PAGE_SEARCH)) as (raw, it):
        found = await it.tracker.find_existing(album)
    assert found is not None
    assert not found.same_content
    assert found.torrent_id == "4"
    assert found.url == f"{raw.url}/t/4?a=1&b=2"
    assert dict(URL(raw.heads[0].target).query) == {"sort": "new", "q": album.name}
    assert raw.heads[0].headers["accept"] == "text/html"


async def test_a_page_is_empty_only_where_it_says_so(album: UploadRequest) -> None:
    empty = answering(200, b"<p>Nothing found</p>")
    assert await existing(empty, album, **keys(PAGE_SEARCH)) is None
    script = answering(200, b"<html><title>Back soon</title>")
    with pytest.raises(NotSent, match=r"no list of entries: .*an HTML page \(Back soon\)"):
        await existing(script, album, **keys(PAGE_SEARCH))
    with pytest.raises(NotSent, match=r"search\.empty holds, and search\.entries finds some"):
        await existing(answering(200, b"Nothing found <li><b>x</b></li>"), album, **keys(PAGE_SEARCH))
    with pytest.raises(NotSent, match=r"search\.name finds none in an entry"):
        await existing(page("no name"), album, **keys(PAGE_SEARCH))


async def test_a_page_of_more_than_is_looked_at_proves_nothing(album: UploadRequest) -> None:
    by_hash = {**PAGE_SEARCH, "infohash": {"regex": "hash=(.{40})"}, "absent": True}
    others = [f"<b>x</b>hash={OTHER}"] * patterns.MOST_MATCHES
    assert (await look(page(*others[1:]), album, **keys(by_hash))).absent
    assert not (await look(page(*others), album, **keys(by_hash))).absent
    with pytest.raises(NotSent, match="finds too much for"):
        await existing(page(*others), album, **keys(by_hash))
    ours = f"<b>x</b>hash={album.torrent.infohash}"
    assert (await look(page(ours, *others), album, **keys(by_hash))).found


async def test_an_expression_that_takes_too_long_is_no_answer(
    album: UploadRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 1.0)
    slow = {**PAGE_SEARCH, "name": {"regex": "((?:.*)*(?:.*)*never)"}}
    with pytest.raises(NotSent, match=r"search\.name takes longer than 1 s"):
        await existing(page("a" * 4000), album, **keys(slow))


async def test_without_a_search_nothing_is_asked(album: UploadRequest) -> None:
    async with on_raw_site(listing(), DescribedTracker) as (raw, it):
        assert await it.tracker.find_existing(album) is None
        assert await look_by(it, album) == LookUp(asked=False)
    assert not raw.heads


async def test_a_torrent_of_another_source_may_be_kept_under_another_infohash(album: UploadRequest) -> None:
    """It was sent before the source was configured."""
    data = make_torrent(source=None)
    torrent = evolve(album.torrent, data=data, infohash=read_torrent(data).infohash)
    async with on_raw_site(listing(), DescribedTracker, **keys(JSON_SEARCH)) as (_, it):
        assert await it.tracker.find_sent(sent(album, torrent), it.cell(album)) == LookUp()
