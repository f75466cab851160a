"""Asks at the terminal for what a new tracker's table needs and does not have yet."""

from __future__ import annotations

import re
from collections.abc import Mapping

import anyio

from pipeline.errors import MuaError, UsageError
from trackers.auth import missing_credentials
from trackers.connect import connect
from trackers.described.fields import names_used
from trackers.generic_tracker import GenericTracker
from trackers.registry import FAMILIES
from trackers.tracker_config import Family

from ...config.keyring_store import keyring_installed, store_secret
from ...config.secret_ref import resolve
from ...display.text import sentence
from ...terminal import confirm, tell
from .draft import Draft
from .prompts import ask_for
from .site_ids import Names, suggested_ids
from .site_questions import ask_for_site

QUESTIONS: Mapping[str, str] = {
    "type": f"What the site runs ({', '.join(sorted(FAMILIES))})",
    "url": "The site's address",
    "api_key": "API key (not shown; or env:NAME, file:PATH, keyring:SERVICE/NAME)",
    "username": "User name",
    "password": "Password (not shown; or env:NAME, file:PATH, keyring:SERVICE/NAME)",
    "announce_url": "Announce URL with your passkey (not shown; or env:, file:, keyring:)",
    "source_name": "The tag that the site writes into a torrent's `source` (empty: none)",
    "category_ids": "The site's category ids, as in ALBUM=5 EP=6, or *=5 for all others (empty: later)",
    "format_ids": "The site's format ids, as in FLAC=10 MP3=11 (empty: later)",
}
ID_TABLES: Mapping[str, str] = {"category_id": "category_ids", "format_id": "format_ids"}
"""By the name that the fields of an upload have for them."""


def ask_for_missing(draft: Draft) -> list[str]:
    """Completes the draft; returns the keys whose secret was typed in."""
    if "type" not in draft.table and draft.tracker_id not in draft.common.trackers.known_ids(()):
        ask_for(draft, ("type",), QUESTIONS["type"], default=Family.GENERIC)
    if draft.settled.url is None:
        _ask_for_needed(draft, "url")
    if draft.found.cls is FAMILIES[Family.GENERIC]:
        ask_for_site(draft)
    needed = _credentials(draft) + (["announce_url"] if draft.settled.announce_url is None else [])
    for key in needed:
        _ask_for_needed(draft, key)
    if draft.settled.source_name is None:
        ask_for(draft, ("source_name",), QUESTIONS["source_name"])
    _ask_for_ids(draft)
    return [key for key in draft.literal_secrets() if key in needed]


def _credentials(draft: Draft) -> list[str]:
    named = " and ".join(missing_credentials(draft.settled))
    return named.split(" and ") if named else []


def _ask_for_needed(draft: Draft, key: str) -> None:
    ask_for(draft, (key,), QUESTIONS[key], required=True)


def _ask_for_ids(draft: Draft) -> None:
    empty = [table for table in _id_tables(draft) if not getattr(draft.settled, table)]
    names: Names = {}
    lists_ids = draft.found.cls.listed_ids is not GenericTracker.listed_ids
    if empty and lists_ids and confirm("Ask the site which ids it uses?", default=True):
        names = _listed_ids(draft)
    for table in empty:
        listed = names.get(table, {})
        for site_id, name in sorted(listed.items(), key=lambda item: (len(item[0]), item[0])):
            tell(f"  {site_id:>4}  {name}")
        default = " ".join(f"{key}={site_id}" for key, site_id in suggested_ids(table, listed).items())
        ask_for(draft, (table,), QUESTIONS[table], default=default, read=_read_ids)


def _id_tables(draft: Draft) -> list[str]:
    """The tables that an upload looks ids up in."""
    fields = draft.settled.fields
    used = None if fields is None else names_used(fields)
    return [table for name, table in ID_TABLES.items() if used is None or name in used]


def _read_ids(text: str) -> object:
    pairs = (part.partition("=") for part in re.split(r"[,\s]+", text))
    return {key: site_id for key, _, site_id in pairs}


def _listed_ids(draft: Draft) -> Names:
    async def listed() -> Names:
        config = draft.config(lambda reference: resolve(reference, draft.common.environ))
        async with connect(draft.found.cls, config, lambda event: None) as connection:
            return await connection.listed_ids()

    try:
        names = anyio.run(listed)
    except MuaError as error:
        problems = error.problems if isinstance(error, UsageError) else ()
        tell(f"  the site cannot be asked: {sentence('; '.join(problems) or str(error))}")
        return {}
    if not names:
        tell("  the site has nothing yet that would show an id: look for them in its upload form")
    return names


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
