"""Chooses how a run is shown, and shows it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress

import click

from pipeline.events import Event, EventBus, RunFinished

from .display.jsonl import JsonLines
from .display.plain import PlainLog
from .display.summary import Summary
from .options import Common
from .tally import EXIT_PROBLEM


class Ending:
    """The exit code that the run came to; None until then."""

    code: int | None = None

    def __call__(self, event: Event) -> None:
        if isinstance(event, RunFinished):
            self.code = event.exit_code


def json_line(event: str, **fields: object) -> None:
    """Prints one line of `--json` for a command that is no run."""
    click.echo(json.dumps({"event": event, "at": time.time(), **fields}))


@contextmanager
def shown(common: Common, bus: EventBus, trackers: Sequence[str], *, dry_run: bool = False) -> Iterator[None]:
    """Subscribes the displays that the options and the terminal ask for; ends with the summary.

    What stdout does not take leaves the run and its exit code alone. Only a script that reads `--json`,
    and did not get all of a clean run, is told by exit code 1.
    """
    ending = Ending()
    bus.subscribe(ending)
    if common.json:
        lines = JsonLines(sys.stdout)
        bus.subscribe(lines)
        yield
        _tell_failures(bus)
        _refuse_lost_lines(lines, ending.code)
        return
    with ExitStack() as stack:
        stack.enter_context(_dry_run(common, bus) if dry_run else _run(common, bus, trackers, ending))
        yield
    _tell_failures(bus)


def _refuse_lost_lines(lines: JsonLines, code: int | None) -> None:
    """Ends the command with 1 where a clean run could not be told."""
    if lines.failed and not code:
        raise click.exceptions.Exit(EXIT_PROBLEM)


def _tell_failures(bus: EventBus) -> None:
    with suppress(OSError):
        for failure in bus.failures:
            click.echo(f"warning: a display failed ({type(failure).__name__}: {failure})", err=True)


@contextmanager
def _dry_run(common: Common, bus: EventBus) -> Iterator[None]:
    from .display.dry_run import DryRunPrinter

    printer = DryRunPrinter(sys.stdout)
    if not common.quiet:
        bus.subscribe(PlainLog(sys.stderr, verbose=common.verbose))
    bus.subscribe(printer)
    yield
    printer.finish()


@contextmanager
def _run(common: Common, bus: EventBus, trackers: Sequence[str], ending: Ending) -> Iterator[None]:
    """A board on a terminal, else a log; then the summary, which `--quiet` leaves out of a clean run."""
    summary = Summary()
    bus.subscribe(summary)
    if not sys.stdout.isatty():
        if not common.quiet:
            bus.subscribe(PlainLog(sys.stdout, verbose=common.verbose))
        yield
        if ending.code or not common.quiet:
            summary.write(sys.stdout)
        return
    from rich.console import Console

    from .display.live import LiveBoard

    console = Console()
    with ExitStack() as stack:
        if not common.quiet:
            board = stack.enter_context(LiveBoard(console, trackers, verbose=common.verbose))
            bus.subscribe(board)
        yield
    if ending.code or not common.quiet:
        with suppress(OSError):  # the terminal may have gone
            summary.print_to(console)
