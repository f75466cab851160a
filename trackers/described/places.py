"""Whether the fields of an upload leave its files and its key places of their own."""

from __future__ import annotations

from ..json_place import placed
from ..request import Request, json_value
from ..tracker_config import ApiFormat


def place_problem(form: Request, signed: Request) -> str | None:
    """What has no place; names that are templates are known only with the release."""
    taken = {name for name, _ in form.fields}
    for name, _ in signed.fields[len(form.fields) :]:
        if name in taken:
            return f"something else stands at {name}, the field of the key"
    return _json_problem(signed) if form.format is ApiFormat.JSON else _form_problem(signed)


def _json_problem(form: Request) -> str | None:
    document: object = {name: json_value(value) for name, value in form.fields}
    try:
        for part in form.files:
            document = placed(document, part.field, part.filename)
    except ValueError as error:
        return str(error)
    return None


def _form_problem(form: Request) -> str | None:
    taken = {name for name, _ in form.fields}
    for part in form.files:
        if part.field in taken:
            return f"something else stands at {part.field}, the field of a file"
        taken.add(part.field)
    return None
