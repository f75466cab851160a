"""`mua-async sandbox` as a process of its own: one rehearses a configuration on it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from tests.support.program import Program

SECONDS = 20
"""That no step of a test takes; it ends a test that hangs."""
RULES = """
name = "Docs"
custom_endpoint = "releases/new"
api_auth_type = "basic"
api_format = "document"
document_field = "release"
torrent_field = "file"
name_field = "title.main"
required = ["title.main", "kind"]
known_ids = { kind = [7] }
username = "me"
password = "a fake password"

[answer]
done = { status = 201, body = '{"stored": {"no": {{ id }}, "at": {{ url | tojson }}}}' }
duplicate = { status = 409, body = '{"there": {{ url | tojson }}}' }
refused = { status = 422, body = '{"why": {{ problems | tojson }}}' }
unauthorized = { status = 401 }
"""
TABLE = """
[trackers.DOCS]
type = "generic"
url = "URL"
announce_url = "URL/announce/0123456789abcdef0123456789abcdef"
api_auth_type = "basic"
username = "me"
password = "a fake password"
custom_endpoint = "releases/new"
api_format = "document"
document_field = "release"
torrent_field = "file"
fields = { title = { main = "{{ name }}" }, kind = "{{ category_id }}" }
category_ids = { "*" = "7" }
format_ids = { "*" = "1" }

[trackers.DOCS.answer]
done = { status = 201, json = "stored.no", exists = true }
duplicate = { status = 409 }
refused = { status = [401, 422] }
id = { json = "stored.no" }
url = { json = "stored.at" }
message = { json = "why" }
"""


@contextmanager
def sandbox(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "mua_async", "sandbox", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        guard = Timer(SECONDS, process.kill)
        guard.start()
        try:
            yield process
        finally:
            guard.cancel()
            process.kill()


def lines_to_the_gap(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return "".join(iter(process.stdout.readline, "\n"))


def upload(
    program: Program, album: Path, table: str, tracker: str, *options: str, data: str = "data"
) -> tuple[int, list[dict[str, Any]]]:
    """The exit code and the lines of an upload with this configuration and data folder."""
    config = program.folder / "rehearsal.toml"
    config.write_text(table)
    config.chmod(0o600)
    arguments = ["upload", str(album), *options, "--tracker", tracker, "--json", "--config", str(config)]
    command = [sys.executable, "-m", "mua_async", *arguments, "--data-dir", str(program.folder / data)]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    return finished.returncode, [json.loads(line) for line in finished.stdout.splitlines()]


def test_the_site_of_pages_shows_a_table_that_works(program: Program, album: Path) -> None:
    with sandbox("--flavor", "session") as process:
        assert "A session site listens on http://127.0.0.1:" in lines_to_the_gap(process)
        code, lines = upload(program, album, lines_to_the_gap(process), "sandbox-session")
    (done,) = [line for line in lines if line["event"] == "upload_done"]
    assert (code, done["torrent_id"]) == (0, "1001")
    assert done["url"].endswith("/torrents/1001")
    assert Path(done["torrent_file"]).exists()


@pytest.mark.parametrize("flavor", ["ops", "red"])
def test_a_gazelle_site_shows_both_ways_in(program: Program, album: Path, flavor: str) -> None:
    tracker = f"sandbox-{flavor}"
    words = '\nrate_limit = "1000/s"\nname_template = "default_name"\n'
    known = ["--media", "WEB", "--set", "release_type=single"]
    with sandbox("--flavor", flavor) as process:
        assert f"A Gazelle site like {flavor.upper()} listens on" in lines_to_the_gap(process)
        table = lines_to_the_gap(process)
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.readline()
        login = "".join(process.stdout.readline() for _ in range(3))
        by_form = "".join(line for line in table.splitlines(True) if not line.startswith("api_")) + login
        by_key, lines = upload(program, album, table + words, tracker, *known)
        again, found = upload(program, album, by_form + words, tracker, *known, data="elsewhere")
    assert (by_key, again) == (0, 0)
    (done,) = [line for line in lines if line["event"] == "upload_done"]
    assert done["url"].endswith("/torrents.php?id=1&torrentid=1001")
    (there,) = [line for line in found if line["event"] == "upload_done"]
    assert (there["existing"], there["torrent_id"]) == (True, "1001")


def test_a_site_of_any_make_can_be_rehearsed_on(program: Program, album: Path) -> None:
    rules = program.folder / "docs.toml"
    rules.write_text(RULES)
    with sandbox("--rules", rules, "--json") as process:
        assert process.stdout is not None
        started = json.loads(process.stdout.readline())
        assert (started["event"], started["flavor"]) == ("sandbox_started", "rules")
        assert (started["username"], started["password"]) == ("me", "a fake password")
        table = TABLE.replace("URL", started["url"])
        wrong = upload(program, album, table.replace('= "7"', '= "8"'), "DOCS")
        stranger = upload(program, album, table.replace("a fake password", "guess"), "DOCS")
        code, lines = upload(program, album, table, "DOCS")
        elsewhere = upload(program, album, table, "DOCS", data="of another machine")
    assert (wrong[0], stranger[0], code, elsewhere[0]) == (1, 1, 0, 1)
    assert "The kind 8 is unknown." in wrong[1][-2]["message"]
    assert lines[-2]["torrent_id"] == "1001"
    assert lines[-2]["url"] == f"{started['url']}/torrents/1001"
    assert elsewhere[1][-2]["reason"] == "duplicate"


def test_the_introduction_tells_what_the_configuration_needs(program: Program) -> None:
    rules = program.folder / "docs.toml"
    rules.write_text(RULES)
    with sandbox("--rules", rules, "--port", "0") as process:
        told = lines_to_the_gap(process)
        assert "A site of the rules `Docs` listens on http://127.0.0.1:" in told
        assert "/releases/new" in told
        assert process.stdout is not None
        account = [process.stdout.readline().partition(" = ")[0] for _ in range(4)]
        assert account == ["url", "announce_url", "username", "password"]


@pytest.mark.parametrize("arguments", [(), ("--flavor", "generic", "--rules", __file__)])
def test_it_plays_one_site(program: Program, arguments: tuple[str, ...]) -> None:
    finished = program("sandbox", *arguments)
    assert finished.code == 2
    assert finished.says("one site at a time", "--rules FILE")


def test_all_that_is_wrong_with_the_rules_is_told_at_once(program: Program) -> None:
    rules = program.folder / "docs.toml"
    rules.write_text(RULES.replace("{{ id }}", "{{ idd }}").replace("custom_endpoint", "custom_endpont"))
    finished = program("sandbox", "--rules", rules)
    assert finished.code == 2
    assert finished.says(
        f"{rules} describes no site",
        "answer.done.body: is no template: line 1: idd is not known",
        "custom_endpont: unknown key: did you mean `custom_endpoint`?",
        "custom_endpoint: is missing",
    )
    assert program("sandbox", "--rules", program.folder / "none.toml").code == 2
    assert program("sandbox", "--rules", program.folder).code == 2
