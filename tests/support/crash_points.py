"""The boundaries between a run's steps: each is written to a trace, and at one of them the process dies.

They are put round the product from outside, in the process that runs it: the product knows nothing of them.
"""

from __future__ import annotations

import inspect
import os
import signal
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial, wraps
from pathlib import Path
from typing import Any

from mua_async.clients import WatchFolder
from pipeline.hand_over import HandOver
from pipeline.journal import sent_log
from trackers.attempt import Attempt
from trackers.client import TrackerSession
from trackers.delivery import Delivery

JOURNAL_THREAD = "mua-async-journal"


class Points:
    """Numbers the boundaries of each name, as in `after a commit #3`, and dies by SIGKILL at `kill_at`."""

    def __init__(self, trace: Path, kill_at: str = "") -> None:
        self._trace = os.open(trace, os.O_WRONLY | os.O_APPEND | os.O_CREAT, mode=0o600)
        self._kill_at = kill_at
        self._passed = Counter[str]()
        self._turn = threading.Lock()

    def tell(self, text: str) -> None:
        """Adds a line to the trace, which a killed process leaves whole."""
        os.write(self._trace, f"{os.getpid()} {text}\n".encode())

    def passed(self, name: str) -> None:
        with self._turn:
            self._passed[name] += 1
            point = f"{name} #{self._passed[name]}"
            self.tell(f"passed {point}")
            if point == self._kill_at:
                os.kill(os.getpid(), signal.SIGKILL)


def install(points: Points) -> None:
    """Puts the boundaries round the steps of this process."""
    _around_commits(points)
    _around(sent_log, "_write_whole", "a line of sent.jsonl", points, instead=partial(_torn, points))
    _around(HandOver, "_save", "saving a torrent", points)
    _around(WatchFolder, "add", "handing over", points)
    _around(os, "replace", "a torrent's file", points)
    _around_creations(points)


def _around(
    owner: Any, name: str, step: str, points: Points, instead: Callable[..., Any] | None = None
) -> None:
    """A boundary before and one after every call; `instead` is given the inner function before all else."""
    inner = getattr(owner, name)
    call = partial(instead, inner) if instead else inner

    async def in_loop(*arguments: Any, **options: Any) -> Any:
        points.passed(f"before {step}")
        result = await call(*arguments, **options)
        points.passed(f"after {step}")
        return result

    def in_thread(*arguments: Any, **options: Any) -> Any:
        points.passed(f"before {step}")
        result = call(*arguments, **options)
        points.passed(f"after {step}")
        return result

    setattr(owner, name, wraps(inner)(in_loop if inspect.iscoroutinefunction(inner) else in_thread))


def _torn(points: Points, write: Callable[[int, bytes], None], descriptor: int, data: bytes) -> None:
    """Writes in two parts, as a disk may that fills up."""
    write(descriptor, data[: len(data) // 2])
    points.passed("within a line of sent.jsonl")
    write(descriptor, data[len(data) // 2 :])


def _around_commits(points: Points) -> None:
    """Of what the journal's own thread writes; what it only reads is no step."""

    class Connection(sqlite3.Connection):
        committed = 0

        def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
            if sql != "COMMIT" or self.total_changes == self.committed or not _is_journal():
                return super().execute(sql, *arguments)
            self.committed = self.total_changes
            points.passed("before a commit")
            cursor = super().execute(sql, *arguments)
            points.passed("after a commit")
            return cursor

    setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Connection))  # noqa: B010 - mypy


def _is_journal() -> bool:
    return threading.current_thread().name == JOURNAL_THREAD


def _around_creations(points: Points) -> None:
    """Tells of each creating request what may have come of it: `begun`, `handed`, `withdrawn`."""
    begin, handed_over, withdraw = Attempt.begin, Attempt.handed_over, Attempt.withdraw
    send, sent = TrackerSession._send, Attempt.sent

    async def telling_begin(attempt: Attempt, size: int) -> None:
        await begin(attempt, size)
        points.tell(f"creation begun {_cell(attempt)}")

    def telling_handed_over(attempt: Attempt) -> None:
        points.tell(f"creation handed {_cell(attempt)}")
        handed_over(attempt)

    async def telling_withdraw(attempt: Attempt) -> None:
        points.tell(f"creation withdrawn {_cell(attempt)}")
        await withdraw(attempt)

    async def watched_send(session: TrackerSession, request: Any, body: Any, delivery: Delivery) -> Any:
        if delivery.attempt is None:
            return await send(session, request, body, delivery)
        points.passed("before a request")
        answer = await send(session, request, body, delivery)
        points.passed("after an answer")
        return answer

    def watched_sent(attempt: Attempt, done: int, size: int) -> None:
        if done == size:
            points.passed("after the last byte")
        sent(attempt, done, size)

    for name, wrapper in (
        ("begin", telling_begin),
        ("handed_over", telling_handed_over),
        ("withdraw", telling_withdraw),
        ("sent", watched_sent),
    ):
        setattr(Attempt, name, wrapper)
    setattr(TrackerSession, "_send", watched_send)  # noqa: B010 - mypy


def _cell(attempt: Attempt) -> str:
    return f"{attempt.cell.tracker} {attempt.cell.content_id}"
