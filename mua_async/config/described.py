"""The tables `fields`, `login` and `answer` of a site of unknown make; see docs/described-sites.md."""

from __future__ import annotations

import math

from trackers.described.description import (
    AnswerRules,
    Csrf,
    FieldTemplate,
    LoginFormat,
    LoginSteps,
    Source,
    Value,
)

from . import urls, values
from .answer_rules import REFUSAL, SUCCESS, Parts, path, rules, source, source_of

NO_TEXT = "must be text, a number, true, false, or a list or table of such"


def upload_fields(value: object) -> tuple[FieldTemplate, ...]:
    """The fields of an upload: templates over the release."""
    from trackers.described.fields import RELEASE_NAMES  # with Jinja2, which little else needs

    return field_templates(value, RELEASE_NAMES)


def login(value: object) -> LoginSteps:
    keys = (
        *("endpoint", "format", "fields", "csrf", "token", "header"),
        *("done", "refused", "message"),
    )
    parts = Parts(value, keys)
    from trackers.described.fields import LOGIN_NAMES

    endpoint = parts.take("endpoint", urls.endpoint)
    fields = parts.take("fields", lambda item: field_templates(item, LOGIN_NAMES, nested=False))
    header = parts.take("header", _header)
    steps = LoginSteps(
        endpoint=endpoint or "",
        fields=fields or (),
        format=parts.take("format", values.one_of(LoginFormat)) or LoginFormat.FORM,
        csrf=parts.take("csrf", lambda item: _csrf(item, "login.csrf")),
        token=parts.take("token", _token),
        header_name=header[0] if header else None,
        header_value=header[1] if header else None,
        done=parts.take("done", rules("login.done", SUCCESS)) or (),
        refused=parts.take("refused", rules("login.refused", REFUSAL)) or (),
        message=parts.take("message", source("login.message")),
    )
    for key, told in (("endpoint", 'as in endpoint = "api/login"'), ("fields", "what the login sends")):
        if key not in parts.table:
            parts.wrong(key, f"is missing: {told}")
    _check_outcome(parts)
    if fields is not None:
        _check_names(parts, fields)
    parts.end()
    return steps


def answer(value: object) -> AnswerRules:
    kinds = {"done": SUCCESS, "refused": REFUSAL, "duplicate": REFUSAL, "expired": REFUSAL}
    sources = ("id", "url", "download_url", "message")
    parts = Parts(value, (*kinds, *sources))
    found_rules = {
        kind: parts.take(kind, rules(f"answer.{kind}", statuses)) or () for kind, statuses in kinds.items()
    }
    found = {key: parts.take(key, source(f"answer.{key}")) for key in sources}
    if "done" not in parts.table:
        parts.wrong(
            "done", 'is missing: what shows that it is stored, as in { json = "success", equals = true }'
        )
    parts.end()
    return AnswerRules(
        done=found_rules["done"],
        refused=found_rules["refused"],
        duplicate=found_rules["duplicate"],
        expired=found_rules["expired"],
        id=found["id"],
        url=found["url"],
        download_url=found["download_url"],
        message=found["message"],
    )


def csrf(value: object) -> Csrf:
    """The token of the upload's own form."""
    return _csrf(value, "csrf")


def _check_outcome(parts: Parts) -> None:
    given = parts.table
    if "token" in given and "header" not in given:
        parts.wrong("header", 'is missing: how the token is sent, as in "Authorization: Bearer {{ token }}"')
    if "header" in given and "token" not in given:
        parts.wrong("token", 'is missing: where it stands in the answer, as in "data.token"')
    if not {"token", "header", "done"} & given.keys():
        parts.wrong(
            "done",
            'is missing: what shows that the login worked, as in { location = "/home$" }, '
            "or `token` and `header`",
        )


def _check_names(parts: Parts, fields: tuple[FieldTemplate, ...]) -> None:
    from trackers.described.fields import names_used

    used = names_used(fields)
    if "password" not in used:
        parts.wrong("fields", "none of them sends {{ password }}")
    if "csrf" in used and "csrf" not in parts.table:
        parts.wrong("csrf", 'is missing: where the token stands, as in { endpoint = "login", regex = ... }')
    if "csrf" in parts.table and "csrf" not in used:
        parts.wrong("csrf", "none of the fields sends {{ csrf }}")


def field_templates(
    value: object, names: frozenset[str], *, nested: bool = True
) -> tuple[FieldTemplate, ...]:
    """Names and values, each a template over `names`."""
    entries = values.table(value)
    if not entries:
        raise ValueError("must not be empty: leave the key out")

    def entry(item: tuple[str, object]) -> FieldTemplate:
        name, content = item
        _template(name, names)
        if not nested and isinstance(content, list | dict):
            raise ValueError("must be text, a number, true or false")
        return FieldTemplate(name, _value(content, names))

    return tuple(values.each(((values.member(item[0]), item) for item in entries.items()), entry))


def _value(value: object, names: frozenset[str]) -> Value:
    match value:
        case str():
            return _template(value, names)
        case float() if not math.isfinite(value):
            raise ValueError("must be a finite number")
        case bool() | int() | float():
            return value
        case list():
            places = ((f"[{index}]", item) for index, item in enumerate(value))
            return tuple(values.each(places, lambda item: _value(item, names)))
        case dict():
            items = list(value.items())

            def entry(item: tuple[str, object]) -> tuple[str, Value]:
                return _template(item[0], names), _value(item[1], names)

            return dict(values.each(((values.member(item[0]), item) for item in items), entry))
        case _:
            raise ValueError(NO_TEXT)


def _template(source: str, names: frozenset[str]) -> str:
    from trackers.described.fields import template_problem

    problem = template_problem(source, names)
    if problem:
        raise ValueError(f"is no template: {problem}")
    return source


def _header(value: object) -> tuple[str, str]:
    from trackers.described.fields import HEADER_NAMES, names_used

    name, colon, content = values.text(value).partition(":")
    if not colon or not content.strip():
        raise ValueError('must be a name and what it holds, as in "Authorization: Bearer {{ token }}"')
    template = _template(content.strip(), HEADER_NAMES)
    if "token" not in names_used((FieldTemplate("header", template),)):
        raise ValueError("does not hold {{ token }}")
    return values.auth_name(name.strip()), template


def _csrf(value: object, place: str) -> Csrf:
    parts = Parts(value, ("endpoint", "json", "regex"))
    endpoint = parts.take("endpoint", urls.endpoint)
    if "endpoint" not in parts.table:
        parts.wrong("endpoint", "is missing: the page that holds the token")
    found = source_of(parts, place, ("json", "regex"))
    parts.end()
    return Csrf(endpoint or "", found)


def _token(value: object) -> Source:
    return Source("login.token", json=path(value))
