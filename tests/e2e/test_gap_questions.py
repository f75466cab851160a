"""What no file says, asked for at a real terminal when the run has run dry, and sent then."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from attrs import frozen
from mutagen.flac import FLAC

from tests.support.audio import make_album
from tests.support.program import Program
from trackers.sandbox import Fault, SandboxSite

SECONDS = 30
"""That no run takes; it ends a test that hangs."""
CTRL_C, CTRL_D = b"\x03", b"\x04"
ARTIST, YEAR = rb"artist \(.*\): $", rb"year \(.*\): $"

Typing = Sequence[tuple[bytes, bytes]]
"""Patterns, and what is typed when one of them is shown."""


@frozen
class Ended:
    code: int
    shown: str


def at_terminal(program: Program, *arguments: str | Path, typing: Typing = ()) -> Ended:
    """`upload` to its end with somebody at the terminal, whose Ctrl-C it gets."""
    ours, theirs = pty.openpty()
    command = [
        # The first terminal that the leader of a session opens is its own.
        *("sh", "-c", 'exec "$@" < "$TERMINAL"', "sh"),
        *program.command("upload", *arguments),
    ]
    environment = {**os.environ, "TERM": "xterm-256color", "TERMINAL": os.ttyname(theirs)}
    process = subprocess.Popen(command, stdout=theirs, stderr=theirs, env=environment, start_new_session=True)
    guard = Timer(SECONDS, process.kill)
    guard.start()
    try:
        os.close(theirs)
        parts = []
        for pattern, answer in typing:
            parts.append(_read_until(ours, pattern))
            os.write(ours, answer)
        parts.append(_read_until(ours, None))
        code = process.wait(SECONDS)
    finally:
        guard.cancel()
        process.kill()
        process.wait(SECONDS)
        os.close(ours)
    shown = b"".join(parts).decode()
    program.shown.append(shown)
    return Ended(code, shown)


def _read_until(terminal: int, pattern: bytes | None) -> bytes:
    """Up to where the pattern is found, or to the end of the program."""
    shown = b""
    while pattern is None or not re.search(pattern, shown, re.DOTALL):
        try:
            chunk = os.read(terminal, 4096)
        except OSError:  # so Linux tells that the program has ended
            chunk = b""
        if not chunk:
            assert pattern is None, shown.decode()
            return shown
        shown += chunk
    return shown


def without(album: Path, *tags: str) -> Path:
    """The album, its tracks without these tags."""
    for path in album.rglob("*.flac"):
        track = FLAC(path)
        for tag in tags:
            track.pop(tag, None)
        track.save()
    return album


def add_demanding(
    program: Program, tracker_id: str = "OWN", required: str = "year", **settings: Any
) -> SandboxSite:
    """A site whose adapter, a module of the user's, wants to know a field."""
    folder = program.folder / "trackers"
    folder.mkdir(exist_ok=True)
    (folder / f"{tracker_id.lower()}_tracker.py").write_text(
        "from pipeline.model.rules import SiteRules\n"
        "from trackers.generic_tracker import GenericTracker\n"
        f"class {tracker_id.title()}Tracker(GenericTracker):\n"
        f'    rules = SiteRules(required=frozenset({{"{required}"}}))\n'
    )
    return program.add_site(tracker_id, **settings)


@pytest.fixture
def undated(tmp_path: Path) -> Path:
    """An album without a year."""
    return without(make_album(tmp_path / "Undated", tracks=1, seconds=0.1), "date")


@pytest.fixture
def unnamed(tmp_path: Path) -> Path:
    """An album without an artist."""
    return without(make_album(tmp_path / "Unnamed", tracks=1, seconds=0.1), "artist", "albumartist")


def test_what_one_tracker_wants_is_asked_for_and_sent_there_alone(program: Program, undated: Path) -> None:
    own, other = add_demanding(program), program.add_site("SP")
    ended = at_terminal(program, undated, *program.to("OWN", "SP"), typing=[(YEAR, b"1999\n")])
    assert ended.code == 0
    assert [len(site.uploads) for site in (own, other)] == [1, 1]
    assert len([request for request in other.requests if request.method == "POST"]) == 1
    first, second = ended.shown.split("Sites want to know more of 1 album.")
    assert "1 uploaded, 1 skipped" in first
    assert "1 uploaded" in second
    assert "SP" not in second
    assert "1999" in own.uploads[0].name


def test_an_artist_that_no_tag_tells_is_asked_for_once_for_all_trackers(
    program: Program, unnamed: Path
) -> None:
    sites = [program.add_site(tracker_id) for tracker_id in ("MH", "SP")]
    ended = at_terminal(program, unnamed, *program.to("MH", "SP"), typing=[(ARTIST, b"The Found\n")])
    assert ended.code == 0
    names = [[upload.name.replace(".", " ")[:9] for upload in site.uploads] for site in sites]
    assert names == [["The Found"], ["The Found"]]
    assert ended.shown.count("artist (") == 1


