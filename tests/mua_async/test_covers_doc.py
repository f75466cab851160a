"""Every configuration of docs/covers.md is one, and makes what is said of it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from attrs import fields_dict

from mua_async.config.configuration import read_configuration
from mua_async.config.image_hosts import KEYS, SHAPE_KEYS
from pipeline.model.cover import CoverSpec
from pipeline.model.rules import SiteRules

TEXT = (Path(__file__).parents[2] / "docs" / "covers.md").read_text()
BLOCKS = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_a_configuration_is_read_without_a_problem(block: str) -> None:
    configuration = read_configuration(Path("/config.toml"), tomllib.loads(block))
    assert not configuration.tracker_problems
    assert configuration.image_hosts


def test_every_key_of_an_image_host_is_told() -> None:
    told = set(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE))
    assert told == set(KEYS) - set(SHAPE_KEYS)
    assert all(key in TEXT for key in SHAPE_KEYS)


def test_every_rule_of_a_cover_is_told_and_so_is_what_is_usual() -> None:
    assert all(f"`{name}`" in TEXT for name in fields_dict(SiteRules) if name.startswith("cover_"))
    usual = CoverSpec()
    assert f"{usual.side_max} pixels a side and {usual.bytes_max >> 20} MiB" in TEXT
