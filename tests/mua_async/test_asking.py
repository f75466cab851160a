"""The questions at the terminal, asked and answered at a real one."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

ASK = """
import json, os
if os.isatty(0):
    os.close(os.open(os.ttyname(0), os.O_RDWR))  # makes it the one whose Ctrl-C this process gets
from pathlib import Path
from rich.console import Console
from mua_async.asking import ask_for_gaps
from pipeline.gap_file import GapEntry
entries = [
    GapEntry("a1-1", Path("/music/A"), ("title", "year"), known={"artist": "The Testers"}),
    GapEntry("a1-2", Path("/music/B"), ("tags",)),
]
answers = ask_for_gaps(entries, Console(stderr=True))
print(json.dumps(answers))
"""
CTRL_C, CTRL_D = b"\x03", b"\x04"


def ask(*answers: bytes) -> tuple[Any, str]:
    """What came of the questions, and what was shown; each answer is typed once it is asked for."""
    controller, terminal = pty.openpty()
    command = [sys.executable, "-c", ASK]
    with subprocess.Popen(
        command,
        stdin=terminal,
        stderr=terminal,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONUTF8": "1"},
        start_new_session=True,
    ) as process:
        os.close(terminal)
        shown = b""
        for answer in answers:
            while not shown.rstrip().endswith(b"):"):
                shown += os.read(controller, 4096)
            shown += b"|"
            os.write(controller, answer)
        assert process.stdout is not None
        out = process.stdout.read()
    shown += _rest(controller)
    assert process.returncode == 0
    return json.loads(out), shown.decode(errors="replace")


def _rest(controller: int) -> bytes:
    parts: Sequence[bytes] = []
    try:
        while part := os.read(controller, 4096):
            parts = [*parts, part]
    except OSError:  # the terminal's other side is gone
        pass
    finally:
        os.close(controller)
    return b"".join(parts)


def test_each_gap_is_asked_for_and_read() -> None:
    answers, shown = ask(b"First Light\n", b"2001\n", b"ambient, drone\n")
    assert answers == {
        "a1-1": {"title": "First Light", "year": 2001},
        "a1-2": {"genres": ["ambient", "drone"]},
    }
    assert "The Testers: /music/A" in shown
    assert "title (no release is named without it" in shown
    assert "year (a site wants to know it" in shown


def test_a_wrong_answer_is_asked_for_again_and_an_empty_one_left_out() -> None:
    answers, shown = ask(b"\n", b"next year\n", b"2001\n", b"\n")
    assert answers == {"a1-1": {"year": 2001}}
    assert "must be a year such as 2011" in shown


def test_an_end_keeps_what_was_answered_and_an_interruption_keeps_nothing() -> None:
    for end, kept in ((CTRL_D, {"a1-1": {"title": "First Light"}}), (CTRL_C, {})):
        answers, shown = ask(b"First Light\n", end)
        assert answers == kept
        assert "Sites want to know more of 2 albums" in shown


def test_what_is_no_text_of_the_terminal_is_asked_for_again() -> None:
    answers, shown = ask(b"caf\xe9\n", b"First Light\n", CTRL_D)
    assert answers == {"a1-1": {"title": "First Light"}}
    assert "not in the terminal's encoding" in shown
