"""The example of the old tool's guide with our commands: add MH, customize it, test it, upload to it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.support.program import Program
from tests.support.terminal import converse
from tests.support.torrents import read_torrent
from trackers.conformance.checks import CHECKS
from trackers.sandbox import SandboxSite

KEY, PASSKEY = "api-key-of-MH", f"passkey{'mh':0>25}"
SINGLE = "6"
"""The category of the album, which is so short."""
ADVANCED = """{"trackers": {"MH": {
  "api_auth_type": "bearer", "api_format": "json", "custom_endpoint": "special/upload",
  "category_ids": {"ALBUM": "5", "SINGLE": "6"}, "format_ids": {"FLAC": "10", "MP3": "11"}}}}"""
"""The advanced example of the old guide."""

FORM_DATA = re.compile(r"^( +return await super\(\)\._build_form_data\(request\))$", re.MULTILINE)
CUSTOMIZED = """\
        data = await super()._build_form_data(request)
        # MusicHaven wants more fields.
        data["api_version"] = "v1"
        data["music_type"] = str(request.release.album.media or "WEB")
        return data"""


@pytest.fixture
def site(program: Program) -> SandboxSite:
    """MusicHaven; the user has no configuration yet."""
    site = program.add_site("MH")
    program.tables.clear()
    return site


def customize(program: Program) -> None:
    """Changes the generated module as the guide does its own."""
    module = program.folder / "trackers" / "mh_tracker.py"
    text, changes = FORM_DATA.subn(CUSTOMIZED, module.read_text())
    assert changes == 1
    module.write_text(text)


def stored_fields(site: SandboxSite) -> dict[str, str]:
    (stored,) = site.uploads
    torrent = read_torrent(stored.received_torrent)
    assert torrent["announce"] == site.announce_url
    assert torrent["info"]["source"] == "MH"
    return dict(stored.fields)


def creations(site: SandboxSite) -> int:
    return sum(request.method == "POST" for request in site.requests)


def test_add_create_test_debug_upload(program: Program, site: SandboxSite, album: Path) -> None:
    keys = ["--url", site.url, "--announce-url", site.announce_url, "--api-key-ref", KEY]
    assert program("tracker", "add", "MH", *keys, "--yes").says("MH was added to")

    created = program("tracker", "create", "MH")
    assert created.says("mh_tracker.py", "stands in for the built-in MH", "mua-async tracker test MH")
    assert "tracker add MH" not in created.out
    customize(program)
    assert program("tracker", "list").says("mh_tracker.py")

    offline = program("tracker", "test", "MH", "--offline")
    assert offline.says("MH: configuration: ok", f"{len(CHECKS)} of {len(CHECKS)} checks passed")
    assert program("tracker", "test", "MH").says("MH: configuration: ok", "MH: key: not proved")
    assert creations(site) == 0

    shown = program("upload", album, "--create-torrent", *program.to("MH"), "--debug")
    assert shown.says(f"  POST {site.url}/special/upload", "    api_version: v1", "    music_type: WEB")
    assert shown.says("    category_id: 6", "    format_id: 10", "Nothing was sent.")
    assert creations(site) == 0

    uploaded = program("upload", album, *program.to("MH"))
    assert uploaded.code == 0
    assert uploaded.says(f"{site.url}/torrents/1")
    fields = stored_fields(site)
    assert (fields["api_version"], fields["music_type"]) == ("v1", "WEB")
    assert fields["name"] == "The Testers - First Light (2001) [FLAC 16bit 44.1 kHz]"
    assert creations(site) == 1


def test_all_is_typed_at_a_terminal(program: Program, site: SandboxSite, album: Path) -> None:
    talk = converse(
        program.arguments("tracker", "add", "MH"),
        [
            ("address", site.url),
            ("API key", KEY),
            ("Announce URL", site.announce_url),
            ("Write this", ""),
            ("keyring", "n"),
            ("Test it now", ""),
        ],
    )
    assert talk.code == 0
    assert talk.says("MH: configuration: ok", "MH: key: not proved")
    assert KEY not in talk.out + talk.shown
    assert PASSKEY not in talk.out + talk.shown
    assert program("upload", album, *program.to("MH")).code == 0
    assert stored_fields(site)["category_id"] == SINGLE


def test_a_module_may_be_written_first(program: Program, site: SandboxSite, album: Path) -> None:
    """The order of the guide's quick start."""
    assert program("tracker", "create", "MH").says("mua-async tracker add MH")
    customize(program)
    keys = ["--url", site.url, "--announce-url", site.announce_url, "--api-key-ref", KEY]
    assert program("tracker", "add", "MH", *keys, "--yes").code == 0
    assert program("tracker", "test", "MH").code == 0
    assert program("upload", album, *program.to("MH")).code == 0
    assert stored_fields(site)["api_version"] == "v1"


def test_the_advanced_configuration_loads_as_it_is(program: Program, site: SandboxSite, album: Path) -> None:
    program.config.write_text(ADVANCED)
    refused = program("upload", album, *program.to("MH"))
    assert refused.code == 2
    assert refused.says(
        'trackers.MH.url is missing: write url = "..."',
        'trackers.MH.api_key is missing: write api_key = "..."',
        'trackers.MH.announce_url is missing: write announce_url = "..."',
    )
    shown = program("upload", album, *program.to("MH"), "--debug")
    assert shown.code == 0
    assert shown.says("<trackers.MH.url>/special/upload", "    category_id: 6")

    document = json.loads(ADVANCED)
    document["trackers"]["MH"] |= {"url": site.url, "api_key": KEY, "announce_url": site.announce_url}
    program.config.write_text(json.dumps(document))
    assert program("tracker", "test", "MH").code == 0
    assert program("upload", album, *program.to("MH")).code == 0
    fields = stored_fields(site)
    assert (fields["category_id"], fields["format_id"]) == (SINGLE, "10")
