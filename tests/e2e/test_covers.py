"""One cover, and what each site gets of it: a file, base64, an address, a picture in the description."""

from __future__ import annotations

import base64
import io
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import NoReturn

import pytest
from PIL import Image

from tests.support.audio import make_album
from tests.support.pictures import encoded, noise, picture, place_and_camera
from tests.support.program import Program
from trackers.sandbox.image_host import API_KEY, HostTrouble, SandboxImageHost

SECONDS = 20
"""That no step of a test takes; it ends a test that hangs."""
SHOWN = {"cover_in_description": True}


@pytest.fixture
def covered(tmp_path: Path) -> Path:
    """An album whose cover is large, and tells where it was taken."""
    folder = make_album(tmp_path / "The Testers - First Light", tracks=1, seconds=0.2)
    data = encoded(noise((1600, 1600)), "JPEG", exif=place_and_camera())
    (folder / "cover.jpg").write_bytes(data)
    return folder


@pytest.fixture
def pictures(program: Program) -> Iterator[SandboxImageHost]:
    """An image host that the configuration names, and a dead one before it."""
    host = SandboxImageHost()
    with program.portal.wrap_async_context_manager(host):
        program.settings["image_hosts"] = {
            "dead": {"type": "catbox", "url": "http://127.0.0.1:9/user/api.php", "timeout": "2s"},
            "alive": {"type": "imgbb", "url": f"{host.url}/1/upload", "api_key": API_KEY},
        }
        yield host


def size_of(data: bytes) -> tuple[int, int]:
    assert b"Invented Camera Works" not in data
    return Image.open(io.BytesIO(data)).size


def test_each_site_gets_the_cover_in_its_own_way(
    program: Program, covered: Path, pictures: SandboxImageHost
) -> None:
    as_file = program.add_site("SP", {"cover_field": "torrent-cover"})
    in_json = program.add_site("MH", {"cover_field": "artwork"})
    shown = program.add_site("YUS", SHOWN)
    finished = program.upload(covered)
    assert finished.counts == {"done": 3}
    part = as_file.uploads[0].files["torrent-cover"]
    assert (part.filename, part.content_type, size_of(part.data)) == ("cover.jpg", "image/jpeg", (1200, 1200))
    assert base64.b64decode(in_json.uploads[0].fields["artwork"]) == part.data
    (lying,) = pictures.pictures.values()
    assert lying.data == part.data
    (hosted,) = finished.events("cover_hosted")
    assert (hosted["tracker"], hosted["host"]) == ("YUS", "alive")
    assert shown.uploads[0].fields["description"].startswith(f"[img]{hosted['url']}[/img]\n")
    (ready,) = finished.events("cover_ready")
    assert (ready["source"], ready["versions"]) == ("cover.jpg", 1)
    assert ready["reason"].startswith("front cover, beside the tracks, 1600 x 1600")


def test_two_sites_and_a_second_run_cost_one_upload(
    program: Program, covered: Path, pictures: SandboxImageHost
) -> None:
    for tracker_id in ("SP", "YUS"):
        program.add_site(tracker_id, SHOWN)
    program.upload(covered, "--tracker", "SP")
    finished = program.upload(covered, "--tracker", "YUS")
    assert finished.counts == {"done": 1}
    (hosted,) = finished.events("cover_hosted")
    assert hosted["before"]
    assert pictures.asked == 1


def test_with_every_host_dead_the_album_goes_on_without(
    program: Program, covered: Path, pictures: SandboxImageHost
) -> None:
    pictures.trouble = HostTrouble.ERROR
    site = program.add_site("YUS", SHOWN)
    finished = program("upload", covered, *program.to("YUS"))
    assert finished.code == 0
    assert finished.says("goes without the address of a cover: dead: ", "alive: status 503")
    assert "[img]" not in site.uploads[0].fields["description"]


def test_a_site_that_must_have_it_is_told_why_it_gets_nothing(
    program: Program, covered: Path, pictures: SandboxImageHost
) -> None:
    pictures.trouble = HostTrouble.ERROR
    site = program.add_site("YUS", {**SHOWN, "cover": "required"})
    finished = program.upload(covered)
    verdict = finished.verdict("YUS")
    assert (verdict["event"], verdict["reason"]) == ("upload_skipped", "missing")
    assert "wants a cover: dead: " in verdict["message"]
    assert not site.uploads


def test_a_broken_cover_is_passed_over_by_name(program: Program, covered: Path) -> None:
    (covered / "cover.jpg").write_bytes(b"<!DOCTYPE html><title>404</title>")
    (covered / "folder.jpg").write_bytes(picture())
    site = program.add_site("SP", {"cover_field": "torrent-cover"})
    finished = program("upload", covered, *program.to("SP"), "--verbose")
    assert finished.says("cover folder.jpg, 60 x 60", "passed over: cover.jpg: ", "a page of a web site")
    assert site.uploads[0].files["torrent-cover"].data == picture()


def test_a_dry_run_asks_no_image_host(
    program: Program, covered: Path, pictures: SandboxImageHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.add_site("YUS", SHOWN)

    def refuse(*_: object) -> NoReturn:
        raise AssertionError("a socket was opened")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for command in ("upload", "plan"):
        dry = ("--debug",) if command == "upload" else ("--json",)
        finished = program(command, covered, *program.to("YUS"), *dry)
        assert finished.code == 0
        assert finished.says("[img]<address of the cover>[/img]")
    assert pictures.asked == 0


def test_a_key_that_is_missing_is_told_before_anything_is_sent(
    program: Program, covered: Path, pictures: SandboxImageHost
) -> None:
    site = program.add_site("YUS", SHOWN)
    program.settings["image_hosts"] = {"imgbb": {"api_key": "env:NO_SUCH_NAME_HERE"}}
    finished = program("upload", covered, *program.to("YUS"))
    assert finished.code == 2
    assert finished.says("image_hosts.imgbb.api_key: ", "NO_SUCH_NAME_HERE")
    assert not site.requests


def test_the_sandbox_plays_an_image_host() -> None:
    command = [sys.executable, "-m", "mua_async", "sandbox", "--flavor", "images", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        guard = Timer(SECONDS, process.kill)
        guard.start()
        try:
            assert process.stdout is not None
            line = json.loads(process.stdout.readline())
        finally:
            guard.cancel()
            process.kill()
    assert (line["event"], line["flavor"]) == ("sandbox_started", "images")
    assert line["url"].startswith("http://127.0.0.1:")
