"""Three sites of unknown makes, each reached by the example of its make in docs/described-sites.md alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal

from tests.support.audio import make_album
from tests.support.documents import described_examples
from tests.support.invented_sites import (
    PASSKEY,
    PASSWORD,
    AtticSite,
    CrateSite,
    InventedSite,
    VaultSite,
    served,
)
from tests.support.program import Program
from tests.support.torrents import read_torrent
from trackers.described import patterns

SITES = {"CRATE": CrateSite, "VAULT": VaultSite, "ATTIC": AtticSite}
WITH_LOGIN = ("VAULT", "ATTIC")
EVERY_SITE = pytest.mark.parametrize("tracker_id", SITES)
EVERY_LOGIN = pytest.mark.parametrize("tracker_id", WITH_LOGIN)


@pytest.fixture
def site(tracker_id: str, program: Program, portal: BlockingPortal) -> Iterator[InventedSite]:
    """The site, its example in the program's configuration; nothing secret is shown by the test."""
    site = SITES[tracker_id]()
    with ExitStack() as stack:
        stack.enter_context(portal.wrap_async_context_manager(served(site)))
        program.tables[tracker_id] = {
            **described_examples()[tracker_id],
            "url": site.url,
            "announce_url": site.announce_url,
            "password": PASSWORD,
            "rate_limit": "10000/s",
        }
        yield site
    shown = "\n".join(program.shown)
    secrets = (PASSWORD, PASSKEY, "vault-token-", "attic-session-", "csrf+token")
    assert not [secret for secret in secrets if secret in shown]


def upload(program: Program, tracker_id: str, album: Path, *arguments: str) -> dict[str, object]:
    """The verdict on the album."""
    finished = program.upload(album, *arguments, *program.to(tracker_id))
    verdict = dict(finished.verdict(tracker_id))
    verdict["code"] = finished.code
    return verdict


@EVERY_SITE
def test_the_upload_is_stored_as_it_was_meant(
    tracker_id: str, site: InventedSite, program: Program, album: Path
) -> None:
    verdict = upload(program, tracker_id, album)
    (stored,) = site.uploads
    assert verdict["code"] == 0
    assert (verdict["torrent_id"], site.creations, site.posts) == ("1", 1, 1)
    assert str(verdict["url"]).startswith(site.url)
    info = read_torrent(stored.torrent)
    assert info["announce"] == site.announce_url
    assert info["info"]["name"] == album.name
    if tracker_id != "VAULT":
        assert stored.filename == "The.Testers.-.First.Light.2001.FLAC.16bit.44.1.kHz.torrent"


@pytest.mark.parametrize("tracker_id", ["CRATE"])
def test_a_document_in_a_form_field_keeps_its_types(
    tracker_id: str, site: InventedSite, program: Program, album: Path
) -> None:
    upload(program, tracker_id, album)
    fields = dict(site.uploads[0].fields)
    assert "First Light" in fields.pop("text")
    assert fields == {
        "display_name": "The Testers - First Light (2001) [FLAC 16bit 44.1 kHz]",
        "shelf": 3,
        "kind": "lossless",
        "labels": ["Ambient"],
        "hide_me": False,
        "release": {"by": "The Testers", "year": 2001},
    }


@pytest.mark.parametrize("tracker_id", ["ATTIC"])
def test_a_name_of_a_field_is_a_template_too(
    tracker_id: str, site: InventedSite, program: Program, album: Path
) -> None:
    upload(program, tracker_id, album)
    assert site.uploads[0].fields["cat[1]"] == "on"


@EVERY_SITE
def test_a_wrong_password_stores_nothing_and_is_said_to_be_wrong(
    tracker_id: str, site: InventedSite, program: Program, album: Path
) -> None:
    program.tables[tracker_id]["password"] = "not-the-password"
    verdict = upload(program, tracker_id, album)
    assert (verdict["event"], verdict["outcome"], verdict["code"]) == ("upload_failed", "rejected", 1)
    words = {"CRATE": "unknown user", "VAULT": "a wrong secret", "ATTIC": "Wrong nick or password"}
    assert words[tracker_id] in str(verdict["message"])
    assert site.creations == 0


