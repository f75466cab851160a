"""What UNIT3D asks of the fields of an upload, and what its database then makes of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from .state import SiteState, StoredFile
from .torrents import RegisteredTorrent

META_IDS = ("imdb", "tvdb", "tmdb", "mal", "igdb")
PROHIBITED = ("season_number", "episode_number")
BOOLEANS = ("anonymous", "personal_release")
LONGEST_NAME = 255
"""Characters."""
LONGEST_TEXT = 65_535
"""Bytes of a description or an NFO."""
LONGEST_KEYWORD = 255
"""Characters."""

_BLANK = r"[\s\ufeff\u200b\u200e]+"


def cleaned(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields as the controller sees them: trimmed, and gone where they were empty."""
    trimmed = {name: re.sub(f"^{_BLANK}|{_BLANK}$", "", value) for name, value in fields.items()}
    return {name: value for name, value in trimmed.items() if value}


def leading_number(text: str) -> str:
    """The number that PHP takes a text for: `8x` is 8, no number is 0."""
    match = re.match(r"0*(\d+)", text, re.ASCII)
    return match[1] if match else "0"


def problems(
    fields: Mapping[str, str], registered: RegisteredTorrent, state: SiteState
) -> dict[str, list[str]]:
    """The validator's findings by the name of the database column."""
    settings = state.settings
    found = dict(_problems_of_columns(fields, state))
    if state.has_infohash(registered.infohash):
        found["info_hash"] = "The info hash has already been taken."
    if not settings.since(9, 0, 2):
        found |= dict(_problems_of_numbers(fields))
    if not settings.since(9, 0, 0):
        found |= {name: _required(name) for name in ("stream", "sd") if name not in fields}
    return {column: [problem] for column, problem in found.items()}


def _problems_of_columns(fields: Mapping[str, str], state: SiteState) -> Iterator[tuple[str, str]]:
    name = fields.get("name", "")
    if not name:
        yield "name", _required("name")
    elif len(name) > LONGEST_NAME:
        yield "name", "The name must not be greater than 255 characters."
    elif state.has_name(name):
        yield "name", "The name has already been taken."
    if "description" not in fields:
        yield "description", _required("description")
    if "type_id" not in fields:
        yield "type_id", _required("type_id")
    elif fields["type_id"] not in state.settings.type_ids:
        yield "type_id", "The selected type id is invalid."
    if "anonymous" not in fields:
        yield "anon", _required("anon")
    for column in PROHIBITED:
        if column in fields:
            yield column, f"The {_words(column)} field is prohibited."


def _problems_of_numbers(fields: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for column in META_IDS:
        if column not in fields:
            yield column, _required(column)
        elif not fields[column].isdecimal():
            yield column, f"The {column} must be a number."


def breaks_saving(fields: Mapping[str, str], files: Mapping[str, StoredFile]) -> bool:
    """Whether the database refuses the row: the validator lets more pass than the columns take."""
    nfo = files.get("nfo")
    return (
        any(fields.get(name, "0") not in {"0", "1"} for name in BOOLEANS)
        or len(fields["description"].encode()) > LONGEST_TEXT
        or (nfo is not None and len(nfo.data) > LONGEST_TEXT)
    )


def breaks_after_saving(fields: Mapping[str, str]) -> bool:
    """Whether the keywords, which are stored after the torrent, are refused."""
    keywords = fields.get("keywords", "").split(",")
    is_array = any(name.startswith("keywords[") for name in fields)
    return is_array or any(len(keyword.strip()) > LONGEST_KEYWORD for keyword in keywords)


def _required(column: str) -> str:
    return f"The {_words(column)} field is required."


def _words(column: str) -> str:
    return column.replace("_", " ")
