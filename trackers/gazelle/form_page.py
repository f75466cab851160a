"""The upload form of a site that one logs in to: its token, and what its pages say of an upload."""

from __future__ import annotations

import re
from enum import Enum, auto

from attrs import frozen
from yarl import URL

from ..answers import redirects_to_login
from ..request import Answer
from .replies import Ids, ids_in

LARGEST_PAGE = 256 * 1024
"""Characters that are searched."""
AUTH_FIELD = re.compile(r"<input\b[^<>]{0,200}\bname=[\"']auth[\"'][^<>]{0,200}>", re.IGNORECASE)
VALUE = re.compile(r"\bvalue=[\"']([^\"'<>]{1,200})[\"']", re.IGNORECASE)
AUTH_SCRIPT = re.compile(r"\bauthkey\s*=\s*[\"']([^\"'<>]{1,200})[\"']")
STORED = re.compile("your torrent has been uploaded", re.IGNORECASE)
REFUSED = re.compile(r"<p style=\"color:\s*red;[^\"]{0,80}\">(.{1,1000}?)</p>", re.IGNORECASE | re.DOTALL)
WRONG_AUTH = re.compile("invalid authorization key", re.IGNORECASE)
BLANK_FORM = re.compile(r"name=[\"']file_input[\"']", re.IGNORECASE)
NONE = Ids()


class Verdict(Enum):
    STORED = auto()
    REFUSED = auto()
    EXPIRED = auto()
    """The site had forgotten the login, and took nothing."""
    UNCLEAR = auto()


@frozen
class Outcome:
    """What a page says; `markup` is the site's own words."""

    verdict: Verdict
    ids: Ids = NONE
    markup: str = ""


def auth_in(page: Answer) -> str | None:
    """The token that the form sends along, out of the form or of the page's head."""
    text = page.text[:LARGEST_PAGE]
    field = AUTH_FIELD.search(text)
    found = (VALUE.search(field[0]) if field else None) or AUTH_SCRIPT.search(text)
    return found[1] if found else None


def outcome_in(answer: Answer) -> Outcome:
    """What became of an upload by the form, where the answer is no JSON."""
    if redirects_to_login(answer):
        return Outcome(Verdict.EXPIRED)
    if answer.status in (302, 303):
        return _redirected(answer)
    if answer.status != 200:
        return Outcome(Verdict.UNCLEAR)
    text = answer.text[:LARGEST_PAGE]
    if stored := STORED.search(text):
        said = text[stored.start() : stored.start() + 2000]
        return Outcome(Verdict.STORED, ids_in(said), said.partition("</p>")[0])
    if refused := REFUSED.search(text):
        return Outcome(Verdict.REFUSED, markup=refused[1])
    if WRONG_AUTH.search(text):
        return Outcome(Verdict.REFUSED, markup="Invalid authorization key: the next try fetches another")
    if BLANK_FORM.search(text):
        return Outcome(Verdict.REFUSED, markup="the form came back blank: the upload was not read")
    return Outcome(Verdict.UNCLEAR)


def _redirected(answer: Answer) -> Outcome:
    """A success leads to the group, or to a request that it is to fill."""
    location = answer.headers.get("Location", "")
    try:
        page = URL(location).path.rpartition("/")[2]
    except ValueError:
        return Outcome(Verdict.UNCLEAR)
    ids = ids_in(location)
    if (page == "torrents.php" and (ids.group or ids.torrent)) or (page == "requests.php" and ids.torrent):
        return Outcome(Verdict.STORED, ids)
    return Outcome(Verdict.UNCLEAR)
