"""No key is ever shown: not in a repr, a message, a hint, an event or an address, however it is spelled."""

from __future__ import annotations

import base64
import html
import json
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus, urlencode

import anyio
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from yarl import URL

from pipeline.errors import NotSent, Rejected, Skipped, TrackerError, Unknown
from pipeline.events import Event
from pipeline.model.upload import Existing, UploadRequest, UploadResult
from pipeline.secret import MASK, Redactor, Secret
from tests.support.raw_site import Script, answering, raw_site
from tests.support.requests import connected, sandbox_config, tracker_config
from trackers.client import Session
from trackers.connect import connect
from trackers.generic_tracker import GenericTracker, KeyProof
from trackers.redaction import keys_in, learn, learn_link, make_redactor
from trackers.request import FieldValue
from trackers.sandbox import Flavor, SandboxSettings, SandboxSite
from trackers.tracker_config import AuthType, TrackerConfig
from trackers.unit3d_tracker import Unit3dTracker

PASSKEY = "0123456789abcdef0123456789abcdef"
RSSKEY = "rss-key-with-dashes"
KEYS = st.text(st.characters(min_codepoint=33, exclude_categories=["Cs", "Cc", "Z"]), min_size=8, max_size=40)
STRANGE = ["K/e+y=&?#%20", "quote\"'\\back", "<b>bold</b>&amp;", "schlüssel-ключ-鍵", "a" * 8, "****-****"]
"""Keys whose spelling changes wherever they go."""


def spellings(key: str) -> Iterator[str]:
    """How a key may come back from a site or a library."""
    yield key
    yield from (quote(key), quote(key, safe=""), quote_plus(key), urlencode({"k": key})[2:])
    yield from (json.dumps(key)[1:-1], json.dumps(key, ensure_ascii=False)[1:-1])
    yield json.dumps(key)[1:-1].replace("/", "\\/")
    yield from (html.escape(key), repr(key)[1:-1])
    yield str(URL.build(scheme="http", host="h", query={"k": key})).partition("k=")[2]
    yield base64.b64encode(f"me:{key}".encode()).decode()


def config_with(key: str, url: str = "http://127.0.0.1:9") -> TrackerConfig:
    return tracker_config(url, api_key=key, username="me")


@given(KEYS)
@example(STRANGE[0])
@example(STRANGE[1])
@example(STRANGE[2])
@example(STRANGE[3])
def test_every_spelling_of_a_key_is_masked(key: str) -> None:
    redact = make_redactor(config_with(key))
    for spelling in spellings(key):
        assert redact(f"<{spelling}>") == f"<{MASK}>"


@pytest.mark.parametrize(
    ("announce_url", "passkey"),
    [
        (f"https://site.example/announce/{PASSKEY}", PASSKEY),
        (f"https://site.example/{PASSKEY}/announce", PASSKEY),
        ("https://site.example/announce.php?passkey=abc123def456", "abc123def456"),
        ("https://site.example/a/Zz9-_Kk8Jj7", "Zz9-_Kk8Jj7"),
        ("udp://site.example:80/abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz"),
    ],
)
def test_the_passkey_is_masked_when_it_stands_alone(announce_url: str, passkey: str) -> None:
    redact = make_redactor(tracker_config("https://site.example/music", announce_url=announce_url))
    assert redact(f"unknown passkey {passkey}") == f"unknown passkey {MASK}"
    assert redact("https://site.example/music/announce/torrents/7") == (
        "https://site.example/music/announce/torrents/7"
    )


def test_an_announce_address_that_is_none_is_masked_whole() -> None:
    redact = make_redactor(tracker_config("https://site.example", announce_url="http://[::1/secret-key"))
    assert redact("at http://[::1/secret-key") == f"at {MASK}"


@pytest.mark.parametrize(
    ("address", "keys"),
    [
        (f"/dl/7.{PASSKEY}", [PASSKEY]),
        (f"/dl/{'a' * 24}1", [f"{'a' * 24}1"]),
        (f"/dl/{'a' * 40}/{'1' * 40}", []),
        ("/dl/0123456789abcdef", []),
        ("/dl?rsskey=short&page=2", ["short"]),
    ],
)
def test_what_looks_like_a_key_in_an_address(address: str, keys: list[str]) -> None:
    assert list(keys_in(address)) == keys


