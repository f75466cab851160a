"""Reads what sites answer: refusals in their many shapes, and whether a page is one of a login."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence

from yarl import URL

from pipeline.text import clean_line

from .addresses import LONGEST_ADDRESS
from .request import Answer

Redact = Callable[[str], str]

LONGEST_TEXT = 300
"""Characters of a site's text that are shown."""
LONGEST_SEARCHED = 256 * 1024
"""Characters in which secrets are looked for: so many that none that is cut in two here is ever shown."""
LONGEST_READ = 4096
"""Characters that are searched for markup, which takes quadratic time on a page that means harm."""
DEEPEST = 8
"""Levels of JSON in which words are looked for."""
ENDLESS_NUMBER = re.compile(r"&#[0-9]{8,}")
"""The number of no character; `html.unescape` fails at thousands of digits."""

REFUSING_STATUSES = frozenset({400, 401, 402, 403, 404, 405, 406, 409, 410, 411, 413, 414, 415, 422, 451})
"""With these a server says that it did not do what was asked."""
LOGIN_PAGES = frozenset({"login", "signin", "sign-in", "sign_in"})


def refusal_text(document: Mapping[str, object]) -> str:
    """The site's own words from `message`, `error`, `errors` and `data`, whatever their shape."""
    texts = [flatten(document.get(key)) for key in ("message", "error", "errors", "data")]
    return ": ".join(dict.fromkeys(text for text in texts if text))


def flatten(value: object, levels: int = DEEPEST) -> str:
    """`{"name": ["taken"]}` as `name: taken`; anything that holds no words as an empty text."""
    if levels == 0:
        return ""
    match value:
        case str():
            return value.strip()
        case list():
            return ", ".join(text for item in value if (text := flatten(item, levels - 1)))
        case dict():
            return "; ".join(
                f"{key}: {text}" for key, item in value.items() if (text := flatten(item, levels - 1))
            )
        case int() | float() if not isinstance(value, bool):
            return str(value)
        case _:
            return ""


def first_text(places: Sequence[Mapping[str, object]], *keys: str) -> str | None:
    """The first id or address under any of the keys, of a length that it may have."""
    for place in places:
        for key in keys:
            value = place.get(key)
            if isinstance(value, str | int) and not isinstance(value, bool):
                text = str(value)
                if 0 < len(text) <= LONGEST_ADDRESS:
                    return text
    return None


def readable(text: str, redact: Redact) -> str:
    """A site's text fit to be shown: one line, no markup, secrets masked before anything is cut."""
    searched = ENDLESS_NUMBER.sub(" ", redact(text[:LONGEST_SEARCHED]))
    masked = redact(html.unescape(searched))[:LONGEST_READ]
    without_scripts = re.sub(r"<(script|style)\b.*?</\1\s*>", " ", masked, flags=re.DOTALL | re.IGNORECASE)
    line = clean_line(re.sub(r"<[^<>]*>", " ", without_scripts))
    return line if len(line) <= LONGEST_TEXT else f"{line[: LONGEST_TEXT - 1]}…"


def describe(answer: Answer, redact: Redact) -> str:
    """What kind of thing came instead of what was expected."""
    location = answer.headers.get("Location")
    if 300 <= answer.status < 400 and location:
        return f"a redirect to {readable(location, redact)}"
    if not answer.body.strip():
        return "an empty answer"
    document = answer.json()
    if document is not None:
        words = readable(flatten(document), redact)
        return f"JSON ({words})" if words else "JSON without any words"
    start = answer.text[:LONGEST_READ]
    if re.search(r"<html\b", start, re.IGNORECASE):
        title = re.search(r"<title\b[^>]*>(.*?)</title", start, re.DOTALL | re.IGNORECASE)
        return f"an HTML page ({readable(title[1], redact)})" if title else "an HTML page"
    return f'"{readable(answer.text, redact)}"'


def redirects_to_login(answer: Answer) -> bool:
    """Many sites answer a bad key with a redirect to their login page."""
    if not 300 <= answer.status < 400:
        return False
    try:
        path = URL(answer.headers.get("Location", "")).path
    except ValueError:
        return False
    # Only a page of that name: a torrent that was stored may be called Login, too.
    page = path.rstrip("/").rpartition("/")[2].partition(".")[0]
    return page.lower() in LOGIN_PAGES
