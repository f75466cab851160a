"""Runs mua-async in processes that are to be killed, each forked from this one: nothing is imported twice.

One JSON object a line comes in at stdin: `arguments`, `kill_at` (a boundary), `kill_after` (seconds or null),
and the files `trace` and `output`. The exit code of that run goes out, below zero where a signal ended it.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from mua_async import guard
from tests.support.crash_points import Points, install
from trackers.client import RetryPolicy

IMPORTED = (
    *("mua_async.cli", "mua_async.commands.upload", "mua_async.commands.resume"),
    "mua_async.commands.status",
    *("trackers.unit3d_tracker", "trackers.template_tracker", "trackers.generic_tracker"),
    *("pipeline.integrity.verify", "pipeline.disc_tags", "miniaudio", "anyio._backends._asyncio"),
    *("pipeline.hashing.multibuffer", "mua_async.config.manager"),
)
LONGEST = 60.0
"""Seconds that no run takes."""
TIMED_OUT = 124
QUICK = RetryPolicy(first_wait=0.02, longest_wait=0.05, jitter=0.02)


def main() -> None:
    for name in IMPORTED:
        import_module(name)
    connect: Any = import_module("mua_async.app").connect
    connect.__kwdefaults__["retries"] = QUICK
    for line in sys.stdin:
        ride = json.loads(line)
        ended, held = os.pipe()  # ends when the child dies, which alone has the other end
        child = os.fork()
        if not child:
            _run(ride)
            return
        os.close(held)
        print(_end(child, ended, ride["kill_after"]), flush=True)
        os.close(ended)


def _run(ride: dict[str, Any]) -> None:
    """As the program's own start, but for the boundaries."""
    output = os.open(ride["output"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, mode=0o600)
    for descriptor, target in ((os.open(os.devnull, os.O_RDONLY), 0), (output, 1), (output, 2)):
        os.dup2(descriptor, target)
    install(Points(Path(ride["trace"]), ride["kill_at"]))
    sys.argv = ["mua-async", *ride["arguments"]]
    guard.main()


def _end(child: int, ended: int, kill_after: float | None) -> int:
    """Its exit code, or TIMED_OUT for one that hangs; its number is its own until it is waited for."""
    seconds = LONGEST if kill_after is None else kill_after
    if select.select([ended], [], [], seconds)[0]:
        return _exit_code(child)
    os.kill(child, signal.SIGKILL)
    code = _exit_code(child)
    return TIMED_OUT if kill_after is None else code


def _exit_code(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    main()
