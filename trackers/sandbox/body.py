"""Reads a request's body as PHP would: fields apart from files, the last of several winning.

The values of `name[]` are numbered: `name[0]`, `name[1]`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping

import aiohttp
from aiohttp import web
from attrs import field, frozen

from ..tracker_config import ApiFormat
from .state import StoredFile

DEEPEST = 32


@frozen
class Body:
    """What a request carries beside its headers; `format` is None where there is nothing to read.

    `document` is the JSON object that the body is, of which `fields` has the top.
    """

    fields: Mapping[str, str] = field(factory=dict)
    files: Mapping[str, StoredFile] = field(factory=dict)
    format: ApiFormat | None = None
    document: Mapping[str, object] = field(factory=dict)


async def read_body(request: web.Request) -> Body:
    """Reads the body whole; one that makes no sense is empty."""
    try:
        match request.content_type:
            case "multipart/form-data":
                return await _read_multipart(request)
            case "application/x-www-form-urlencoded":
                form = await request.post()
                return Body({name: str(value) for name, value in form.items()}, format=ApiFormat.FORM)
            case "application/json":
                return _read_json(await request.read())
            case _:
                await request.read()
                return Body()
    except (ValueError, RecursionError):
        return Body()


async def _read_multipart(request: web.Request) -> Body:
    fields: dict[str, str] = {}
    files: dict[str, StoredFile] = {}
    counts: Counter[str] = Counter()
    async for part in await request.multipart():
        if not isinstance(part, aiohttp.BodyPartReader):
            continue
        # Not `part.filename`: that also understands `filename*`, which PHP does not.
        _, parameters = aiohttp.parse_content_disposition(part.headers.get("Content-Disposition"))
        name, filename = parameters.get("name"), parameters.get("filename")
        data = bytes(await part.read())
        if name and name.endswith("[]"):
            counts[name] += 1
            name = f"{name[:-2]}[{counts[name] - 1}]"
        if name and filename:
            content_type = part.headers.get("Content-Type", "application/octet-stream")
            files[name] = StoredFile(filename, content_type, data)
        elif name:
            fields[name] = data.decode("utf-8", "replace")
    return Body(fields, files, ApiFormat.FORM)


def _read_json(data: bytes) -> Body:
    document = json.loads(data)
    if not isinstance(document, dict):
        return Body()
    fields = {name: _as_text(value) for name, value in document.items() if value is not None}
    return Body(fields, format=ApiFormat.JSON, document=document)


def flattened(document: Mapping[str, object], levels: int = DEEPEST) -> dict[str, str]:
    """The values of a JSON object as text, each under its path: `release.title`, `files.0`.

    What lies below more than so many levels is left out.
    """
    found: dict[str, str] = {}
    for name, value in document.items():
        if isinstance(value, list):
            value = {str(index): item for index, item in enumerate(value)}
        if isinstance(value, dict):
            below = flattened(value, levels - 1) if levels > 1 else {}
            found |= {f"{name}.{path}": text for path, text in below.items()}
        elif value is not None:
            found[name] = _as_text(value)
    return found


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return value if isinstance(value, str) else json.dumps(value)
