"""The program, its sites and the user's library."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from tests.support.audio import make_album
from tests.support.program import Program, untouched

NOBODY = 65534


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """The loop, in a thread of its own, that the sites live in."""
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture
def program(
    tmp_path: Path,
    portal: BlockingPortal,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Program]:
    """At its end no secret was shown by any command of the test."""
    for name in ("MUA_ASYNC_CONFIG", "MUA_ASYNC_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    with Program(tmp_path, portal, capsys) as program:
        yield program
    shown = "\n".join(program.shown)
    assert not [secret for secret in program.secrets() if secret in shown]


@pytest.fixture
def album(tmp_path: Path) -> Iterator[Path]:
    """`First Light` by The Testers; it is read-only, and untouched when the test is over."""
    folder = make_album(tmp_path / "The Testers - First Light", seconds=0.3, tags={"genre": "Ambient"})
    with untouched(folder):
        yield folder


@pytest.fixture
def as_ordinary_user(program: Program) -> Iterator[Program]:
    """The program with one site, run in a folder of a user whom permission bits bind; root's they do not."""
    # What a run imports late is imported first: Python's own files may be out of that user's reach.
    program.add_site("SP")
    program.upload(make_album(program.folder / "A", tracks=1, seconds=0.1))
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        program.folder = Path(name)
        root = os.geteuid() == 0
        if root:
            os.chown(name, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        try:
            yield program
        finally:
            if root:
                os.seteuid(0)
