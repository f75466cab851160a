"""Asks at the terminal for what a new tracker's table needs and does not have yet."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import anyio

from pipeline.errors import MuaError, UsageError
from trackers.auth import missing_credentials
from trackers.connect import connect
from trackers.generic_tracker import GenericTracker
from trackers.registry import FAMILIES
from trackers.tracker_config import ApiFormat, AuthType, Family

from ...config.keyring_store import keyring_installed, store_secret
from ...config.schema import SECRETS
from ...config.secret_ref import resolve
from ...display.text import sentence
from ...terminal import ask, confirm, tell
from .draft import Draft
from .site_ids import Names, suggested_ids

QUESTIONS: Mapping[str, str] = {
    "type": f"What the site runs ({', '.join(sorted(FAMILIES))})",
    "url": "The site's address",
    "custom_endpoint": "Where uploads are posted to, below the address",
    "api_format": f"How the body is written ({', '.join(ApiFormat)})",
    "api_auth_type": f"How the key is sent ({', '.join(way for way in AuthType if way != 'session')})",
    "api_key": "API key (not shown; or env:NAME, file:PATH, keyring:SERVICE/NAME)",
    "username": "User name",
    "password": "Password (not shown; or env:NAME, file:PATH, keyring:SERVICE/NAME)",
    "announce_url": "Announce URL with your passkey (not shown; or env:, file:, keyring:)",
    "source_name": "The tag that the site writes into a torrent's `source` (empty: none)",
    "category_ids": "The site's category ids, as in ALBUM=5 EP=6, or *=5 for all others (empty: later)",
    "format_ids": "The site's format ids, as in FLAC=10 MP3=11 (empty: later)",
}
REQUIRED = frozenset({"url", "api_key", "username", "password", "announce_url"})


def ask_for_missing(draft: Draft) -> list[str]:
    """Completes the draft; returns the keys whose secret was typed in."""
    typed: list[str] = []
    if "type" not in draft.table and draft.tracker_id not in draft.common.trackers.known_ids(()):
        _ask_key(draft, "type", default="generic")
    if draft.settled.url is None:
        _ask_key(draft, "url")
    if draft.found.cls is FAMILIES[Family.GENERIC]:
        for key in ("custom_endpoint", "api_format", "api_auth_type"):
            if key not in draft.table:
                _ask_key(draft, key, default=str(getattr(draft.settled, key)))
    for key in _credentials(draft):
        _ask_key(draft, key)
        typed.append(key)
    if draft.settled.announce_url is None:
        _ask_key(draft, "announce_url")
        typed.append("announce_url")
    if draft.settled.source_name is None:
        _ask_key(draft, "source_name")
    _ask_for_ids(draft)
    return [key for key in draft.literal_secrets() if key in typed]


def _credentials(draft: Draft) -> list[str]:
    named = " and ".join(missing_credentials(draft.settled))
    return named.split(" and ") if named else []


def _ask_key(draft: Draft, key: str, default: str = "", read: Callable[[str], object] = str) -> None:
    """Asks until the answer may stand there; an empty one, or the default, leaves the key out."""
    while True:
        answer = ask(QUESTIONS[key], default=default, hidden=key in SECRETS)
        if not answer and key in REQUIRED:
            continue
        if not answer or (answer == default and key not in {"type", "category_ids", "format_ids"}):
            return
        problems = draft.set(key, read(answer))
        if not problems:
            return
        for problem in problems:
            tell(f"  {sentence(problem)}")


def _ask_for_ids(draft: Draft) -> None:
    empty = [table for table in ("category_ids", "format_ids") if not getattr(draft.settled, table)]
    names: Names = {}
    lists_ids = draft.found.cls.listed_ids is not GenericTracker.listed_ids
    if empty and lists_ids and confirm("Ask the site which ids it uses?", default=True):
        names = _listed_ids(draft)
    for table in empty:
        listed = names.get(table, {})
        for site_id, name in sorted(listed.items(), key=lambda item: int(item[0])):
            tell(f"  {site_id:>4}  {name}")
        default = " ".join(f"{key}={site_id}" for key, site_id in suggested_ids(table, listed).items())
        _ask_key(draft, table, default, _read_ids)


def _read_ids(text: str) -> object:
    pairs = (part.partition("=") for part in re.split(r"[,\s]+", text))
    return {key: site_id for key, _, site_id in pairs}


def _listed_ids(draft: Draft) -> Names:
    async def listed() -> Names:
        config = draft.config(lambda reference: resolve(reference, draft.common.environ))
        async with connect(draft.found.cls, config, lambda event: None) as connection:
            return await connection.listed_ids()

    try:
        return anyio.run(listed)
    except MuaError as error:
        problems = error.problems if isinstance(error, UsageError) else ()
        tell(f"  the site cannot be asked: {sentence('; '.join(problems) or str(error))}")
        return {}


def offer_keyring(draft: Draft, typed: list[str]) -> None:
    """Moves typed secrets into the keyring, where there is one and the user wants that."""
    if not typed or not keyring_installed():
        return
    if not confirm(f"Keep {' and '.join(typed)} in the system's keyring, not in the file?", default=True):
        return
    for key in typed:
        try:
            draft.table[key] = store_secret(draft.tracker_id, key, str(draft.table[key]))
        except UsageError as error:
            tell(f"  {sentence(str(error))}: it goes into the file")
