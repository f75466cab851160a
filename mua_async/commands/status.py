"""`mua-async status`: what went where, by the journal."""

from __future__ import annotations

import json
import sys
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import click

from pipeline.errors import UsageError
from pipeline.journal import CellRecord, Journal, StoredJob, has_journal
from pipeline.text import printable, valid_text
from trackers.tracker_config import site_of

from ..display.lines import Line, LineWriter, print_lines, write_lines
from ..display.status_lines import StatusReport
from ..options import PATH, Common, common_options
from ..records import OpenOrders, ask_journal, is_below, tracker_of
from ..selection import known_ids
from ..tally import EXIT_OK, EXIT_PROBLEM
from ..upload_order import whole_path


@click.command("status")
@click.argument("paths", nargs=-1, type=PATH, metavar="[PATH]...")
@click.option("-t", "--tracker", "ids", multiple=True, metavar="ID", help="Only of these trackers.")
@common_options
def command(common: Common, paths: tuple[Path, ...], ids: tuple[str, ...]) -> int:
    """Tell what went where, by the journal. Asks nobody.

    PATH is an album, or a folder with albums below it, whether it is still there or not. Of more than 20
    albums only those that need somebody are listed; --verbose lists all.
    """
    data = common.locations.data
    if not has_journal(data):
        return _tell_nothing(common, f"Nothing was sent from here: {data} holds no journal.")
    records, jobs = ask_journal(data, _look)
    folders = [Path(whole_path(path)) for path in paths]
    chosen = [
        record for record in records if not folders or any(is_below(record.album, at) for at in folders)
    ]
    if ids:
        chosen = _at_trackers(common, chosen, records, ids)
    if common.json:
        return _write_json(chosen)
    if not chosen:
        return _tell_nothing(common, "The journal knows of no such upload.")
    report = StatusReport(chosen, OpenOrders.of(jobs).cover, whole=common.verbose, quiet=common.quiet)
    _show(list(report.lines()))
    return EXIT_OK


async def _look(journal: Journal) -> tuple[Sequence[CellRecord], Sequence[StoredJob]]:
    return await journal.all_records(), await journal.open_jobs()


def _at_trackers(
    common: Common, chosen: Sequence[CellRecord], known: Sequence[CellRecord], ids: Sequence[str]
) -> list[CellRecord]:
    """Those of the trackers, under whatever ids these were when it was written down."""
    names = {*map(str.upper, ids)}
    if "ALL" in names:
        return list(chosen)
    sites = set(_sites(common, names, {record.tracker for record in known}))
    return [record for record in chosen if record.tracker in names or record.site in sites]


def _sites(common: Common, names: Iterable[str], recorded: Container[str]) -> Iterator[str]:
    """UsageError for an id that neither the configuration nor the journal knows."""
    configuration = common.config.load()
    for name in names:
        if name in known_ids(common, configuration):
            with suppress(UsageError):  # a broken table: its id has to do
                tracker = tracker_of(common, configuration, name)
                yield site_of(tracker.cls.settled(tracker.config))
        elif name not in recorded:
            raise common.trackers.unknown_id(name, configuration.tracker_ids())


def _write_json(records: Sequence[CellRecord]) -> int:
    writer = LineWriter(sys.stdout)
    for record in records:
        writer.write(json.dumps(_json_fields(record)))
    return EXIT_PROBLEM if writer.failed else EXIT_OK


def _json_fields(record: CellRecord) -> dict[str, object]:
    return {
        "event": "status",
        "at": record.at,
        "album": valid_text(str(record.album)),
        "content_id": record.content_id,
        "tracker": record.tracker,
        "site": record.site,
        "outcome": record.state.outcome,
        "torrent_id": record.torrent_id,
        "url": record.url,
        "step": record.step,
        "finished": record.finished,
        "torrent_file": valid_text(str(record.torrent_file)) if record.torrent_file else None,
        "reason": record.reason,
        "message": record.message,
    }


def _tell_nothing(common: Common, text: str) -> int:
    if not common.json and not common.quiet:
        click.echo(printable(text))
    return EXIT_OK


def _show(lines: Sequence[Line]) -> None:
    if not sys.stdout.isatty():
        write_lines(sys.stdout, lines)
        return
    from rich.console import Console  # only now: `--json` needs none

    print_lines(Console(), lines)
