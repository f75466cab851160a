"""What a user says of a site of an unknown make, as frozen data; checked when the configuration is read."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from attrs import frozen

Value = str | bool | int | float | tuple["Value", ...] | Mapping[str, "Value"]
"""A template, a value that is always the same, or a list or table of such."""


@frozen
class FieldTemplate:
    """A field of a form or JSON object; `name` is a template, too."""

    name: str
    value: Value


@frozen
class Rule:
    """A thing that an answer may show; every condition that is written must hold.

    `json` is a path such as `data.id`; what is found there, in place of the whole body, is what `equals`,
    `exists`, `text` and `regex` look at.
    """

    place: str
    """Its key in the tracker's table, such as `answer.done[0]`."""
    status: tuple[int, ...] = ()
    json: str | None = None
    equals: str | bool | int | float | None = None
    exists: bool | None = None
    """Whether something is there, be it `false` or empty; `null` is nothing."""
    text: str | None = None
    regex: str | None = None
    location: str | None = None
    """A regular expression for the address that a redirect leads to."""
    all: tuple[Rule, ...] = ()
    """Further conditions, each with a place of its own in the JSON; none of them has `all` itself."""

    @property
    def conditions(self) -> tuple[Rule, ...]:
        """The rule itself, and those that must hold with it."""
        return (self, *self.all)

    @property
    def sees_proof(self) -> bool:
        """It asks for something in the answer beside its status."""
        return any(
            part.exists
            or any(value is not None for value in (part.equals, part.text, part.regex, part.location))
            for part in self.conditions
        )


@frozen
class Source:
    """Where a text stands in an answer: at a JSON path, or in the one group of a regular expression."""

    place: str
    json: str | None = None
    regex: str | None = None
    location: str | None = None


@frozen
class AnswerRules:
    """How the answer to an upload is read; of each kind of rule any one is enough."""

    done: tuple[Rule, ...]
    refused: tuple[Rule, ...] = ()
    duplicate: tuple[Rule, ...] = ()
    expired: tuple[Rule, ...] = ()
    """The site did not know the login any more, and did not look at the upload."""
    id: Source | None = None
    url: Source | None = None
    download_url: Source | None = None
    message: Source | None = None

    @property
    def reads_json(self) -> bool:
        sources = (self.id, self.url, self.download_url, self.message)
        rules = (*self.done, *self.refused, *self.duplicate, *self.expired)
        parts = (*sources, *(part for rule in rules for part in rule.conditions))
        return any(part is not None and part.json is not None for part in parts)


@frozen
class Search:
    """How the site is asked what it has; a find is an entry of the list that it answers with."""

    endpoint: str
    params: tuple[FieldTemplate, ...]
    """Templates over `name` and `infohash`: all that is known of an upload whose fate is not."""
    entries: Source | None = None
    """Where the list stands, or an expression for each entry of a page; None where the answer is the list."""
    done: tuple[Rule, ...] = ()
    """What shows that the site has searched; none where the list shows it."""
    empty: tuple[Rule, ...] = ()
    """What shows that nothing was found, where no empty list does."""
    infohash: Source | None = None
    name: Source | None = None
    id: Source | None = None
    url: Source | None = None
    download_url: Source | None = None
    name_proves: bool = False
    """Whether an entry of our name is our upload; only for sites that tell no infohash."""
    absent: bool = False
    """Whether the site has nothing that this search does not find."""

    @property
    def reads_json(self) -> bool:
        return self.entries is None or self.entries.json is not None


class LoginFormat(StrEnum):
    """How the body of a login is written; a form as browsers do it."""

    FORM = "form"
    JSON = "json"


@frozen
class Csrf:
    """A token that stands in a page and is sent with a form: the login, or the upload."""

    endpoint: str
    source: Source


@frozen
class LoginSteps:
    """The request that logs in; what it answers with is kept: its cookies, or a token for a header."""

    endpoint: str
    fields: tuple[FieldTemplate, ...]
    format: LoginFormat = LoginFormat.FORM
    csrf: Csrf | None = None
    token: Source | None = None
    header_name: str | None = None
    header_value: str | None = None
    """A template over `token`."""
    done: tuple[Rule, ...] = ()
    """None where a token is proof enough."""
    refused: tuple[Rule, ...] = ()
    message: Source | None = None
