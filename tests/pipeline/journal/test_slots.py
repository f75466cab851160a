"""No window of an account's limit is exceeded, whatever the clock does and however many processes count."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import JournalError
from pipeline.journal.slots import SLOTS_TABLE, Slots, take_slot

DAY = 86400.0
NOON = 1_800_000_000.0
CLOSE = 1e-5
"""Seconds: Unix time as a float is not exact."""
WINDOWS = st.lists(
    st.tuples(st.integers(1, 5), st.sampled_from([0.5, 1.0, 10.0, 60.0, DAY])), min_size=1, max_size=3
)
PAUSES = st.sampled_from([0.0, 0.001, 0.3, 1.0, 7.0, 60.0, DAY])


def table() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.executescript(SLOTS_TABLE)
    return db


def within(starts: Sequence[float], windows: Sequence[tuple[int, float]]) -> bool:
    return all(
        beyond - first >= width - CLOSE
        for limit, width in windows
        for first, beyond in zip(starts, starts[limit:], strict=False)
    )


def wait_of(starts: Sequence[float], windows: Sequence[tuple[int, float]], now: float) -> float:
    """The model: every start that ever was, looked at anew."""
    full = [starts[-limit] + width - now for limit, width in windows if len(starts) >= limit]
    return max(0.0, *full) if full else 0.0


@given(WINDOWS, st.lists(st.tuples(st.sampled_from(["a", "b"]), PAUSES), max_size=40))
def test_a_slot_is_given_when_every_window_has_room_and_not_before(
    windows: list[tuple[int, float]], steps: list[tuple[str, float]]
) -> None:
    db, now = table(), NOON
    starts: dict[str, list[float]] = {"a": [], "b": []}
    for account, jump in steps:
        now += jump
        wait = take_slot(db, account, windows, now)
        assert wait == pytest.approx(wait_of(starts[account], windows, now), abs=CLOSE)
        if wait == 0:
            starts[account].append(now)
    assert within(starts["a"], windows)
    assert within(starts["b"], windows)


@given(WINDOWS, st.lists(st.tuples(PAUSES, PAUSES), max_size=40))
def test_a_clock_that_is_set_back_neither_exceeds_a_window_nor_blocks_for_longer_than_it(
    windows: list[tuple[int, float]], steps: list[tuple[float, float]]
) -> None:
    db, real, clock = table(), NOON, NOON
    starts: list[float] = []
    for pause, back in steps:
        real, clock = real + pause, clock + pause - back
        while (wait := take_slot(db, "a", windows, clock)) > 0:
            assert wait <= max(width for _, width in windows) + CLOSE
            real, clock = real + wait, clock + wait
        starts.append(real)
    assert within(starts, windows)


def test_without_a_window_nothing_waits_and_nothing_is_forgotten() -> None:
    db = table()
    assert take_slot(db, "a", [(1, DAY)], NOON) == 0
    assert take_slot(db, "a", [], NOON + 1) == 0
    assert take_slot(db, "a", [(1, DAY)], NOON + 2) == DAY - 2


def test_a_slot_costs_the_same_however_many_requests_were_made() -> None:
    def steps_with(rows: int) -> int:
        db, steps = table(), count()
        db.executemany("INSERT INTO slots VALUES ('a', ?)", ((NOON + row / rows,) for row in range(rows)))
        db.set_progress_handler(lambda: next(steps) and None, 1)
        assert take_slot(db, "a", [(200, DAY), (10_000, 1.0)], NOON + 2) > 0
        return next(steps)

    assert steps_with(50_000) < steps_with(10_001) + 100


async def test_a_later_run_and_another_account_are_told_apart(tmp_path: Path) -> None:
    path, clock = tmp_path / "slots.db", iter([NOON, NOON, NOON + 60])
    windows = [(1, DAY)]
    async with Slots(path, clock.__next__) as slots:
        assert await slots.take("here", windows) == 0
        assert await slots.take("there", windows) == 0
    async with Slots(path, clock.__next__) as slots:
        assert await slots.take("here", windows) == DAY - 60


RUN = """
import sys, json, time
from pathlib import Path
import anyio
from pipeline.journal.slots import Slots

async def main():
    starts, read = [], []
    def clock():
        read.append(time.time())
        return read[-1]
    input()
    async with Slots(Path(sys.argv[1]), clock) as slots:
        while len(starts) < 30:
            wait = await slots.take("a", json.loads(sys.argv[2]))
            if wait:
                await anyio.sleep(wait)
            else:
                starts.append(read[-1])
    print(json.dumps(starts))

anyio.run(main)
"""


def test_two_processes_share_one_limit(tmp_path: Path) -> None:
    windows = [(3, 0.02), (20, 0.15)]
    arguments = [sys.executable, "-c", RUN, str(tmp_path / "slots.db"), json.dumps(windows)]
    processes = [
        subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    starts = [json.loads(process.communicate(timeout=60)[0]) for process in processes]
    assert all(len(own) == 30 for own in starts)
    assert within(sorted([*starts[0], *starts[1]]), windows)


def foreign(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)


def misshapen(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE slots (account TEXT, at REAL, more TEXT)")
    db.close()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [(foreign, "is damaged"), (Path.mkdir, "cannot be opened"), (misshapen, "cannot be used")],
)
async def test_a_file_that_cannot_be_used_is_named(
    tmp_path: Path, spoil: Callable[[Path], None], words: str
) -> None:
    path = tmp_path / "slots.db"
    spoil(path)
    with pytest.raises(JournalError, match=words) as caught:
        async with Slots(path) as slots:
            await slots.take("a", [(1, 1.0)])
    assert str(path) in caught.value.message
    assert caught.value.hint


async def test_an_error_in_the_middle_leaves_the_file_to_the_others(tmp_path: Path) -> None:
    path = tmp_path / "slots.db"

    def broken() -> float:
        raise OSError("the clock is gone")

    async with Slots(path, broken) as slots, Slots(path, lambda: NOON) as other:
        with pytest.raises(OSError, match="the clock is gone"):
            await slots.take("a", [(1, 1.0)])
        assert await other.take("a", [(1, 1.0)]) == 0
