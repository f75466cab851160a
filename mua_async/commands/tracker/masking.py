"""Keeps a secret that somebody wrote into a description's fields from being shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pipeline.secret import MASK

SECRET_NAME = re.compile(r"pass|pwd|secret|token|cookie|auth|csrf|(^|[^a-z])pw([^a-z]|$)|key([^a-z]|$)", re.I)
FIELD = {"name", "value"}
"""What a field is made of once it was read."""


def masked_description(key: str, value: object) -> object:
    """The value of a key in a tracker's table, with no secret in `fields`, nor in those of `login`."""
    if key == "fields":
        return masked_fields(value)
    if key == "login" and isinstance(value, Mapping) and "fields" in value:
        return {**value, "fields": masked_fields(value["fields"])}
    return value


def masked_fields(value: object, name: str = "") -> object:
    """Names and values, those masked that are no template and whose name speaks of a secret."""
    match value:
        case Mapping() if value.keys() == FIELD:
            return {"name": value["name"], "value": masked_fields(value["value"], str(value["name"]))}
        case Mapping():
            return {key: masked_fields(part, f"{name} {key}") for key, part in value.items()}
        case str():
            return MASK if SECRET_NAME.search(name) and "{{" not in value and value else value
        case Sequence():
            return [masked_fields(part, name) for part in value]
        case _:
            return value
