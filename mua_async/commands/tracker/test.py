"""`mua-async tracker test`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path

import anyio
import click

from pipeline.errors import TrackerError
from trackers.conformance import TrackerConformance, kit_beside, run_conformance
from trackers.connect import connect
from trackers.wrap import GuardedTracker

from ...display.text import sentence
from ...options import Common, common_options
from ...output import json_line
from ...selection import SelectedTracker, select
from .site_ids import compare_ids


class Verdict(StrEnum):
    OK = "ok"
    PROBLEM = "PROBLEM"
    WARNING = "warning"
    UNPROVED = "not proved"


OK: Mapping[Verdict, bool | None] = {Verdict.OK: True, Verdict.PROBLEM: False}
"""What `--json` says; None is neither good nor bad."""


@click.command("test")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option(
    "--offline",
    is_flag=True,
    help="Ask no site: check the configuration, and the adapter against one of ours.",
)
@common_options
def command(common: Common, ids: tuple[str, ...], offline: bool) -> int:
    """Check trackers' configuration, then keys and ids by cheap questions to each site. Uploads nothing.

    ID `all` is every enabled tracker.
    """
    return run_test(common, ids, offline=offline)


def run_test(common: Common, ids: Sequence[str], *, offline: bool = False) -> int:
    """Tests and tells; 0 where nothing is a problem, else 1. UsageError for what cannot be used at all."""
    selection = select(common, common.config.load(), ids)
    for tracker in selection.trackers:
        _say(common, tracker, "configuration", "complete", Verdict.OK)
    if offline:
        verdicts = [_conforms(common, tracker) for tracker in selection.trackers]
        return 0 if all(verdicts) else 1
    return 0 if anyio.run(_ask_sites, common, selection.trackers) else 1


def _conforms(common: Common, tracker: SelectedTracker) -> bool:
    """Lets the adapter send to a site of our own; a described site answers in a way that ours cannot."""
    if tracker.config.answer or tracker.config.login:
        told = "a described site is not played: see `mua-async sandbox --rules`"
        _say(common, tracker, "conformance", told, Verdict.UNPROVED)
        return True
    origin = Path(tracker.found.origin)
    kit = kit_beside(origin) if origin.is_file() else TrackerConformance
    reports = run_conformance(tracker.cls, kit, tracker.config)
    for report in reports:
        if report.ok is not True:
            verdict = Verdict.UNPROVED if report.ok is None else Verdict.PROBLEM
            _say(common, tracker, report.name, f"{report.summary} {report.message}", verdict)
    passed = sum(report.ok is True for report in reports)
    good = all(report.ok is not False for report in reports)
    told = f"{passed} of {len(reports)} checks passed"
    _say(common, tracker, "conformance", told, Verdict.OK if good else Verdict.PROBLEM)
    return good


async def _ask_sites(common: Common, trackers: Sequence[SelectedTracker]) -> bool:
    """Asks all sites at once; whether none of them had a problem."""
    failed: list[SelectedTracker] = []

    async def ask(tracker: SelectedTracker) -> None:
        if not await _ask_site(common, tracker):
            failed.append(tracker)

    async with anyio.create_task_group() as group:
        for tracker in trackers:
            group.start_soon(ask, tracker)
    return not failed


async def _ask_site(common: Common, tracker: SelectedTracker) -> bool:
    connection = connect(tracker.cls, tracker.config, lambda event: None)
    try:
        async with connection:
            proof = await connection.test_key()
            _say(common, tracker, "key", proof.text, Verdict.OK if proof.proved else Verdict.UNPROVED)
            return await _compare_ids(common, tracker, connection)
    except TrackerError as error:
        _say(common, tracker, "key", str(error), Verdict.PROBLEM)
        return False


async def _compare_ids(common: Common, tracker: SelectedTracker, connection: GuardedTracker) -> bool:
    """Whether the site knows every category that is configured, as far as it tells.

    A category in which nothing was ever listed is taken for a wrong id; a format may only be a rare one.
    """
    try:
        names = await connection.listed_ids()
    except TrackerError as error:
        _say(common, tracker, "ids", f"the site does not list its ids: {error}", Verdict.UNPROVED)
        return True
    known = True
    for finding in compare_ids(tracker.cls.settled(tracker.config), names):
        verdict = Verdict.OK
        if finding.name is None:
            verdict = Verdict.PROBLEM if finding.table == "category_ids" else Verdict.UNPROVED
        elif finding.mismatch:
            verdict = Verdict.WARNING
        known &= verdict is not Verdict.PROBLEM
        _say(common, tracker, finding.table, finding.text(tracker.config.id), verdict)
    return known


def _say(common: Common, tracker: SelectedTracker, what: str, text: str, verdict: Verdict) -> None:
    if common.json:
        json_line(
            "tracker_tested",
            tracker=tracker.config.id,
            check=what,
            ok=OK.get(verdict),
            verdict=verdict.lower(),
            message=text,
        )
    elif verdict in {Verdict.PROBLEM, Verdict.WARNING} or not common.quiet:
        click.echo(f"{tracker.config.id}: {what}: {verdict}: {sentence(text)}")
