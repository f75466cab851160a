"""Rules about the cover."""

from __future__ import annotations

from ..model.release import Cover
from ..model.rules import SiteRules
from ..text import printable


def cover_problems(cover: Cover | None, rules: SiteRules) -> list[str]:
    """What is wrong with the cover; nothing where there is none."""
    if cover is None:
        return []
    short, long = sorted((cover.width, cover.height))
    size, least, most, heaviest = (
        len(cover.data),
        rules.cover_side_min,
        rules.cover_side_max,
        rules.cover_bytes_max,
    )
    found = []
    if heaviest is not None and size > heaviest:
        found.append(f"has {size} bytes, the site takes {heaviest}: put a smaller picture into the folder")
    if least is not None and short < least:
        found.append(f"has only {short} pixels a side, the site takes {least}: put a larger picture there")
    if most is not None and long > most:
        found.append(f"has {long} pixels a side, the site takes {most}: put a smaller picture there")
    return [f"the cover ({printable(cover.source)}) {flaw}" for flaw in found]
