"""Rules about the release name and the description."""

from __future__ import annotations

from pipeline.model.rules import SiteRules
from pipeline.rules import problems
from tests.support.releases import make_release


def test_a_long_name() -> None:
    rules = SiteRules(name_length=10)
    assert problems(make_release(), rules, name="夜" * 10) == []
    (problem,) = problems(make_release(), rules, name="x" * 11)
    assert "11 characters" in problem
    assert "name_template" in problem


def test_a_long_description_in_bytes() -> None:
    rules = SiteRules(description_bytes=10)
    assert problems(make_release(), rules, description="x" * 10) == []
    (problem,) = problems(make_release(), rules, description="夜" * 4)
    assert "12 bytes" in problem


def test_what_is_not_given_is_not_checked() -> None:
    assert problems(make_release(), SiteRules(name_length=0, description_bytes=0)) == []
