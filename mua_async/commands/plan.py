"""`mua-async plan`: the offline preflight."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import anyio
import click

from pipeline.errors import JournalError, MuaError
from pipeline.journal.read_only import Key, Standing, read_standings
from pipeline.model.album import Media, ReleaseType
from pipeline.plan import AlbumPlan, Forms, Plan, Planned, PlanOrder
from trackers.connect import connect
from trackers.image_hosts.hosting import Hosting, Rehearsal

from ..display.jsonl import JsonLines
from ..display.plan_lines import PlanCounts, PlanLines
from ..display.text import sentence
from ..gap_files import GapCollector
from ..options import PATH, Common, common_options, refuse_missing
from ..selection import SelectedTracker, select
from ..settings import SET_HELP, user_words
from ..tally import EXIT_OK, EXIT_PROBLEM


@click.command("plan")
@click.argument("paths", nargs=-1, required=True, type=PATH, metavar="PATH...")
@click.option(
    "-t", "--tracker", "ids", multiple=True, metavar="ID", help="Where to; `all`: every enabled one."
)
@click.option("--media", metavar="M", help=f"What the audio was taken from: {', '.join(Media)}.")
@click.option("--release-type", metavar="T", help=f"What it is: {', '.join(ReleaseType)}.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help=SET_HELP)
@click.option("--answers", type=PATH, metavar="FILE", help="A file of --gaps, filled in.")
@click.option("--gaps", type=PATH, metavar="FILE", help="Write all that is missing to a file to fill in.")
@click.option("--force", is_flag=True, help="Overwrite the file of --gaps.")
@click.option("--verify", is_flag=True, help="Decode the audio, too: is it whole?")
@click.option("--one-album", is_flag=True, help="All audio below each PATH is one album.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Take the first N albums.")
@common_options
def command(
    common: Common,
    paths: tuple[Path, ...],
    ids: tuple[str, ...],
    media: str | None,
    release_type: str | None,
    settings: tuple[str, ...],
    answers: Path | None,
    gaps: Path | None,
    force: bool,
    verify: bool,
    one_album: bool,
    limit: int | None,
) -> int:
    """Tell what would go where, and what breaks which rule. Sends nothing, asks nobody.

    PATH is an album folder, one audio file, or a library with albums below it.
    """
    words = user_words(settings, media, release_type, answers)
    configuration = common.config.load()
    selection = select(common, configuration, ids, dry_run=True)
    for warning in selection.warnings:
        click.echo(f"warning: {sentence(warning)}", err=True)
    refuse_missing(paths, "nothing was planned")
    collector = GapCollector(gaps) if gaps else None
    if collector:
        collector.refuse_unusable(paths, one_album=one_album, force=force)
    order = PlanOrder(paths, one_album, limit, words, verify)
    counts = PlanCounts()
    hosting = Rehearsal() if configuration.image_hosts else None
    standings = _standings(common.locations.data)
    if common.json:
        lines = JsonLines(sys.stdout)
        _run(order, selection.trackers, standings, hosting, collector, (counts, lines))
        written = _write(collector)
        return EXIT_PROBLEM if counts.problems or lines.failed or not written else EXIT_OK
    named = [tracker.config.id for tracker in selection.trackers]
    printer = PlanLines(sys.stdout, named, quiet=common.quiet, verbose=common.verbose)
    _run(order, selection.trackers, standings, hosting, collector, (counts, printer))
    printer.finish(counts)
    written = _write(collector)
    if collector and written:
        printer.tell_gaps(collector.path, len(collector.entries))
    return EXIT_PROBLEM if counts.problems or not written else EXIT_OK


def _standings(data: Path) -> Mapping[Key, Standing]:
    """Nothing, with a warning, where the journal cannot be read."""
    try:
        return read_standings(data)
    except JournalError as error:
        click.echo(f"warning: {sentence(error.message, error.hint)}", err=True)
        return {}


def _run(
    order: PlanOrder,
    selected: Sequence[SelectedTracker],
    standings: Mapping[Key, Standing],
    hosting: Hosting | None,
    collector: GapCollector | None,
    listeners: Sequence[Callable[[Planned], None]],
) -> None:
    def tell(plan: AlbumPlan) -> None:
        for cell in plan.cells:
            for listener in listeners:
                listener(cell)
        if collector and plan.gap:
            collector.entries.append(plan.gap)

    async def run() -> None:
        forms = Forms()
        trackers = [
            connect(entry.cls, entry.config, forms.heed, dry_run=True, hosting=hosting) for entry in selected
        ]
        await Plan(order, trackers, forms, tell, standings).run()

    anyio.run(run)


def _write(collector: GapCollector | None) -> bool:
    """Whether the gaps are where they are wanted; what keeps them from there is told."""
    try:
        if collector:
            collector.write()
    except MuaError as error:
        click.echo(f"error: {sentence(error.message, error.hint)}", err=True)
        return False
    return True
