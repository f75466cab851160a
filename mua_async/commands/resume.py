"""`mua-async resume`: goes on with what earlier runs left open."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import click
from attrs import define, evolve, field

from pipeline.errors import UsageError
from pipeline.events import Event, RunFinished, UploadDone, UploadFailed, UploadSkipped
from pipeline.journal import CellRecord, Journal, StoredJob, has_journal
from pipeline.outcome import Outcome
from pipeline.text import printable
from trackers.tracker_config import site_of

from ..app import RunOrder, RunResult, run_once
from ..config.configuration import Configuration
from ..display.text import sentence
from ..options import Common, common_options
from ..output import json_line
from ..records import ask_journal
from ..selection import is_enabled, select, usable_image_hosts
from ..tally import EXIT_OK, EXIT_PROBLEM
from ..upload_order import UploadOrder
from ..watching import watch_folders


@define
class Judged:
    """A subscriber that remembers which albums have had their verdict at which tracker."""

    cells: set[tuple[str, str]] = field(factory=set, init=False)

    def __call__(self, event: Event) -> None:
        if isinstance(event, UploadDone | UploadFailed | UploadSkipped):
            self.cells.add((event.content_id, event.tracker))


@click.command("resume")
@common_options
def command(common: Common) -> int:
    """Go on with what earlier uploads left open; nothing that is done is done again.

    What is unknown is asked of the site, what was not sent is sent, what does not seed is handed over. What a
    site refused is left alone: `upload` tries it again.
    """
    data, judged, codes = common.locations.data, Judged(), list[int]()
    for order in _orders(common, data, judged):
        result = _run(common, order, judged)
        if result is not None and result.interrupted:
            return result.exit_code
        codes.append(EXIT_PROBLEM if result is None else result.exit_code)
    if not codes:
        _tell_nothing(common)
    return max(codes, default=EXIT_OK)


def _orders(common: Common, data: Path, judged: Judged) -> Iterator[Callable[[], RunOrder]]:
    """The uploads that were asked for and are not through; then what none of them has come to."""
    if not has_journal(data):
        return
    configuration = common.config.load()
    for stored in ask_journal(data, Journal.open_jobs):
        yield partial(_stored_order, common, configuration, stored)
    open_cells = ask_journal(data, Journal.unsettled)
    left = [record for record in open_cells if (record.content_id, record.tracker) not in judged.cells]
    if left:
        yield partial(_unsettled_order, common, configuration, left)


def _run(common: Common, make_order: Callable[[], RunOrder], judged: Judged) -> RunResult | None:
    """None, with the reason told, where it cannot even begin; the others go on."""
    try:
        return run_once(common, make_order(), judged)
    except UsageError as error:
        click.echo(f"error: {sentence(error.message, error.hint)}", err=True)
        for problem in error.problems:
            click.echo(f"  {sentence(problem)}", err=True)
        return None


def _stored_order(common: Common, configuration: Configuration, stored: StoredJob) -> RunOrder:
    """Goes on with an upload; folders that are gone are left out, and told."""
    order = UploadOrder.parse(stored.text)
    missing = [path for path in order.paths if not os.path.exists(path)]
    if len(missing) == len(order.paths):
        raise UsageError(f"{printable(missing[0])} is gone", hint="is its disk there?")
    for path in missing:
        click.echo(f"warning: {printable(path)} is gone", err=True)
    selection = select(common, configuration, order.trackers)
    clients = watch_folders(configuration) if order.seed else ()
    present = evolve(order, paths=tuple(path for path in order.paths if path not in missing))
    job = evolve(present.job(common.locations.data / "torrents", clients), resuming=True)
    hosts = usable_image_hosts(common, configuration)
    return RunOrder(job, selection.trackers, common.locations.data, stored.text, hosts)


def _unsettled_order(common: Common, configuration: Configuration, records: Sequence[CellRecord]) -> RunOrder:
    """Asks for uploads whose albums nobody has found, at the trackers that are on those sites now."""
    enabled = [name for name in configuration.tracker_ids() if is_enabled(configuration, name)]
    sites = {record.site for record in records}
    selection = select(common, configuration, enabled)
    chosen = [entry for entry in selection.trackers if site_of(entry.cls.settled(entry.config)) in sites]
    order = UploadOrder(paths=(), trackers=())
    job = order.job(common.locations.data / "torrents", watch_folders(configuration))
    job = evolve(job, resuming=True, unsettled=tuple(records))
    hosts = usable_image_hosts(common, configuration)
    return RunOrder(job, chosen, common.locations.data, image_hosts=hosts)


def _tell_nothing(common: Common) -> None:
    if common.json:
        counts = {outcome.value: 0 for outcome in Outcome}
        json_line(RunFinished.event_name(), exit_code=EXIT_OK, counts=counts, seconds=0.0)
    elif not common.quiet:
        click.echo("Nothing is left open.")