@pytest.mark.parametrize("end", [b"\n", CTRL_C, CTRL_D], ids=["empty", "Ctrl-C", "Ctrl-D"])
def test_without_an_answer_the_first_run_stands(program: Program, undated: Path, end: bytes) -> None:
    own, other = add_demanding(program), program.add_site("SP")
    ended = at_terminal(program, undated, *program.to("OWN", "SP"), typing=[(YEAR, end)])
    assert ended.code == 1
    assert [len(site.uploads) for site in (own, other)] == [0, 1]
    assert "Traceback" not in ended.shown


def test_a_library_is_asked_about_when_all_else_is_sent(program: Program, tmp_path: Path) -> None:
    """Only what was answered is sent again, each album to those that refused it."""
    own, other = add_demanding(program), program.add_site("SP")
    library = tmp_path / "library"
    for title in ("A", "B", "C"):
        make_album(library / title, title=f"Title {title}", tracks=1, seconds=0.1)
    without(library / "A", "artist", "albumartist", "date")
    without(library / "C", "date")
    typing = [(ARTIST, b"The Found\n"), (YEAR, b"1999\n"), (YEAR, b"\n")]
    ended = at_terminal(program, library, "--yes", *program.to("OWN", "SP"), typing=typing)
    assert ended.code == 1  # C stays without a year
    assert sorted(upload.name.count("Title A") for upload in own.uploads) == [0, 1]
    assert len(other.uploads) == 3
    assert len([request for request in other.requests if request.path.endswith("upload")]) == 3
    assert "Sites want to know more of 2 albums." in ended.shown


def test_one_album_stays_one_album(program: Program, tmp_path: Path) -> None:
    own = add_demanding(program)
    folder = make_album(tmp_path / "One", tracks=1, seconds=0.1)
    make_album(folder / "More", tracks=1, seconds=0.1, seed=5)
    without(folder, "date")
    ended = at_terminal(program, folder, "--one-album", *program.to("OWN"), typing=[(YEAR, b"1999\n")])
    assert ended.code == 0
    (upload,) = own.uploads
    assert len(upload.registered.files) == 2


def test_an_unknown_of_the_first_run_is_not_forgotten(program: Program, undated: Path) -> None:
    own = add_demanding(program)
    program.add_site("SP").fault = Fault.ERROR_AFTER
    ended = at_terminal(program, undated, *program.to("OWN", "SP"), typing=[(YEAR, b"1999\n")])
    assert (ended.code, len(own.uploads)) == (3, 1)


def test_what_the_second_run_does_not_send_counts(program: Program, undated: Path) -> None:
    own = add_demanding(program)
    program.tables["OWN"]["format_ids"] = {"MP3": "1"}
    ended = at_terminal(program, undated, *program.to("OWN"), typing=[(YEAR, b"1999\n")])
    assert (ended.code, len(own.uploads)) == (1, 0)


@pytest.mark.parametrize("options", [("--json",), ("--quiet",), ("--debug",)], ids=" ".join)
def test_scripts_and_dry_runs_are_asked_nothing(
    program: Program, undated: Path, options: tuple[str, ...]
) -> None:
    add_demanding(program)
    ended = at_terminal(program, undated, *program.to("OWN"), *options)
    assert ended.code == 1
    assert "Sites want to know" not in ended.shown


def test_without_a_terminal_the_files_of_gaps_are_told_instead(program: Program, undated: Path) -> None:
    add_demanding(program)
    command = program.command("upload", undated, *program.to("OWN"))
    finished = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS
    )
    assert (finished.returncode, finished.stderr) == (1, "")
    assert "the site wants to know the year" in finished.stdout
    assert "1 album with gaps: `plan --gaps FILE` lists what is missing" in finished.stdout


def test_an_interrupted_run_asks_nothing(program: Program, undated: Path) -> None:
    add_demanding(program)
    site = program.add_site("SP", latency=0.4)
    ended = at_terminal(
        program, undated, "-v", *program.to("OWN", "SP"), typing=[(b"-> SP: sending", CTRL_C)]
    )
    assert ended.code == 130
    assert len(site.uploads) == 1
    assert "Sites want to know" not in ended.shown


def test_an_interruption_of_the_second_run_ends_it_all(program: Program, tmp_path: Path) -> None:
    """Each of two albums is closed to another set of sites, so that each would have a run of its own."""
    first, second = add_demanding(program, latency=0.4), add_demanding(program, "ALSO", "genres")
    tags = {"genre": "Ambient"}
    without(make_album(tmp_path / "A", title="A", tracks=1, seconds=0.1, tags=tags), "date")
    make_album(tmp_path / "B", title="B", tracks=1, seconds=0.1)
    typing = [(YEAR, b"1999\n"), (rb"tags \(.*\): $", b"ambient\n"), (b"-> OWN: sending", CTRL_C)]
    to_both = program.to("OWN", "ALSO")
    ended = at_terminal(program, tmp_path / "A", tmp_path / "B", "-v", *to_both, typing=typing)
    assert ended.code == 130
    assert len(first.uploads) == 2
    assert [upload.name.count("B") for upload in second.uploads] == [0]
