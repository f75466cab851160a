"""One run to sites of two families: each gets what its make wants, and none waits for another's limit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.audio import make_album
from tests.support.program import Program
from tests.support.torrents import infohash, read_torrent
from trackers.sandbox import Fault, SandboxSite

BY_FORM: Mapping[str, object] = {
    "api_auth_type": "session",
    "username": "sandbox",
    "password": "sandbox-password",
}
KNOWN = ("--media", "WEB", "--release-type", "single", "--set", "label=Hat & Coat")


def add_all(program: Program) -> dict[str, SandboxSite]:
    return {tracker_id: program.add_site(tracker_id) for tracker_id in ("SP", "YUS", "OPS", "RED")}


def test_each_of_four_sites_gets_what_its_make_wants(program: Program, album: Path) -> None:
    sites = add_all(program)
    finished = program.watched().upload(album, *KNOWN)
    assert finished.counts == {"done": 4}
    for tracker_id, site in sites.items():
        (stored,) = site.uploads
        done = finished.verdict(tracker_id)
        saved = Path(done["torrent_file"])
        assert infohash(saved.read_bytes()) == stored.registered.infohash
        assert read_torrent(saved.read_bytes())["announce"] == site.announce_url
        assert read_torrent(stored.received_torrent)["info"]["source"] == site.settings.source
        if tracker_id in ("OPS", "RED"):
            assert (stored.fields["format"], stored.fields["bitrate"]) == ("FLAC", "Lossless")
            assert (stored.fields["title"], stored.fields["artists[0]"]) == ("First Light", "The Testers")
            assert (stored.fields["media"], stored.fields["releasetype"]) == ("WEB", "9")
            assert done["url"] == f"{site.url}/torrents.php?id=1&torrentid={stored.id}"
            # The torrent that we made is the one that the site registered.
            assert infohash(stored.received_torrent) == stored.registered.infohash
        else:
            assert stored.fields["category_id"] in {"5", "8"}
    assert len(list(program.watch.iterdir())) == 4


def test_the_slower_limit_holds_nobody_else_back(program: Program) -> None:
    albums = [
        make_album(program.folder / name, title=name, seconds=0.2, seed=seed, tags={"genre": "rock"})
        for seed, name in enumerate(("One", "Two", "Three"))
    ]
    sites = add_all(program)
    program.tables["OPS"]["rate_limit"] = "5/2s"
    finished = program.upload(*albums, "--yes", *KNOWN)
    assert finished.counts == {"done": 12}
    starts = [request.at for request in sites["OPS"].requests]
    assert all(later - first >= 2.0 for first, later in zip(starts, starts[5:], strict=False))
    last = {tracker_id: site.requests[-1].at for tracker_id, site in sites.items()}
    assert max(last[tracker_id] for tracker_id in ("SP", "YUS", "RED")) < last["OPS"] - 1.0


@pytest.mark.parametrize("tracker_id", ["OPS", "RED"])
def test_the_form_of_a_site_that_one_logs_in_to(program: Program, album: Path, tracker_id: str) -> None:
    site = program.add_site(tracker_id, BY_FORM)
    del program.tables[tracker_id]["api_key"]
    finished = program.watched().upload(album, *KNOWN)
    assert finished.counts == {"done": 1}
    assert finished.verdict(tracker_id)["torrent_id"] == str(site.uploads[0].id)
    assert "sandbox-password" not in finished.out + finished.err
    again = program.upload(album, *KNOWN)
    assert again.counts == {"existing": 1}
    assert len(site.uploads) == 1


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ({}, Fault.RESET_AFTER),
        ({}, Fault.ERROR_AFTER),
        ({}, Fault.TRUNCATED),
        (BY_FORM, Fault.RESET_AFTER),
        (BY_FORM, Fault.ERROR_AFTER),
        ({}, Fault.HALF_STORED),
        (BY_FORM, Fault.HALF_STORED),
    ],
)
def test_an_upload_whose_reply_is_lost_is_found_and_never_sent_again(
    program: Program, album: Path, fault: Fault, table: Mapping[str, object]
) -> None:
    site = program.add_site("RED", table)
    site.fault = fault
    first = program.upload(album, *KNOWN)
    assert (first.code, first.counts) == (3, {"unknown": 1})
    site.fault = None
    second = program.upload(album, *KNOWN)
    assert (second.code, second.counts) == (0, {"done": 1})
    assert (len(site.uploads), creations(site)) == (1, 1)


def creations(site: SandboxSite) -> int:
    return sum(
        request.method == "POST" and request.path in ("/ajax.php", "/upload.php") for request in site.requests
    )


def test_an_upload_that_did_not_arrive_is_proved_absent_and_sent(program: Program, album: Path) -> None:
    site = program.add_site("OPS", {"settle_after": "1s"})
    site.fault = Fault.HTML
    assert program.upload(album, *KNOWN).counts == {"unknown": 1}
    site.fault = None
    assert program.upload(album, *KNOWN).counts == {"done": 1}
    assert (len(site.uploads), creations(site)) == (1, 2)


def test_another_torrent_of_the_same_files_is_there_already(program: Program, album: Path) -> None:
    site = program.add_site("RED")
    program.tables["RED"]["source_name"] = "ELSEWHERE"
    assert program.upload(album, *KNOWN).counts == {"done": 1}
    program.tables["RED"]["source_name"] = "RED"
    program.forget()
    finished = program.upload(album, *KNOWN)
    assert finished.counts == {"existing": 1}
    assert len(site.uploads) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"set": ("tags=???",)}, "makes a tag of"),
        ({"set": (f"title={'x' * 201}",)}, "has 201 bytes"),
        ({"media": ""}, "--set media=..."),
        ({"release_type": "spoken"}, "has no release type SPOKEN"),
    ],
)
def test_what_a_site_would_refuse_is_told_before_anything_is_hashed(
    program: Program, changes: dict[str, Any], words: str
) -> None:
    album = make_album(program.folder / "Untagged", seconds=0.2, tags={"album": "", "date": ""})
    site = program.add_site("OPS")
    options = ["--media", changes.get("media", "WEB")] if changes.get("media", "WEB") else []
    options += ["--release-type", changes.get("release_type", "single")]
    given = {"title": "Light", "year": "2001", "tags": "rock"}
    given |= dict(item.split("=", 1) for item in changes.get("set", ()))
    options += [part for name, text in given.items() for part in ("--set", f"{name}={text}")]
    finished = program.upload(album, *options)
    assert finished.counts == {"skipped": 1}
    assert words in str(finished.verdict("OPS")["message"])
    assert finished.events("bytes_hashed") == []
    assert site.requests == []
