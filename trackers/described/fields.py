"""The fields of a request, from templates: over a release, over a login, over a token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipeline.templating import TEMPLATE_FAULTS, compile_template, evaluate, fault_in, names_in

from ..request import FieldValue, Json
from .description import FieldTemplate, Value

RELEASE_NAMES = frozenset(
    {
        *("release", "name", "description", "tags", "anonymous"),
        *("category_id", "format_id", "torrent_name", "csrf", "cover_url"),
    }
)
"""What the fields of an upload see; no key or password is among it."""
LOGIN_NAMES = frozenset({"username", "password", "csrf"})
HEADER_NAMES = frozenset({"token"})
SEARCH_NAMES = frozenset({"name", "infohash"})

Rendered = str | bool | int | float | list["Rendered"] | dict[str, "Rendered"] | None


class FieldFault(Exception):
    """A template that fails for this release; `place` is its field, the text never tells what it gave."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(problem)
        self.place = place


def template_problem(source: str, names: frozenset[str]) -> str | None:
    """Why the text is no template over these names; None if it is."""
    try:
        compile_template(source, names)
    except TEMPLATE_FAULTS as error:
        return fault_in(error)
    return None


def names_used(fields: Sequence[FieldTemplate]) -> set[str]:
    """The names that any of the templates asks for."""
    return {name for part in fields for source in _sources(part) for name in names_in(source)}


def render_fields(
    fields: Sequence[FieldTemplate], values: Mapping[str, object]
) -> list[tuple[str, Rendered]]:
    """Names and values in order; what has no value is left out. Raises FieldFault."""
    rendered = [(_name(part.name, part.name, values), part) for part in fields]
    found = [(name, _value(part.value, part.name, values)) for name, part in rendered]
    names = [name for name, _ in found]
    for name in names:
        if names.count(name) > 1:
            raise FieldFault(name, "two fields have this name")
    return [(name, value) for name, value in found if value is not None]


def as_json(fields: Sequence[tuple[str, Rendered]]) -> Iterator[tuple[str, FieldValue]]:
    """The fields of a JSON body, with their types."""
    for name, value in fields:
        yield name, value if isinstance(value, str | bool) else Json(value)


def as_form(fields: Sequence[tuple[str, Rendered]]) -> Iterator[tuple[str, FieldValue]]:
    """The fields of a form, all of them text; a list is a field that is there more than once."""
    for name, value in fields:
        for item in value if isinstance(value, list) else [value]:
            yield name, item if isinstance(item, str | bool) else str(item)


def _sources(part: FieldTemplate) -> Iterator[str]:
    yield part.name
    yield from _sources_in(part.value)


def _sources_in(value: Value) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for name, item in value.items():
                yield name
                yield from _sources_in(item)
        case tuple():
            for item in value:
                yield from _sources_in(item)


def _value(value: Value, place: str, values: Mapping[str, object]) -> Rendered:
    match value:
        case str():
            return _evaluate(value, place, values)
        case Mapping():
            items = {_name(name, place, values): _value(item, place, values) for name, item in value.items()}
            return {name: item for name, item in items.items() if item is not None}
        case tuple():
            return [item for part in value if (item := _value(part, place, values)) is not None]
        case _:
            return value


def _name(source: str, place: str, values: Mapping[str, object]) -> str:
    name = _evaluate(source, place, values)
    if not isinstance(name, str) or not name.strip():
        raise FieldFault(place, "its name comes out empty, or is no text")
    return name


def _evaluate(source: str, place: str, values: Mapping[str, object]) -> Rendered:
    try:
        return _widened(evaluate(source, values))
    except TEMPLATE_FAULTS as error:
        raise FieldFault(place, fault_in(error)) from None


def _widened(value: object) -> Rendered:
    if isinstance(value, list):
        return [_widened(item) for item in value]
    return value if isinstance(value, str | bool | int | float) else None
