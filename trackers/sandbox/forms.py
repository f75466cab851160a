"""Reads an upload as a site's rules want it: a form, a JSON object, or one in a field of a form."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from attrs import frozen

from ..tracker_config import ApiFormat
from .body import Body, flattened
from .rules import SandboxRules
from .state import StoredFile


class NoForm(ValueError):
    """A part of the upload is missing, or is no such thing; the text is for the one who sent it."""


@frozen
class Form:
    """What an upload sends, whichever way it is written; fields that are empty are none."""

    fields: Mapping[str, str]
    torrent: bytes
    files: Mapping[str, StoredFile]


def read_form(body: Body, rules: SandboxRules) -> Form:
    """Raises NoForm."""
    wanted = ApiFormat.JSON if rules.api_format is ApiFormat.JSON else ApiFormat.FORM
    if body.format is not wanted:
        raise NoForm(f"The body must be {wanted}.")
    fields, files = _fields(body, rules), dict(body.files)
    if rules.api_format is ApiFormat.JSON and rules.torrent_field in fields:
        data = _decoded(fields.pop(rules.torrent_field))
        files[rules.torrent_field] = StoredFile("upload.torrent", "application/x-bittorrent", data)
    if rules.torrent_field not in files:
        raise NoForm(f"The file {rules.torrent_field} is required.")
    trimmed = {name: value.strip() for name, value in fields.items()}
    given = {name: value for name, value in trimmed.items() if value}
    return Form(given, files[rules.torrent_field].data, files)


def _fields(body: Body, rules: SandboxRules) -> dict[str, str]:
    match rules.api_format:
        case ApiFormat.JSON:
            return flattened(body.document)
        case ApiFormat.DOCUMENT:
            return flattened(_document(body, rules.document_field or ""))
        case _:
            return dict(body.fields)


def _document(body: Body, field: str) -> Mapping[str, object]:
    if field not in body.fields:
        raise NoForm(f"The field {field} is required.")
    try:
        document = json.loads(body.fields[field])
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise NoForm(f"The field {field} is no JSON object.")
    return document


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise NoForm("The torrent is no base64.") from None
