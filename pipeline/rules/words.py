"""Rules about the release name and the description."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.rules import SiteRules


def word_problems(rules: SiteRules, name: str | None, description: str | None) -> Iterator[str]:
    """What is too long of those that are given: the name in characters, the description in bytes."""
    if name is not None and rules.name_length is not None and len(name) > rules.name_length:
        yield (
            f"the release name has {len(name)} characters, the site takes {rules.name_length}: "
            f"use a shorter name_template ({name})"
        )
    size = len(description.encode("utf-8", "surrogatepass")) if description is not None else 0
    if rules.description_bytes is not None and size > rules.description_bytes:
        yield (
            f"the description has {size} bytes, the site takes {rules.description_bytes}: "
            "use a shorter description_template"
        )
