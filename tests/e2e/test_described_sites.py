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
    secrets = (PASSWORD, PASSKEY, "vault-token-", "attic-session-", "csrf+token", "form+key")
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


@pytest.mark.parametrize("tracker_id", ["VAULT"])
def test_a_torrent_in_a_json_body_stands_beside_fields_of_its_table(
    tracker_id: str, site: InventedSite, program: Program, album: Path
) -> None:
    upload(program, tracker_id, album)
    (stored,) = site.uploads
    assert set(stored.fields["file"]) == {"name", "content"}
    assert stored.fields["codec"] == "flac"


@pytest.mark.parametrize("tracker_id", ["CRATE"])
def test_one_of_two_values_that_tell_a_success_together_is_none(
    tracker_id: str, site: CrateSite, program: Program, album: Path
) -> None:
    site.holds_back = True
    verdict = upload(program, tracker_id, album)
    assert (verdict["outcome"], verdict["code"]) == ("unknown", 3)
    assert (site.creations, len(site.uploads)) == (1, 0)


@pytest.mark.parametrize("tracker_id", ["ATTIC"])
def test_the_token_of_the_upload_s_form_is_fetched_for_each_upload(
    tracker_id: str, site: AtticSite, program: Program, album: Path
) -> None:
    second = make_album(program.folder / "Another", title="Second Light", seconds=0.4)
    finished = program.upload(album, second, *program.to(tracker_id))
    assert finished.counts == {"done": 2}
    assert (site.logins, site.forms, site.posts, site.creations) == (1, 2, 2, 2)


@pytest.mark.parametrize("tracker_id", ["ATTIC"])
def test_without_the_token_in_the_page_nothing_is_sent(
    tracker_id: str, site: AtticSite, program: Program, album: Path
) -> None:
    site.form_page = "<html>closed for the night</html>"
    verdict = upload(program, tracker_id, album)
    assert (verdict["outcome"], verdict["code"]) == ("not_sent", 1)
    assert "csrf finds nothing in the page upload.php (status 200)" in str(verdict["message"])
    assert "check trackers.ATTIC.csrf; nothing was sent" in str(verdict["hint"])
    assert (site.forms, site.posts) == (1, 0)


@pytest.mark.parametrize("tracker_id", ["ATTIC"])
def test_a_login_that_the_form_s_page_has_forgotten_is_renewed(
    tracker_id: str, site: AtticSite, program: Program, album: Path
) -> None:
    site.forget_at_form = True
    verdict = upload(program, tracker_id, album)
    assert verdict["code"] == 0
    assert (site.logins, site.forms, site.posts, site.creations) == (2, 2, 1, 1)


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
    """By the answer to the upload; a site that can be asked has told it before."""
    program.tables[tracker_id].pop("search", None)
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
    if tracker_id == "ATTIC":
        assert fields["form_key"] == "<csrf>"
    if tracker_id == "VAULT":
        assert fields["file.content"].endswith(".torrent in base64>")
        assert dict(prepared["headers"])["X-Vault"] == "session <token>"


# What a site that can be asked has

SEARCHING = pytest.mark.parametrize("tracker_id", ["VAULT"])


@SEARCHING
def test_what_is_there_is_found_before_anything_is_sent(
    tracker_id: str, site: InventedSite, program: Program, album: Path
) -> None:
    upload(program, tracker_id, album)
    program.forget()
    verdict = upload(program, tracker_id, album)
    assert (verdict["event"], verdict["existing"], verdict["code"]) == ("upload_done", True, 0)
    assert verdict["torrent_id"] == "1"
    assert site.posts == 1


@SEARCHING
def test_another_upload_of_the_name_is_a_duplicate(
    tracker_id: str, site: InventedSite, program: Program, album: Path
) -> None:
    upload(program, tracker_id, album)
    program.forget()
    program.tables[tracker_id]["source_name"] = "another"
    verdict = upload(program, tracker_id, album)
    assert (verdict["event"], verdict["reason"], verdict["code"]) == ("upload_skipped", "duplicate", 1)
    assert verdict["url"] == f"{site.url}/entry/1"
    assert site.posts == 1


@SEARCHING
def test_an_upload_without_an_answer_that_was_stored_is_found_by_resume(
    tracker_id: str, site: InventedSite, program: Program, album: Path
) -> None:
    site.breaks_off = "stored"
    assert upload(program, tracker_id, album)["outcome"] == "unknown"
    finished = program("resume", "--json")
    verdict = finished.verdict(tracker_id)
    assert (verdict["event"], verdict["torrent_id"], finished.code) == ("upload_done", "1", 0)
    assert (site.posts, len(site.uploads)) == (1, 1)


@SEARCHING
def test_an_upload_without_an_answer_that_was_not_stored_is_sent_once_more(
    tracker_id: str, site: InventedSite, program: Program, album: Path
) -> None:
    program.tables[tracker_id]["settle_after"] = 0
    site.breaks_off = "not stored"
    assert upload(program, tracker_id, album)["outcome"] == "unknown"
    finished = program("resume", "--json")
    verdict = finished.verdict(tracker_id)
    assert (verdict["event"], verdict["torrent_id"], finished.code) == ("upload_done", "1", 0)
    assert (site.posts, len(site.uploads)) == (2, 1)
    assert program("resume").says("Nothing is left open")


@SEARCHING
@pytest.mark.parametrize("changes", [{"absent": False}, {"entries": {"json": "elsewhere"}}])
def test_where_the_search_proves_nothing_it_stays_unknown_and_is_not_sent_again(
    tracker_id: str, site: InventedSite, program: Program, album: Path, changes: dict[str, object]
) -> None:
    table = program.tables[tracker_id]
    table["settle_after"] = 0
    site.breaks_off = "not stored"
    assert upload(program, tracker_id, album)["outcome"] == "unknown"
    table["search"] = {**described_examples()[tracker_id]["search"], **changes}
    finished = program("resume", "--json")
    assert (finished.verdict(tracker_id)["outcome"], finished.code) == ("unknown", 3)
    assert (site.posts, len(site.uploads)) == (1, 0)


@SEARCHING
def test_a_site_that_does_not_tell_gets_nothing(
    tracker_id: str, site: InventedSite, program: Program, album: Path
) -> None:
    program.tables[tracker_id]["search"] = {
        **described_examples()[tracker_id]["search"],
        "entries": {"json": "elsewhere"},
    }
    verdict = upload(program, tracker_id, album)
    assert (verdict["outcome"], verdict["code"]) == ("not_sent", 1)
    assert "VAULT could not be asked what it has: no list of entries" in str(verdict["message"])
    assert site.posts == 0
