"""A dry run shows the request that would be sent, and opens no socket for it."""

from __future__ import annotations

import hashlib
import socket
from typing import Any, NoReturn

import pytest
from attrs import evolve

from pipeline.errors import Skipped, TrackerError
from pipeline.events import RequestPrepared
from pipeline.model.release import Cover
from pipeline.model.upload import UploadRequest
from pipeline.secret import MASK
from tests.support.requests import Connection, connected, tracker_config
from trackers.generic_tracker import GenericTracker
from trackers.tracker_config import ApiFormat, AuthType
from trackers.unit3d_tracker import Unit3dTracker

KEY = "k3y-of-the-user"
URL = "https://site.example"


@pytest.fixture(autouse=True)
def _no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> NoReturn:
        raise AssertionError("a dry run opened a socket")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


async def prepared(
    album: UploadRequest, cls: type[GenericTracker] = GenericTracker, **config: Any
) -> RequestPrepared:
    async with connected(tracker_config(**{"url": URL, "api_key": KEY, **config}), cls, dry_run=True) as it:
        await ends(it, album)
    (event,) = it.heard(RequestPrepared)
    assert isinstance(event, RequestPrepared)
    assert KEY not in repr(it.events)
    return event


async def ends(it: Connection, album: UploadRequest) -> None:
    with pytest.raises(Skipped) as caught:
        await it.tracker.upload(album)
    assert caught.value.reason == "debug"


async def test_the_request_is_shown_in_its_order(album: UploadRequest) -> None:
    event = await prepared(album)
    assert (event.method, event.url) == ("POST", f"{URL}/api/upload")
    assert event.headers == (
        ("Accept", "application/json"),
        ("Authorization", MASK),
        ("User-Agent", "mua-async"),
        ("Content-Type", "multipart/form-data"),
    )
    assert event.fields == (
        ("name", album.name),
        ("description", album.description),
        ("category_id", "5"),
        ("format_id", "10"),
        ("anonymous", "0"),
    )
    (torrent,) = event.files
    assert torrent.field == "torrent"
    assert torrent.name == "The.Testers.-.First.Light.2001.FLAC.16bit.44.1.kHz.torrent"
    assert torrent.size == len(album.torrent.data)
    assert torrent.sha1 == hashlib.sha1(album.torrent.data).hexdigest()


async def test_a_json_body_and_a_cover_are_shown(album: UploadRequest) -> None:
    cover = Cover(b"picture", "image/png", 1, 1, "cover.png")
    request = evolve(album, release=evolve(album.release, cover=cover))
    event = await prepared(request, api_format=ApiFormat.JSON, cover_field="image")
    assert event.headers[-1] == ("Content-Type", "application/json")
    assert [(file.field, file.name, file.size) for file in event.files[1:]] == [("image", "cover.png", 7)]
    assert event.fields[-3:] == (
        ("anonymous", "false"),
        ("torrent", f"<{event.files[0].name} in base64>"),
        ("image", "<cover.png in base64>"),
    )


async def test_an_address_that_is_missing_is_named_in_its_place(album: UploadRequest) -> None:
    assert (await prepared(album, url=None)).url == "<trackers.XY.url>/api/upload"


@pytest.mark.parametrize(
    ("config", "url"),
    [
        ({"api_auth_type": AuthType.PARAM}, f"{URL}/api/upload?api_token={MASK}"),
        (
            {"api_auth_type": AuthType.PARAM, "upload_url": f"{URL}/up.php?do=send"},
            f"{URL}/up.php?do=send&api_token={MASK}",
        ),
        ({"upload_url": f"{URL}/up.php?key={KEY}"}, f"{URL}/up.php?key={MASK}"),
        ({"custom_endpoint": "/special/upload"}, f"{URL}/special/upload"),
    ],
)
async def test_a_key_in_the_address_is_masked(album: UploadRequest, config: dict[str, Any], url: str) -> None:
    assert (await prepared(album, **config)).url == url


async def test_a_key_in_a_field_is_masked(album: UploadRequest) -> None:
    event = await prepared(album, api_auth_type=AuthType.FIELD, api_auth_name="passport")
    assert event.fields[-1] == ("passport", MASK)


async def test_a_missing_key_does_not_stop_it(album: UploadRequest) -> None:
    async with connected(tracker_config(URL, api_key=None), Unit3dTracker, dry_run=True) as it:
        await ends(it, album)
    assert it.heard(RequestPrepared)


async def test_nothing_is_asked_and_nobody_logs_in(album: UploadRequest) -> None:
    class LogsIn(Unit3dTracker):
        async def _login(self) -> None:
            raise AssertionError("a dry run logged in")

    async with connected(tracker_config(URL), LogsIn, dry_run=True) as it:
        await ends(it, album)
        for asked in (it.tracker.find_existing(album), it.tracker.test_key()):
            with pytest.raises(TrackerError):
                await asked
