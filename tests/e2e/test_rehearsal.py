"""The documented configurations, rehearsed on the sites that docs/sandbox-rules.md describes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal

from mua_async.sandbox_rules import read_site
from tests.support.documents import described_examples
from tests.support.program import Program
from trackers.sandbox import SandboxSite

GUIDE = (Path(__file__).parents[2] / "docs" / "sandbox-rules.md").read_text("utf-8")
RULES = dict(zip(("CRATE", "VAULT"), re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL), strict=False))
NAME_FIELDS = {"CRATE": "display_name", "VAULT": "title"}


@pytest.fixture(params=RULES)
def rehearsed(request: pytest.FixtureRequest, program: Program, portal: BlockingPortal) -> Iterator[str]:
    """The id of a tracker whose site the rules imitate, but for its search."""
    tracker_id: str = request.param
    rules = program.folder / "rules.toml"
    rules.write_text(RULES[tracker_id])
    file = read_site(rules)
    with portal.wrap_async_context_manager(SandboxSite(file.rules, file.settings)) as site:
        program.tables[tracker_id] = {
            **{key: value for key, value in described_examples()[tracker_id].items() if key != "search"},
            "url": site.url,
            "announce_url": site.announce_url,
            "username": site.settings.username,
            "password": site.settings.password,
        }
        yield tracker_id


def test_done_then_a_duplicate_then_a_refusal(program: Program, album: Path, rehearsed: str) -> None:
    arguments: tuple[str | Path, ...] = (album, *program.to(rehearsed))
    done = program.upload(*arguments).verdict(rehearsed)
    assert done["event"] == "upload_done"
    assert done["url"].endswith(f"/torrents/{done['torrent_id']}")

    program.forget()
    again = program.upload(*arguments).verdict(rehearsed)
    assert (again["event"], again["reason"]) == ("upload_skipped", "duplicate")
    assert "here already" in again["message"]

    fields = program.tables[rehearsed]["fields"]
    assert isinstance(fields, dict)
    del fields[NAME_FIELDS[rehearsed]]
    refused = program.upload(*arguments).verdict(rehearsed)
    assert (refused["event"], refused["outcome"]) == ("upload_failed", "rejected")
    assert f"The {NAME_FIELDS[rehearsed]} is required." in refused["message"]
