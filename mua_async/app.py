"""Wires a run: trackers, clients, displays and signals around the flow."""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import anyio
import click
from attrs import define, field, frozen

from pipeline.errors import JournalError
from pipeline.events import EventBus, RunFinished, RunStarted, Subscriber
from pipeline.flow import Flow, Job
from pipeline.hashing.pool import HashPool
from pipeline.journal import JOURNAL, Journal
from pipeline.journal.slots import Slots
from trackers.connect import connect
from trackers.image_hosts.hosting import ImageHosts, Rehearsal
from trackers.image_hosts.settings import ImageHostConfig
from trackers.limiter import Limiter, SharedWindow
from trackers.tracker_config import Rate

from .display.text import sentence
from .options import Common
from .output import shown
from .selection import SelectedTracker
from .tally import EXIT_OK, EXIT_PROBLEM, Tally

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


@frozen
class RunOrder:
    """What is to be run, and what is to be remembered of it."""

    job: Job
    trackers: Sequence[SelectedTracker]
    data: Path
    """The folder of the journal."""
    text: str = ""
    """The run in the words of whoever asked for it: `resume` goes on with it as long as something is open."""
    image_hosts: Sequence[ImageHostConfig] = ()


def run_once(common: Common, order: RunOrder, *listeners: Subscriber) -> RunResult:
    """Runs the job to its end; the listeners hear its events beside the displays."""
    job, selected = order.job, order.trackers
    bus = EventBus()
    ids = (*(tracker.config.id for tracker in selected), *job.unusable)
    dry_run = job.upload.dry_run
    tally = Tally(ids)
    bus.subscribe(tally)
    for listener in listeners:
        bus.subscribe(listener)
    interruption = Interruption()
    engine = common.hash_engine
    with shown(common, bus, ids, dry_run=dry_run):
        started = time.monotonic()
        run = Run(order, bus, interruption, tally, HashPool(engine))
        anyio.run(run.to_its_end)
        code = tally.exit_code() or (EXIT_PROBLEM if run.failure else EXIT_OK)
        code = EXIT_BY_SIGNAL[interruption.first] if interruption.first else code
        seconds = time.monotonic() - started
        bus.publish(RunFinished(exit_code=code, counts=tally.counts(), seconds=seconds))
    if run.failure:
        with suppress(OSError):  # stderr may be as full as the journal's disk
            click.echo(f"error: {sentence(run.failure.message, run.failure.hint)}", err=True)
    return RunResult(code, tally.troubles, interruption.first is not None)


@define
class Run:
    """One run of an order, with the journal open or, if dry, with none."""

    order: RunOrder
    bus: EventBus
    interruption: Interruption
    tally: Tally
    hashing: HashPool
    failure: JournalError | None = field(default=None, init=False)
    """Why something that happened could not be written down."""

    async def to_its_end(self) -> None:
        """JournalError where the journal cannot be opened: nothing was sent then."""
        if self.order.job.upload.dry_run:
            rehearsal = Rehearsal() if self.order.image_hosts else None
            trackers = [
                connect(entry.cls, entry.config, self.bus.publish, dry_run=True, hosting=rehearsal)
                for entry in self.order.trackers
            ]
            self._tell_start()
            await self._run_flow(Flow(self.order.job, trackers, self.bus.publish, hashing=self.hashing))
            return
        journal = Journal(self.order.data)
        try:
            async with journal, Slots(self.order.data / JOURNAL) as slots:
                await self._run_recorded(journal, slots)
                self.failure = journal.failure
        except JournalError as error:
            if not journal.was_open:
                raise
            self.failure = error

    async def _run_recorded(self, journal: Journal, slots: Slots) -> None:
        order, publish = self.order, self.bus.publish
        self.bus.subscribe(journal.heed)

        def shared_limit(account: str, rates: Sequence[Rate]) -> Limiter:
            return SharedWindow(rates, lambda windows: slots.take(account, windows))

        async with ImageHosts(order.image_hosts, journal) as hosts:
            hosting = hosts if order.image_hosts else None
            trackers = [
                connect(entry.cls, entry.config, publish, limiter_for=shared_limit, hosting=hosting)
                for entry in order.trackers
            ]
            stored = await journal.begin_job(order.text) if order.text else None
            self._tell_start()
            await self._run_flow(Flow(order.job, trackers, publish, journal, self.hashing))
        is_through = self.interruption.first is None and not self.tally.open_ends
        if stored and is_through and journal.failure is None:
            await journal.close_job(stored)

    def _tell_start(self) -> None:
        job = self.order.job
        ids = (*(entry.config.id for entry in self.order.trackers), *job.unusable)
        self.bus.publish(RunStarted(paths=tuple(job.paths), trackers=ids, dry_run=job.upload.dry_run))

    async def _run_flow(self, flow: Flow) -> None:
        self.bus.subscribe(flow.heed)
        async with anyio.create_task_group() as group:
            group.start_soon(_heed_signals, flow, group.cancel_scope, self.interruption)
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
