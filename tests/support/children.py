"""Python programs in processes of their own, to be killed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

ROOT = Path(__file__).parent.parent.parent
SECONDS = 30
"""That no child takes; it ends a test that hangs."""


class Child:
    """A process that is told and tells by lines."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def read(self) -> str:
        """Its next line; empty once it has ended."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().rstrip("\n")

    def tell(self, line: str = "") -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        """By SIGKILL; it is dead when this returns."""
        self._process.kill()
        self._process.wait()

    def end(self) -> str:
        """Waits for it to end well; what it wrote that was not read."""
        assert self._process.stdout is not None
        rest = self._process.stdout.read()
        assert self._process.wait() == 0
        return rest


@contextmanager
def running(script: str, *arguments: object) -> Iterator[Child]:
    """Runs Python source; the arguments are its `sys.argv[1:]`."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, errors="surrogateescape"
    )
    guard = Timer(SECONDS, process.kill)
    guard.start()
    with process:
        try:
            yield Child(process)
        finally:
            guard.cancel()
            process.kill()