@pytest.mark.parametrize("piece", ["a", "1", "a1", "a/"])
def test_an_address_of_a_mebibyte_is_searched_at_once(piece: str) -> None:
    start = time.perf_counter()
    list(keys_in(piece * (2**20 // len(piece))))
    assert time.perf_counter() - start < 1


# Through all the layers


def raising(make_error: Callable[[str], Exception]) -> type[GenericTracker]:
    """An adapter that puts its key into what it raises."""

    class Adapter(GenericTracker):
        async def upload(self, request: UploadRequest) -> UploadResult:
            assert self.config.api_key is not None
            raise make_error(self.config.api_key.reveal())

        async def find_existing(self, request: UploadRequest) -> Existing | None:
            await self.upload(request)
            return None

        async def fetch_torrent(self, download_url: object, torrent_id: str | None) -> bytes | None:
            assert self.config.api_key is not None
            raise make_error(self.config.api_key.reveal())

        async def test_key(self) -> KeyProof:
            assert self.config.api_key is not None
            raise make_error(self.config.api_key.reveal())

    return Adapter


ERRORS: list[Callable[[str], Exception]] = [
    lambda key: Rejected(f"the key {key}", hint=f"check {key}"),
    lambda key: NotSent(quote(key)),
    lambda key: Unknown(json.dumps({"key": key})),
    lambda key: Skipped("there", reason="duplicate", url=f"https://site.example/7?key={quote(key)}"),
    lambda key: KeyError(key),
    lambda key: ValueError(f"http://site.example/?{urlencode({'api_token': key})}"),
    lambda key: ExceptionGroup(key, [OSError(key)]),
]


def texts_of(error: BaseException) -> str:
    """All that a display, a log or a debugger may print of an error."""
    parts = [str(error), repr(error), repr(error.args), repr(vars(error))]
    assert error.__cause__ is None
    assert error.__suppress_context__
    return "\n".join(parts)


@given(KEYS, st.sampled_from(ERRORS))
@settings(max_examples=60, deadline=None)
@example(STRANGE[0], ERRORS[0])
@example(STRANGE[1], ERRORS[4])
@example(STRANGE[2], ERRORS[6])
@example(STRANGE[3], ERRORS[5])
def test_an_adapter_that_raises_its_key_shows_it_to_nobody(
    album: UploadRequest, key: str, make_error: Callable[[str], Exception]
) -> None:
    assume(key not in repr(album))

    async def run() -> list[str]:
        shown = []
        async with connected(config_with(key), raising(make_error)) as it:
            for ask in (
                lambda: it.tracker.upload(album),
                lambda: it.tracker.find_existing(album),
                lambda: it.tracker.fetch_torrent(it.cell(album), None, None),
                it.tracker.test_key,
            ):
                try:
                    await ask()
                except TrackerError as error:
                    shown.append(texts_of(error))
            shown.append(repr(it.events))
        return shown

    shown = anyio.run(run)
    assert len(shown) == 5
    for text in shown:
        for spelling in spellings(key):
            assert spelling not in text


def echoing(status: int, key: str, shape: str) -> Script:
    """A site that says what it was told, as debugging sites do."""
    bodies = {
        "json": json.dumps({"message": f"bad key {key}", "data": {key: [key]}}),
        "odd": json.dumps({"token": key}).replace("/", "\\/"),
        "html": f"<html><title>No: {html.escape(key)}</title><body>{html.escape(key)}",
        "text": f"{'x' * 280} {key} is no key",
        "success": json.dumps({"success": True, "id": 7, "url": f"/t/7?k={quote(key)}", "message": key}),
        "refused": json.dumps({"success": False, "errors": [key], "message": quote(key)}),
    }
    headers = {"Location": f"/elsewhere?api_token={quote(key)}"} if 300 <= status < 400 else {}
    return answering(status, bodies[shape].encode(), headers)


@pytest.mark.parametrize("cls", [GenericTracker, Unit3dTracker])
@pytest.mark.parametrize(
    ("auth", "key"),
    [
        (AuthType.PARAM, STRANGE[0]),
        (AuthType.BASIC, STRANGE[1]),
        (AuthType.FIELD, STRANGE[2]),
        (AuthType.BEARER, STRANGE[3]),
    ],
)
async def test_a_site_that_repeats_the_key_shows_it_to_nobody(
    album: UploadRequest, cls: type[GenericTracker], auth: AuthType, key: str
) -> None:
    for status in (200, 302, 404, 500):
        for shape in ("json", "odd", "html", "text", "success", "refused"):
            async with raw_site(echoing(status, key, shape)) as site:
                config = tracker_config(site.url, api_key=key, username="me", api_auth_type=auth)
                async with connected(config, cls) as it:
                    shown = [repr(it.tracker.profile)]
                    for ask in (it.tracker.upload, it.tracker.find_existing):
                        try:
                            shown.append(repr(await ask(album)))
                        except TrackerError as error:
                            shown.append(texts_of(error))
                    shown.append(repr(it.events))
            for text in shown:
                for spelling in spellings(key):
                    assert spelling not in text, (status, shape)


class Forgetful(Unit3dTracker):
    """Fails with the key that the site gave it."""

    async def find_existing(self, request: UploadRequest) -> Existing | None:
        raise RuntimeError(f"unknown rsskey {RSSKEY}")


async def test_the_key_of_a_download_link_is_masked_from_then_on(album: UploadRequest) -> None:
    async with (
        SandboxSite(Flavor.UNIT3D, SandboxSettings(rsskey=RSSKEY)) as site,
        connected(sandbox_config(site), Forgetful) as it,
    ):
        result = await it.tracker.upload(album)
        with pytest.raises(NotSent) as caught:
            await it.tracker.find_existing(album)
    assert result.download_url is not None
    assert RSSKEY in result.download_url.reveal()
    assert RSSKEY not in repr(result) + repr(it.events)
    assert f"unknown rsskey {MASK}" in str(caught.value)


class Careless(GenericTracker):
    """Makes plain text of its key."""

    async def _build_form_data(self, request: UploadRequest) -> dict[str, FieldValue]:
        assert self.config.api_key is not None
        return {"name": request.name, "passkey": self.config.api_key.reveal()}


async def test_a_dry_run_masks_what_an_adapter_made_plain(album: UploadRequest) -> None:
    async with connected(config_with("k3y-of-the-user"), Careless, dry_run=True) as it:
        with pytest.raises(Skipped):
            await it.tracker.upload(album)
    assert "k3y-of-the-user" not in repr(it.events)
    assert MASK in repr(it.events)


class Unmade(GenericTracker):
    def __init__(self, config: TrackerConfig, session: Session) -> None:
        super().__init__(config, session)
        raise RuntimeError(f"no {self.config.api_key and self.config.api_key.reveal()}")


def test_an_adapter_that_cannot_be_made_does_not_show_its_key() -> None:
    events: list[Event] = []
    with pytest.raises(Exception, match="cannot be used") as caught:
        connect(Unmade, config_with("k3y-of-the-user"), events.append)
    assert "k3y-of-the-user" not in texts_of(caught.value)


def test_a_link_without_a_key_teaches_no_ordinary_word() -> None:
    redactor = Redactor()
    learn_link(redactor, Secret("https://site.example/torrents/download/42.torrent?sid=12345&author=Nirvana"))
    assert redactor("torrents/12345 by Nir") == "torrents/12345 by Nir"


def test_half_a_surrogate_pair_is_no_key() -> None:
    redactor = Redactor()
    learn(redactor, Secret("abc\ud800def"))
    assert redactor("abc") == "abc"


def test_a_key_of_digits_alone_is_masked() -> None:
    redactor = Redactor()
    learn_link(redactor, Secret("https://site.example/download?id=42&passkey=1234567890123456"))
    assert redactor("got 1234567890123456") == f"got {MASK}"
