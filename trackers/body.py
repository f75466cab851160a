"""Encodes a request's body to bytes, so that every byte handed to the transport can be counted."""

from __future__ import annotations

import base64
import io
import json
from urllib.parse import urlencode

import aiohttp
from attrs import field, frozen

from .json_place import placed
from .request import Request, json_value, reveal
from .tracker_config import ApiFormat


@frozen
class Body:
    content_type: str
    data: bytes = field(repr=False)


async def encode_body(request: Request) -> Body:
    """A form, or a JSON object with its files in base64."""
    if request.format is ApiFormat.JSON:
        return _encode_json(request)
    if request.urlencoded:
        return _encode_urlencoded(request)
    return await _encode_multipart(request)


def _encode_json(request: Request) -> Body:
    document: object = {name: json_value(value) for name, value in request.fields}
    for part in request.files:
        document = placed(document, part.field, base64.b64encode(part.data).decode())
    return Body("application/json", json.dumps(document).encode())


def _encode_urlencoded(request: Request) -> Body:
    if request.files:
        raise ValueError("a form that is urlencoded holds no files")
    text = urlencode([(name, reveal(value)) for name, value in request.fields])
    return Body("application/x-www-form-urlencoded", text.encode())


async def _encode_multipart(request: Request) -> Body:
    # Percent-encoded file names (quote_fields) would be stored as they are by many sites.
    form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    for name, value in request.fields:
        form.add_field(name, reveal(value))
    for part in request.files:
        # As a file, since aiohttp warns of bytes that are many.
        data = io.BytesIO(part.data)
        form.add_field(part.field, data, filename=part.filename, content_type=part.content_type)
    payload = form()
    return Body(payload.headers["Content-Type"], await payload.as_bytes())
