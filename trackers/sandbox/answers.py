"""The answers that the sandbox sites share in shape."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Awaitable, Mapping

from aiohttp import web


class Refused(Exception):
    """The request is answered with `response` and nothing more is done."""

    def __init__(self, response: web.Response) -> None:
        super().__init__(response.status)
        self.response = response


async def answered(handling: Awaitable[web.Response], headers: Mapping[str, str]) -> web.Response:
    """The answer, be it a refusal, with the headers added."""
    try:
        response = await handling
    except Refused as refused:
        response = refused.response
    response.headers.update(headers)
    return response


def json_answer(
    payload: object, status: int = 200, *, headers: Mapping[str, str] | None = None, indent: int | None = None
) -> web.Response:
    """JSON as PHP writes it, slashes escaped."""
    text = json.dumps(payload, indent=indent).replace("/", "\\/")
    return web.Response(text=text, status=status, content_type="application/json", headers=headers)


def page(
    title: str, status: int = 200, *, text: str = "", headers: Mapping[str, str] | None = None
) -> web.Response:
    """An HTML page."""
    head, body = html.escape(title), html.escape(text)
    markup = (
        f"<!DOCTYPE html><html><head><title>{head}</title></head><body><h1>{head}</h1>{body}</body></html>"
    )
    return web.Response(text=markup, status=status, content_type="text/html", headers=headers)


def torrent_answer(torrent: bytes, name: str) -> web.Response:
    """A .torrent to be saved, sent in chunks."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    filename = re.sub(r"[^\w .,()\[\]-]", "", ascii_name)
    response = web.Response(
        body=torrent,
        content_type="application/x-bittorrent",
        headers={"Content-Disposition": f'attachment; filename="{filename}.torrent"'},
    )
    response.enable_chunked_encoding()
    return response


def wants_json(request: web.Request) -> bool:
    """Whether the first of the types in `Accept`, the one of the highest quality, is JSON."""
    types = request.headers.get("Accept", "").replace(" ", "").split(",")
    first = max(types, key=_quality)
    return "/json" in first or "+json" in first


def _quality(media_type: str) -> float:
    _, _, quality = media_type.partition(";q=")
    try:
        return float(quality or 1)
    except ValueError:
        return 0.0
