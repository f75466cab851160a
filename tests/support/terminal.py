"""The program at a real terminal, where somebody answers what it asks."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Timer

from attrs import frozen

RUN = """
import os, sys
os.close(os.open(os.ttyname(0), os.O_RDWR))  # makes it the one that hidden questions are asked at
from mua_async.cli import run
sys.exit(run(sys.argv[1:]))
"""
SECONDS = 10
"""That no conversation takes; it ends a test that hangs."""


@frozen
class Conversation:
    code: int
    out: str
    shown: str
    """All that the terminal showed: questions, and what was typed unless it was hidden."""

    def says(self, *texts: str) -> bool:
        return all(text in self.out + self.shown for text in texts)


def converse(
    arguments: Sequence[str | Path], answers: Sequence[tuple[str, str]], environ: Mapping[str, str] = {}
) -> Conversation:
    """Runs a command; each answer is typed once its question, told by some words of it, has been shown."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, *map(str, arguments)],
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=terminal,
        start_new_session=True,
        env={**os.environ, "COLUMNS": "200", **environ},
    )
    os.close(terminal)
    guard = Timer(SECONDS, process.kill)
    guard.start()
    shown, seen = b"", 0
    try:
        for question, answer in answers:
            while (found := shown.find(question.encode(), seen)) < 0 or not shown.rstrip().endswith(b":"):
                part = _read(controller)
                assert part, f"it ended before it asked {question!r}: {shown.decode()}"
                shown += part
            seen = found + len(question)
            os.write(controller, f"{answer}\n".encode())
            shown += b"\n"
        assert process.stdout is not None
        out = process.stdout.read().decode()
        while part := _read(controller):
            shown += part
    finally:
        guard.cancel()
        process.kill()
        process.wait()
        os.close(controller)
        if process.stdout is not None:
            process.stdout.close()
    return Conversation(process.returncode, out, shown.decode().replace("\r\n", "\n"))


def _read(controller: int) -> bytes:
    """What the terminal shows next; empty once the other side is gone."""
    try:
        return os.read(controller, 4096)
    except OSError:
        return b""
