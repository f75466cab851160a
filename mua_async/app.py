"""Wires a run: trackers, clients, displays and signals around the flow."""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence
from contextlib import suppress

import anyio
import click
from attrs import define, frozen

from pipeline.events import EventBus, RunFinished, RunStarted, Subscriber
from pipeline.flow import Flow, Job
from pipeline.hashing.engines import EngineKind
from pipeline.hashing.pool import HashPool
from trackers.connect import connect

from .options import Common
from .output import shown
from .selection import SelectedTracker
from .tally import Tally

EXIT_BY_SIGNAL = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
STOPPING = "stopping: uploads in flight finish and are recorded; once more abandons them"


@define
class Interruption:
    """The first signal that asked the run to stop, if one did."""

    first: signal.Signals | None = None


@frozen
class RunResult:
    """How a run ended."""

    exit_code: int
    troubles: int
    """How many verdicts, albums and torrents there are of which one alone makes the run a problem."""
    interrupted: bool


def run_job(common: Common, job: Job, selected: Sequence[SelectedTracker]) -> int:
    """Runs the job to its end and returns the exit code."""
    return run_once(common, job, selected).exit_code


def run_once(
    common: Common, job: Job, selected: Sequence[SelectedTracker], *listeners: Subscriber
) -> RunResult:
    """Runs the job to its end; the listeners hear its events beside the displays."""
    bus = EventBus()
    ids = tuple(tracker.config.id for tracker in selected)
    dry_run = job.upload.dry_run
    tally = Tally(ids)
    bus.subscribe(tally)
    for listener in listeners:
        bus.subscribe(listener)
    interruption = Interruption()
    engine = common.hash_engine
    with shown(common, bus, ids, dry_run=dry_run):
        started = time.monotonic()
        anyio.run(_run, job, selected, bus, interruption, engine)
        code = EXIT_BY_SIGNAL[interruption.first] if interruption.first else tally.exit_code()
        seconds = time.monotonic() - started
        bus.publish(RunFinished(exit_code=code, counts=tally.counts(), seconds=seconds))
    return RunResult(code, tally.troubles, interruption.first is not None)


async def _run(
    job: Job,
    selected: Sequence[SelectedTracker],
    bus: EventBus,
    interruption: Interruption,
    engine: EngineKind,
) -> None:
    dry_run = job.upload.dry_run
    trackers = [connect(entry.cls, entry.config, bus.publish, dry_run=dry_run) for entry in selected]
    ids = tuple(entry.config.id for entry in selected)
    bus.publish(RunStarted(paths=tuple(job.paths), trackers=ids, dry_run=dry_run))
    flow = Flow(job, trackers, bus.publish, hashing=HashPool(engine))
    bus.subscribe(flow.heed)
    async with anyio.create_task_group() as group:
        group.start_soon(_heed_signals, flow, group.cancel_scope, interruption)
        await flow.run()
        group.cancel_scope.cancel()


async def _heed_signals(flow: Flow, scope: anyio.CancelScope, interruption: Interruption) -> None:
    """The first signal stops starting, so that uploads in flight finish; the second abandons them."""
    # What was ignored before stays so: `nohup`, or a script's background job.
    heeded = [number for number in EXIT_BY_SIGNAL if signal.getsignal(number) is not signal.SIG_IGN]
    with anyio.open_signal_receiver(*heeded) as signals:
        async for number in signals:
            if interruption.first is not None:
                scope.cancel()
                return
            interruption.first = number
            flow.stop()
            with suppress(OSError):  # its reader may be gone: no reason to abandon the uploads
                click.echo(STOPPING, err=True)
