"""Reads Gazelle's replies: JSON that may stand behind a text, ids in three spellings, errors in HTML."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping

from attrs import frozen

from ..answers import first_text, flatten
from ..request import Answer

SMALL = 64 * 1024
"""Bytes: a refusal, or a success."""
DUPLICATE = re.compile(
    "exact same torrent file already exists|thank you for fixing this torrent", re.IGNORECASE
)
HALF_STORED = re.compile("internal error saving torrent file", re.IGNORECASE)
"""It comes after the rows were written: the torrent may be there."""
LIMITED = re.compile("rate limit", re.IGNORECASE)
CREDENTIALS = re.compile(
    "invalid token|invalid authorization type|ip address has been banned|requires an api token"
    "|limited to api key usage",
    re.IGNORECASE,
)
ACCOUNT = re.compile(
    "userclass does not allow you to upload|upload privileges have been revoked", re.IGNORECASE
)
NOT_THERE = frozenset({"bad parameters", "bad hash parameter"})

TORRENT_ID = re.compile(r"torrentid=([0-9]{1,18})")
GROUP_ID = re.compile(r"torrents\.php\?(?:[^\"'\s<>]*&)?id=([0-9]{1,18})")


@frozen
class Reply:
    """What every page of the API answers."""

    success: bool
    response: Mapping[str, object]
    """Empty on failure."""
    error: str
    """As it came, with markup."""
    said_before: str = ""
    """A text in front of the JSON."""

    @property
    def is_duplicate(self) -> bool:
        """The site has this very torrent: it compares infohashes."""
        return DUPLICATE.search(self.error) is not None


@frozen
class Ids:
    torrent: str | None = None
    group: str | None = None


def read_reply(answer: Answer) -> Reply | None:
    """The reply, whatever the status is; None where the body is none."""
    document, before = answer.json(), ""
    if document is None and len(answer.body) <= SMALL:
        document, before = _behind_text(answer.text)
    if not isinstance(document, dict):
        return None
    match document.get("status"):
        case "success" | 200:  # GazellePW gives a number
            response = document.get("response", document.get("data"))
            return Reply(True, response if isinstance(response, dict) else {}, "", before)
        case "failure":
            texts = (flatten(document.get(key)) for key in ("error", "erro", "data", "response"))
            return Reply(False, {}, next(filter(None, texts), ""), before)
        case _:
            return None


def _behind_text(text: str) -> tuple[object, str]:
    start = text.find('{"status"')
    before = text[:start] if start > 0 else ""
    if start <= 0 or re.search("<html|<!doctype", before, re.IGNORECASE):
        return None, ""
    try:
        return json.loads(text[start:]), before
    except (ValueError, RecursionError):
        return None, ""


def is_limited(answer: Answer) -> bool:
    """Whether the site turned the request away for its limit, with whatever status."""
    if len(answer.body) > SMALL or answer.body[:1] != b"{":
        return False
    reply = read_reply(answer)
    return reply is not None and not reply.success and LIMITED.search(reply.error) is not None


def ids_of(response: Mapping[str, object]) -> Ids:
    """The ids in a success, in the spelling of any site."""
    return Ids(
        first_text([response], "torrentId", "torrentid", "torrent_id"),
        first_text([response], "groupId", "groupid", "group_id"),
    )


def ids_in(markup: str) -> Ids:
    """The ids in a link that an error or a page has."""
    text = html.unescape(markup)
    torrent, group = TORRENT_ID.search(text), GROUP_ID.search(text)
    return Ids(torrent[1] if torrent else None, group[1] if group else None)


def texts_of(value: object) -> list[str]:
    """The texts of a list, such as `warnings`."""
    return [text for item in value if (text := flatten(item))] if isinstance(value, list) else []
