"""Every secret of a tracker in every spelling in which a site or a library may give it back."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator

from yarl import URL

from pipeline.secret import Redactor, Secret

from .auth import basic_credentials
from .tracker_config import TrackerConfig

LONG_RUN = re.compile(r"[A-Za-z0-9]{24,}")
"""In an address; one of letters and digits is more likely a key than a word."""
KEY_NAME = re.compile(r"key|pass|token|auth|secret|rss|sid", re.IGNORECASE)
"""In the name of a query's parameter."""
SHORTEST_PASSKEY = 8
LONGEST_ID = 16
"""Digits: with as many or more it may be a key."""
SURROGATE = re.compile("[\ud800-\udfff]")


def make_redactor(config: TrackerConfig) -> Redactor:
    """Knows the key, the password, the announce address and the passkey in it."""
    redactor = Redactor()
    for secret in (config.api_key, config.password, config.announce_url):
        if secret:
            learn(redactor, secret)
    for secret in (config.api_key, config.password):
        if secret:
            redactor.add(secret.map(lambda text: basic_credentials(config.username or "", text)))
    if config.announce_url:
        for passkey in passkeys_in(config.announce_url):
            learn(redactor, passkey)
    return redactor


def learn(redactor: Redactor, secret: Secret) -> None:
    """Adds the secret as JSON, HTML, `repr` and addresses spell it too."""
    if SURROGATE.search(secret.reveal()):
        return  # no key of any site: it could not even be sent
    redactor.add(secret)
    for spelling in _spellings(secret.reveal()):
        redactor.add(Secret(spelling))


def learn_link(redactor: Redactor, link: Secret) -> None:
    """Adds the keys in a link that a site gave; with the link itself it would grow with every upload."""
    for key in keys_in(link.reveal()):
        is_id = key.isdigit() and len(key) < LONGEST_ID
        if len(key) >= SHORTEST_PASSKEY and not is_id:  # masking an id or a word would garble other text
            learn(redactor, Secret(key))


def keys_in(address: str) -> Iterator[str]:
    """What looks like a key in an address."""
    runs: list[str] = LONG_RUN.findall(address)
    yield from (run for run in runs if not run.isalpha() and not run.isdigit())
    try:
        query = URL(address).query
    except ValueError:
        return
    yield from (value for name, value in query.items() if KEY_NAME.search(name))


def passkeys_in(announce_url: Secret) -> Iterator[Secret]:
    """The parts of an announce address that are no words: it is known to hold a key."""
    try:
        url = URL(announce_url.reveal())
    except ValueError:
        return
    for part in (*url.parts, *url.query.values()):
        is_word = part.isalpha() and len(part) < 20
        if len(part) >= SHORTEST_PASSKEY and not is_word and not part.startswith("announce"):
            yield Secret(part)


def _spellings(text: str) -> Iterator[str]:
    for spelled in (json.dumps(text), json.dumps(text, ensure_ascii=False)):
        inner = spelled[1:-1]
        yield inner
        # PHP escapes slashes.
        yield inner.replace("/", "\\/")
    yield repr(text)[1:-1]
    yield html.escape(text)
    yield URL.build(path="/", query={"key": text}).raw_query_string.removeprefix("key=")
    yield URL.build(path=f"/{text}").raw_path.removeprefix("/")
