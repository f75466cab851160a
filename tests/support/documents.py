"""The examples that the documents hold."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

DESCRIBED_SITES = (Path(__file__).parents[2] / "docs" / "described-sites.md").read_text("utf-8")


def described_examples() -> dict[str, dict[str, Any]]:
    """The tables of docs/described-sites.md by id."""
    found: dict[str, dict[str, Any]] = {}
    for block in re.findall(r"^```toml\n(.*?)^```$", DESCRIBED_SITES, re.MULTILINE | re.DOTALL):
        found |= tomllib.loads(block)["trackers"]
    return found
