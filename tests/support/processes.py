"""The program as a process of its own: started, watched line by line, sent signals."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import IO, Any

from tests.support.program import Line, Program

SECONDS = 20
"""That no step of a test takes; it ends a test that hangs."""


@contextmanager
def running(
    program: Program, *arguments: str | Path, shell: str = 'exec "$@"', **options: Any
) -> Iterator[subprocess.Popen[str]]:
    """A command under way, started by these words of a shell; its output is to be read."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    command = in_shell(shell, program.command(*arguments))
    process = subprocess.Popen(command, text=True, **pipes)
    guard = Timer(SECONDS, process.kill)  # a test that waits for a line ends with the process
    guard.start()
    try:
        yield process
    finally:
        guard.cancel()
        process.kill()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
        process.wait(SECONDS)


def in_shell(words: str, command: list[str]) -> list[str]:
    return ["sh", "-c", words, "sh", *command]


def wait_for(stream: IO[str] | None, event: str, **values: object) -> Line:
    """Reads lines until one is this event with these values."""
    assert stream is not None
    for text in stream:
        line: Line = json.loads(text)
        if line["event"] == event and all(line[key] == value for key, value in values.items()):
            return line
    raise AssertionError(f"the program ended without {event}")


def wait_until_stopping(process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    assert process.stderr.readline().startswith("stopping: uploads in flight finish")