@EVERY_LOGIN
def test_a_login_that_was_refused_is_not_tried_with_the_next_album(
    tracker_id: str, site: InventedSite, program: Program, album: Path
) -> None:
    second = make_album(program.folder / "Another", seconds=0.4)
    program.tables[tracker_id]["password"] = "not-the-password"
    finished = program.upload(album, second, *program.to(tracker_id))
    assert finished.counts == {"rejected": 2}
    assert site.logins == 1


@EVERY_SITE
def test_a_duplicate_is_told_apart(
    tracker_id: str, site: InventedSite, program: Program, album: Path
) -> None:
    upload(program, tracker_id, album)
    verdict = upload(program, tracker_id, album, "--allow-duplicate")
    assert (verdict["event"], verdict["reason"], verdict["code"]) == ("upload_skipped", "duplicate", 1)
    assert len(site.uploads) == 1


@EVERY_SITE
def test_a_refusal_is_told_in_the_sites_own_words(
    tracker_id: str, site: InventedSite, program: Program, album: Path
) -> None:
    site.refuses = "the name is too short"
    verdict = upload(program, tracker_id, album)
    assert (verdict["outcome"], verdict["code"]) == ("rejected", 1)
    told = {
        "CRATE": "display_name: the name is too short; genre: odd",
        "VAULT": "the name is too short",
        "ATTIC": "the name is too short & more; the cover is missing",
    }
    assert told[tracker_id] in str(verdict["message"])
    assert not site.uploads


@EVERY_LOGIN
def test_an_expired_login_is_renewed_once_and_one_upload_is_made(
    tracker_id: str, site: InventedSite, program: Program, album: Path
) -> None:
    site.forget_logins = True
    verdict = upload(program, tracker_id, album)
    assert verdict["code"] == 0
    assert (site.logins, site.posts, site.creations, len(site.uploads)) == (2, 2, 1, 1)


@EVERY_LOGIN
def test_without_a_rule_for_it_an_expired_login_is_unknown_and_nothing_is_repeated(
    tracker_id: str, site: InventedSite, program: Program, album: Path
) -> None:
    answer = dict(described_examples()[tracker_id]["answer"])
    del answer["expired"]
    program.tables[tracker_id]["answer"] = answer
    site.forget_logins = True
    verdict = upload(program, tracker_id, album)
    assert (verdict["outcome"], verdict["code"]) == ("unknown", 3)
    assert (site.logins, site.posts) == (1, 1)


@EVERY_LOGIN
def test_the_test_of_a_tracker_logs_in(tracker_id: str, site: InventedSite, program: Program) -> None:
    assert program("tracker", "test", tracker_id).says("accepts the login")
    program.tables[tracker_id]["password"] = "not-the-password"
    assert program("tracker", "test", tracker_id).code == 1
    assert site.posts == 0


@EVERY_SITE
def test_what_the_site_is_said_to_be_can_be_shown(
    tracker_id: str, site: InventedSite, program: Program
) -> None:
    shown = program("tracker", "show", tracker_id)
    assert shown.code == 0
    assert shown.says("{{ name }}", '"done"')
    assert site.logins == 0


@pytest.mark.parametrize("tracker_id", ["CRATE"])
def test_a_success_that_a_rule_cannot_tell_in_time_is_unknown(
    tracker_id: str, site: InventedSite, program: Program, album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 0.5)
    program.tables[tracker_id]["fields"] = {"display_name": "{{ name }}"}
    program.tables[tracker_id]["answer"] = {"done": {"regex": "(.*)*(.*)*(.*)*never"}}
    site.refuses = "a" * 4000
    verdict = upload(program, tracker_id, album)
    assert (verdict["outcome"], verdict["code"]) == ("unknown", 3)
    assert "answer.done takes longer than 0.5 s" in str(verdict["message"])
    assert site.posts == 1


@EVERY_SITE
def test_a_dry_run_shows_the_request_and_asks_nobody(
    tracker_id: str, site: InventedSite, program: Program, album: Path
) -> None:
    finished = program("upload", album, "--debug", "--json", *program.to(tracker_id))
    (prepared,) = finished.events("request_prepared")
    assert finished.code == 0
    assert (site.logins, site.posts) == (0, 0)
    fields = dict(prepared["fields"])
    if tracker_id == "CRATE":
        assert json.loads(fields["payload"])["shelf"] == 3
    if tracker_id == "VAULT":
        assert dict(prepared["headers"])["X-Vault"] == "session <token>"
