"""Chooses how a run is shown, and shows it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import click

from pipeline.events import EventBus

from .display.jsonl import JsonLines
from .display.plain import PlainLog
from .display.summary import Summary
from .options import Common


def json_line(event: str, **fields: object) -> None:
    """Prints one line of `--json` for a command that is no run."""
    click.echo(json.dumps({"event": event, "at": time.time(), **fields}))


@contextmanager
def shown(common: Common, bus: EventBus, trackers: Sequence[str], *, dry_run: bool = False) -> Iterator[None]:
    """Subscribes the displays that the options and the terminal ask for; ends with the summary."""
    with ExitStack() as stack:
        if common.json:
            bus.subscribe(JsonLines(sys.stdout))
        elif dry_run:
            stack.enter_context(_dry_run(common, bus))
        else:
            stack.enter_context(_run(common, bus, trackers))
        yield
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
def _run(common: Common, bus: EventBus, trackers: Sequence[str]) -> Iterator[None]:
    summary = Summary()
    bus.subscribe(summary)
    if not sys.stdout.isatty():
        if not common.quiet:
            bus.subscribe(PlainLog(sys.stdout, verbose=common.verbose))
        yield
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
    summary.print_to(console)
