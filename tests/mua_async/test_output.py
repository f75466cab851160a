"""How a run is shown at its end, and what becomes of its exit code where stdout takes nothing."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import click
import pytest
from anyio.from_thread import start_blocking_portal

from mua_async.options import Common
from mua_async.output import shown
from pipeline.events import EventBus, RunFinished
from tests.support.audio import make_album
from tests.support.program import Program
from trackers.sandbox import Fault


def end_run(code: int, *, json: bool = False, quiet: bool = False, dry_run: bool = False) -> None:
    common = Common({}, json=json, quiet=quiet, verbose=False)
    bus = EventBus()
    with shown(common, bus, ("MH",), dry_run=dry_run):
        bus.publish(RunFinished(exit_code=code, counts={}, seconds=1.0))


@contextmanager
def full_disk() -> Iterator[None]:
    """Behind stdout, and behind stderr too."""
    with (
        open("/dev/full", "w") as out,
        open("/dev/full", "w") as err,
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        yield


def test_quiet_says_nothing_of_a_clean_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    end_run(0, quiet=True)
    assert capsys.readouterr() == ("", "")
    end_run(1, quiet=True)
    assert "0 albums" in capsys.readouterr().out
    end_run(0)
    assert "0 albums" in capsys.readouterr().out


@pytest.mark.parametrize("code", [0, 3])
@pytest.mark.parametrize("dry_run", [False, True])
def test_a_full_disk_does_not_touch_the_exit_code(tmp_path: Path, code: int, dry_run: bool) -> None:
    with full_disk():
        end_run(code, dry_run=dry_run)


def test_a_script_that_got_nothing_is_told(tmp_path: Path) -> None:
    with full_disk():
        end_run(3, json=True)
    with full_disk(), pytest.raises(click.exceptions.Exit) as caught:
        end_run(0, json=True)
    assert caught.value.exit_code == 1


@pytest.mark.parametrize("options", [(), ("--json",), ("--quiet",)], ids=" ".join)
def test_an_unknown_outcome_is_told_by_the_exit_code_at_least(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    album = make_album(tmp_path / "First Light", tracks=1, seconds=0.1)
    with start_blocking_portal() as portal, Program(tmp_path, portal, capsys) as program:
        program.add_site("SP").fault = Fault.ERROR_AFTER
        command = program.command("upload", album, *program.to("SP"), *options)
        with open("/dev/full", "w") as full:
            finished = subprocess.run(command, stdout=full, timeout=20)
    assert finished.returncode == 3
