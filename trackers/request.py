"""What goes to a site and what comes back, as data: built by adapters, signed by `auth`, sent by `client`."""

from __future__ import annotations

import json
from collections.abc import Mapping

import attrs
from attrs import evolve, frozen

from pipeline.secret import MASK, Secret

from .tracker_config import ApiFormat

Text = str | Secret


@frozen
class Json:
    """A value of a JSON body that is neither a text nor a bool."""

    value: object


FieldValue = Text | bool | Json


def reveal(value: FieldValue) -> str:
    """The text that goes on the wire; a bool is `1` or `0`, any other value of JSON is written as JSON."""
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Json):
        return json.dumps(value.value, ensure_ascii=False)
    return value


def json_value(value: FieldValue) -> object:
    """The value as a JSON body holds it."""
    if isinstance(value, Secret):
        return value.reveal()
    return value.value if isinstance(value, Json) else value


def masked(value: FieldValue) -> str:
    """The text that may be shown."""
    return MASK if isinstance(value, Secret) else reveal(value)


@frozen
class FormFile:
    """A file part of a form; in a JSON body it is base64 text at `field`, a path such as `file.content`."""

    field: str
    filename: str
    content_type: str
    data: bytes = attrs.field(repr=False)


@frozen
class Request:
    """One HTTP request; secrets stay `Secret` until it is encoded."""

    method: str
    url: str
    headers: tuple[tuple[str, Text], ...] = ()
    params: tuple[tuple[str, Text], ...] = ()
    fields: tuple[tuple[str, FieldValue], ...] = ()
    files: tuple[FormFile, ...] = ()
    format: ApiFormat = ApiFormat.FORM
    urlencoded: bool = False
    """A form without files is written as browsers write that of a login page."""

    def in_document(self, field: str) -> Request:
        """The same as a form in which one field holds all others as a JSON document."""
        document = Json({name: json_value(value) for name, value in self.fields})
        return evolve(self, fields=((field, document),), format=ApiFormat.FORM)

    def with_header(self, name: str, value: Text) -> Request:
        return evolve(self, headers=(*self.headers, (name, value)))

    def with_param(self, name: str, value: Text) -> Request:
        return evolve(self, params=(*self.params, (name, value)))

    def with_field(self, name: str, value: FieldValue) -> Request:
        return evolve(self, fields=(*self.fields, (name, value)))


@frozen
class Answer:
    """A site's answer, its body read whole."""

    status: int
    headers: Mapping[str, str]
    """Case-insensitive."""
    body: bytes = attrs.field(repr=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", errors="replace")

    def json(self) -> object:
        """The body as JSON, or None; its Content-Type is not asked, since many sites say text/html."""
        try:
            document: object = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return document

    def json_object(self) -> Mapping[str, object]:
        """The body where it is a JSON object, else an empty one."""
        document = self.json()
        return document if isinstance(document, dict) else {}
