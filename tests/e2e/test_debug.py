"""`--debug` shows every request whole, and opens no socket."""

from __future__ import annotations

import hashlib
import socket
from pathlib import Path
from typing import NoReturn

import pytest

from tests.support.program import Program


@pytest.fixture
def offline(program: Program, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A program with two sites that cannot be reached: connecting to anything fails the test."""
    program.add_site("MH")
    program.add_site("SP")

    def refuse(*_: object) -> NoReturn:
        raise AssertionError("a socket was opened")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    return program


def debug(program: Program, album: Path, *arguments: str) -> list[str]:
    finished = program("upload", album, *program.to("MH", "SP"), "--debug", *arguments)
    assert finished.code == 0
    assert not [site.requests for site in program.sites.values() if site.requests]
    return finished.out.splitlines()


def test_every_request_is_shown_whole(offline: Program, album: Path) -> None:
    lines = debug(offline, album)
    assert lines[-1] == "Nothing was sent."
    mh, sp = offline.sites["MH"], offline.sites["SP"]
    assert f"  POST {mh.url}/special/upload" in lines
    assert f"  POST {sp.url}/api/torrents/upload" in lines
    assert lines.count("    Authorization: ****") == 2
    assert "    name: The Testers - First Light (2001) [FLAC 16bit 44.1 kHz]" in lines
    fields = [line.split(":")[0].strip() for line in lines if line.startswith("    ") and line[4] != " "]
    assert [name for name in fields if name in {"name", "description", "category_id", "anonymous"}] == [
        "name",
        "description",
        "category_id",
        "anonymous",
    ] * 2


def test_files_are_shown_with_size_and_digest(offline: Program, album: Path) -> None:
    finished = offline("upload", album, *offline.to("MH", "SP"), "--debug", "--json")
    for tracker_id in ("MH", "SP"):
        (request,) = finished.events("request_prepared", tracker_id)
        assert request["method"] == "POST"
        assert dict(request["headers"])["Authorization"] == "****"
        assert [name for name, _ in request["fields"]][:3] == ["name", "description", "category_id"]
        (file,) = request["files"]
        assert file["field"] == "torrent"
        assert len(file["sha1"]) == 40
    assert finished.counts == {"skipped": 2}
    assert finished.code == 0


def test_what_is_shown_is_what_is_sent(program: Program, album: Path) -> None:
    site = program.add_site("SP")
    shown = program.upload(album, "--debug")
    program.upload(album)
    (request,) = shown.events("request_prepared")
    (stored,) = site.uploads
    sent = stored.files["torrent"]
    assert request["files"] == [
        {
            "field": "torrent",
            "name": sent.filename,
            "size": len(sent.data),
            "sha1": hashlib.sha1(sent.data).hexdigest(),
        }
    ]
    fields = {name: value for name, value in request["fields"] if value}
    assert dict(stored.fields) == fields


@pytest.mark.parametrize("auth", ["param", "header", "field", "basic", "token"])
def test_the_key_is_masked_wherever_it_goes(offline: Program, album: Path, auth: str) -> None:
    offline.tables["MH"]["api_auth_type"] = auth
    debug(offline, album)  # the fixture sees to it that no secret was shown


def test_a_missing_key_is_a_warning(offline: Program, album: Path) -> None:
    del offline.tables["MH"]["api_key"]
    offline.tables["SP"]["api_key"] = "env:MUA_ASYNC_TEST_NO_SUCH_KEY"
    finished = offline("upload", album, *offline.to("MH", "SP"), "--debug")
    assert finished.code == 0
    assert "warning: trackers.MH.api_key is missing" in finished.err
    assert "warning: trackers.SP.api_key: the environment variable" in finished.err
    assert "announce_url is missing" not in finished.err


def test_a_library_needs_no_yes(offline: Program, album: Path) -> None:
    assert debug(offline, album.parent, "--dry-run")[-1] == "Nothing was sent."


def test_it_writes_nothing(offline: Program, album: Path) -> None:
    debug(offline.watched(), album)
    assert not offline.data.exists()
    assert list(offline.watch.iterdir()) == []


def test_a_release_that_no_site_can_take_is_a_problem(offline: Program, album: Path) -> None:
    offline.tables["MH"]["category_ids"] = {"EP": "1"}
    finished = offline("upload", album, *offline.to("MH", "SP"), "--debug", "--release-type", "demo")
    assert finished.code == 1
    assert "add DEMO" in finished.err
    assert finished.out.splitlines()[-1] == "Nothing was sent."


def test_quiet_shows_the_requests_alone(offline: Program, album: Path) -> None:
    finished = offline("upload", album, *offline.to("MH"), "--debug", "--quiet")
    assert finished.err == ""
    assert finished.out.splitlines()[-1] == "Nothing was sent."
