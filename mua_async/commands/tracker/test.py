"""`mua-async tracker test`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from enum import StrEnum
from pathlib import Path

import anyio
import click

from pipeline.errors import TrackerError, UsageError
from trackers.conformance import TrackerConformance, kit_beside, run_conformance
from trackers.connect import connect
from trackers.wrap import GuardedTracker

from ...display.text import sentence
from ...options import Common, common_options
from ...output import json_line
from ...selection import SelectedTracker, select
from .empty_ids import empty_ids
from .site_ids import compare_ids


class Verdict(StrEnum):
    OK = "ok"
    PROBLEM = "PROBLEM"
    WARNING = "warning"
    UNPROVED = "not proved"


OK: Mapping[Verdict, bool | None] = {Verdict.OK: True, Verdict.PROBLEM: False}
"""What `--json` says; None is neither good nor bad."""
VERDICTS = {True: Verdict.OK, False: Verdict.PROBLEM, None: Verdict.UNPROVED}
"""Of the conformance kit's reports."""


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
    selection = select(common, common.config.load(), ids, lenient=True)
    for tracker_id, why in selection.unusable.items():
        _say(common, tracker_id, "configuration", why, Verdict.PROBLEM)
    good = not selection.unusable
    made: list[SelectedTracker] = []
    for tracker in selection.trackers:
        try:
            problems = empty_ids(tracker.cls, tracker.config)
            made.append(tracker)
        except UsageError as error:
            problems = [str(error)]
        _say_configuration(common, tracker, problems)
        good &= not problems
    if offline:
        conforms = [_conforms(common, tracker) for tracker in made]
        return 0 if good and all(conforms) else 1
    return 0 if anyio.run(_ask_sites, common, made) and good else 1


def _say_configuration(common: Common, tracker: SelectedTracker, problems: Sequence[str]) -> None:
    for problem in problems:
        _say(common, tracker.config.id, "configuration", problem, Verdict.PROBLEM)
    if not problems:
        _say(common, tracker.config.id, "configuration", "complete", Verdict.OK)


def _conforms(common: Common, tracker: SelectedTracker) -> bool:
    """Lets the adapter send to a site of our own, which answers as its configuration describes."""
    origin = Path(tracker.found.origin)
    try:
        with redirect_stdout(sys.stderr):  # what the adapter or its test prints is not for scripts
            kit = kit_beside(origin) if origin.is_file() else TrackerConformance
            reports = run_conformance(tracker.cls, kit, tracker.config)
    except UsageError as error:  # such as a test beside it that cannot be loaded
        _say(common, tracker.config.id, "conformance", str(error), Verdict.PROBLEM)
        return False
    for report in reports:
        if report.ok is not True or report.message:
            verdict = VERDICTS[report.ok]
            _say(common, tracker.config.id, report.name, f"{report.summary} {report.message}", verdict)
    passed = sum(report.ok is True for report in reports)
    good = all(report.ok is not False for report in reports)
    told = f"{passed} of {len(reports)} checks passed"
    _say(common, tracker.config.id, "conformance", told, Verdict.OK if good else Verdict.PROBLEM)
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
            _say(
                common, tracker.config.id, "key", proof.text, Verdict.OK if proof.proved else Verdict.UNPROVED
            )
            await _compare_ids(common, tracker, connection)
            return True
    except TrackerError as error:
        _say(common, tracker.config.id, "key", str(error), Verdict.PROBLEM)
        return False


async def _compare_ids(common: Common, tracker: SelectedTracker, connection: GuardedTracker) -> None:
    """Tells what the site calls the configured ids, as far as its listing shows; nothing in it is proof.

    An id under which nothing is listed may be wrong, or nothing is in it yet.
    """
    try:
        names = await connection.listed_ids()
    except TrackerError as error:
        _say(common, tracker.config.id, "ids", f"the site does not list its ids: {error}", Verdict.UNPROVED)
        return
    for finding in compare_ids(tracker.cls.settled(tracker.config), names):
        verdict = Verdict.OK
        if finding.name is None:
            verdict = Verdict.WARNING if finding.table == "category_ids" else Verdict.UNPROVED
        elif finding.mismatch:
            verdict = Verdict.WARNING
        _say(common, tracker.config.id, finding.table, finding.text(tracker.config.id), verdict)


def _say(common: Common, tracker_id: str, what: str, text: str, verdict: Verdict) -> None:
    if common.json:
        json_line(
            "tracker_tested",
            tracker=tracker_id,
            check=what,
            ok=OK.get(verdict),
            verdict=verdict.lower(),
            message=text,
        )
    elif verdict in {Verdict.PROBLEM, Verdict.WARNING} or not common.quiet:
        click.echo(f"{tracker_id}: {what}: {verdict}: {sentence(text)}")
