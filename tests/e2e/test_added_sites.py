"""Sites of unknown makes, described at a terminal to `tracker add`, and then uploaded to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal

from tests.support.invented_sites import (
    PASSWORD,
    USERNAME,
    AtticSite,
    CrateSite,
    InventedSite,
    VaultSite,
    served,
)
from tests.support.program import Program
from tests.support.terminal import converse

Answers = Sequence[tuple[str, str]]

CRATE_TALK: Answers = [
    ("posted to", "v2/crates"),
    ("body is written", "dokument"),
    ("body is written", "document"),
    ("holds the JSON document", "payload"),
    ("key is sent", "basic"),
    ("field of the torrent", "crate"),
    ("A field of the upload", "display_name = {{ nam }}"),
    ("A field of the upload", "display_name = {{ name }}"),
    ("A field of the upload", "shelf = 3"),
    ("A field of the upload", 'release = { by = "{{ release.artist }}" }'),
    ("A field of the upload", ""),
    ("What shows a success", ""),
    ("at which path", "state"),
    ("which value", "ok"),
    ("What shows a duplicate", "words"),
    ("at which path", "why"),
    ("which words", "here already"),
    ("What shows another refusal", "json"),
    ("at which path", "state"),
    ("which value", "bad"),
    ("id stands", "json"),
    ("at which path", "crate.no"),
    ("its page stands", "json"),
    ("at which path", "crate.page"),
    ("words on a refusal", "json"),
    ("at which path", "why"),
    ("User name", USERNAME),
]
VAULT_TALK: Answers = [
    ("posted to", "api/entries"),
    ("body is written", "json"),
    ("key is sent", "session"),
    ("login is sent", "api/session"),
    ("How it is written", "json"),
    ("field of the user name", "user"),
    ("field of the password", "secret"),
    ("CSRF token stands", ""),
    ("Another field of the login", "remember=true"),
    ("Another field of the login", ""),
    ("token's path", "data.session.token"),
    ("header that sends it", "X-Vault: session {{ tokn }}"),
    ("header that sends it", "X-Vault: session {{ token }}"),
    ("a wrong password", ""),
    ("words on that", "json"),
    ("at which path", "error.text"),
    ("field of the torrent", "file.content"),
    ("A field of the upload", "title={{ name }}"),
    ("A field of the upload", 'file={ name = "{{ torrent_name }}" }'),
    ("A field of the upload", ""),
    ("What shows a success", "status"),
    ("which, as in", "999"),
    ("What shows a success", "status"),
    ("which, as in", "200 201"),
    ("What shows a duplicate", "json"),
    ("at which path", "code"),
    ("which value", "E_TWICE"),
    ("What shows another refusal", "status"),
    ("which, as in", "400"),
    ("login has expired", "status"),
    ("which, as in", "403"),
    ("id stands", "json"),
    ("at which path", "entry"),
    ("its page stands", ""),
    ("words on a refusal", "json"),
    ("at which path", "errors"),
    ("User name", USERNAME),
]
ATTIC_TALK: Answers = [
    ("posted to", "upload.php"),
    ("body is written", ""),
    ("key is sent", "session"),
    ("login is sent", "login.php"),
    ("How it is written", ""),
    ("field of the user name", "nick"),
    ("field of the password", "pw"),
    ("CSRF token stands", "regex"),
    ("field that sends it", "token"),
    ("in which page", ""),
    ("the regular expression", 'name="token" value="[^"]+"'),
    ("in which page", ""),
    ("the regular expression", 'name="token" value="([^"]+)"'),
    ("Another field of the login", "no pair"),
    ("Another field of the login", ""),
    ("token's path", ""),
    ("the login worked", ""),
    ("address of a redirect", r"^/home\.php"),
    ("a wrong password", "text"),
    ("a text in the page", "Wrong nick or password"),
    ("words on that", "regex"),
    ("the regular expression", "class='warning'>([^<]+)"),
    ("field of the torrent", "torrent_file"),
    ("A field of the upload", "release_name={{ name }}"),
    ("A field of the upload", "form_key={{ csrf }}"),
    ("A field of the upload", ""),
    ("upload's form stands", ""),
    ("in which page", ""),
    ("the regular expression", 'name="form_key" value="([^"]+)"'),
    ("What shows a success", "location"),
    ("address of a redirect", r"^/t\.php\?id=\d+"),
    ("What shows a duplicate", "regex"),
    ("page fits", r'class="error">[^\n]*\bdupe\b'),
    ("What shows another refusal", "text"),
    ("a text in the page", 'class="error"'),
    ("login has expired", "location"),
    ("address of a redirect", r"^/login\.php"),
    ("id stands", "location"),
    ("redirect's address", r"id=(\d+)"),
    ("its page stands", ""),
    ("words on a refusal", "regex"),
    ("the regular expression", 'class="error">(.*?)</li>'),
    ("User name", USERNAME),
]
TALKS: Mapping[str, tuple[Answers, Sequence[str]]] = {
    "CRATE": (CRATE_TALK, ["did you mean `document`?", "trackers.CRATE.fields.display_name: is no template"]),
    "VAULT": (
        VAULT_TALK,
        ["trackers.VAULT.login.header: is no template", "must be a number from 200 to 399"],
    ),
    "ATTIC": (ATTIC_TALK, ["must have one group", "write NAME=VALUE"]),
}
"""What is typed, and what is told of the slips in it."""

SITES: Mapping[str, type[InventedSite]] = {"CRATE": CrateSite, "VAULT": VaultSite, "ATTIC": AtticSite}
EVERY_SITE = pytest.mark.parametrize("tracker_id", SITES)


@pytest.fixture
def site(tracker_id: str, portal: BlockingPortal) -> Iterator[InventedSite]:
    site = SITES[tracker_id]()
    with portal.wrap_async_context_manager(served(site)):
        yield site


@EVERY_SITE
def test_a_site_is_described_at_a_terminal_and_takes_an_upload(
    tracker_id: str, site: InventedSite, program: Program, album: Path
) -> None:
    answers, told = TALKS[tracker_id]
    talk = converse(
        program.arguments("tracker", "add", tracker_id),
        [
            ("What the site runs", ""),
            ("address", site.url),
            ("generic family's defaults", "n"),
            *answers,
            ("Password", PASSWORD),
            ("Announce URL", site.announce_url),
            ("tag", ""),
            ("Write this", ""),
            ("keyring", "n"),
            ("Test it now", ""),
        ],
    )
    assert talk.code == 0
    assert talk.says(*told, "password = ****", f"{tracker_id}: configuration: ok")
    assert PASSWORD not in talk.out + talk.shown

    upload: list[str | Path] = ["upload", album, *program.to(tracker_id), "--json"]
    site.refuses = "the name is too short"
    refused = program(*upload).verdict(tracker_id)
    assert refused["outcome"] == "rejected"
    assert site.refuses in refused["message"]
    site.refuses = None
    done = program(*upload).verdict(tracker_id)
    assert (done["event"], done["torrent_id"], len(site.uploads)) == ("upload_done", "1", 1)
    again = program(*upload, "--allow-duplicate").verdict(tracker_id)
    assert (again["event"], again["reason"]) == ("upload_skipped", "duplicate")


@pytest.mark.parametrize("tracker_id", ["CRATE"])
def test_what_does_not_fit_together_is_told_at_once(
    tracker_id: str, site: InventedSite, program: Program
) -> None:
    talk = converse(
        program.arguments("tracker", "add", tracker_id, "--type", "generic", "--url", site.url),
        [
            ("generic family's defaults", "n"),
            ("posted to", "v2/crates"),
            ("body is written", "form"),
            ("key is sent", "bearer"),
            ("field of the torrent", "crate"),
            ("A field of the upload", "crate=1"),
            ("A field of the upload", "\x04"),
        ],
    )
    assert talk.code == 130
    assert talk.says("is the field of `torrent_field`, too")
    assert not program.config.exists()
