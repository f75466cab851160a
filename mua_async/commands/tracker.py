"""`mua-async tracker`: what is known of each tracker, and whether it would take an upload."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import anyio
import attrs
import click
from attrs import frozen

from pipeline.errors import TrackerError, UsageError
from trackers.connect import connect

from ..config.configuration import Configuration
from ..config.schema import SECRETS
from ..config.secret_ref import describe_reference
from ..display.text import sentence
from ..options import Common, common_options
from ..output import json_line
from ..selection import SelectedTracker, is_enabled, known_ids, select, tracker_config


@click.group("tracker")
def command() -> None:
    """List, show and test trackers."""


@command.command("list")
@common_options
def list_(common: Common) -> int:
    """List every tracker: configured ones, built-in ones, modules of yours."""
    configuration = common.config.load()
    rows = [_row(common, configuration, tracker_id) for tracker_id in known_ids(common, configuration)]
    width = max(len(row.tracker) for row in rows)
    for row in rows:
        if common.json:
            json_line("tracker", **attrs.asdict(row))
        else:
            click.echo(f"{row.tracker:<{width}}  {row.state:<14}  {row.origin}")
    return 0


@frozen
class Row:
    """A tracker in the list; `origin` is where its class comes from, or what is wrong."""

    tracker: str
    state: str
    origin: str


def _row(common: Common, configuration: Configuration, tracker_id: str) -> Row:
    try:
        config = tracker_config(configuration, tracker_id)
        found = common.trackers.find(tracker_id, config.type)
    except UsageError as error:
        return Row(tracker_id, "broken", error.problems[0] if error.problems else str(error))
    origin = f"{found.origin} (instead of the built-in one)" if found.overrides else found.origin
    if not configuration.has_table(tracker_id):
        return Row(tracker_id, "not configured", origin)
    if not is_enabled(configuration, tracker_id):
        return Row(tracker_id, "disabled", origin)
    return Row(tracker_id, "not ready" if found.cls.missing(config) else "ready", origin)


@command.command("show")
@click.argument("tracker_id", metavar="ID")
@common_options
def show(common: Common, tracker_id: str) -> int:
    """Show what a tracker's uploads would use: your keys, and the site's own where you wrote none."""
    configuration = common.config.load()
    tracker_id = tracker_id.upper()
    if tracker_id not in known_ids(common, configuration):
        raise common.trackers.unknown_id(tracker_id, configuration.tracker_ids())
    config = tracker_config(configuration, tracker_id)
    found = common.trackers.find(tracker_id, config.type)
    table = configuration.table(tracker_id) if configuration.has_table(tracker_id) else {}
    settled = attrs.asdict(
        found.cls.settled(config), recurse=True, filter=lambda _, value: value not in (None, {})
    )
    shown = {key: _shown(key, value, table) for key, value in settled.items()}
    shown |= {"module": found.origin, "missing": found.cls.missing(config)}
    if common.json:
        json_line("tracker", tracker=tracker_id, **shown)
        return 0
    for key, value in shown.items():
        click.echo(f"{key} = {json.dumps(value, ensure_ascii=False)}")
    return 0


def _shown(key: str, value: object, table: Mapping[str, object]) -> object:
    if key in SECRETS:
        return describe_reference(str(table[key]))
    return value


@command.command("test")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--offline", is_flag=True, help="Check the configuration only; ask nobody.")
@common_options
def test(common: Common, ids: tuple[str, ...], offline: bool) -> int:
    """Check trackers' configuration, then their keys by the cheapest question to each site. Uploads nothing.

    ID `all` is every enabled tracker.
    """
    selection = select(common, common.config.load(), ids)
    for tracker in selection.trackers:
        _say(common, tracker, "configuration", "complete", ok=True)
    if offline or anyio.run(_test_keys, common, selection.trackers):
        return 0
    return 1


async def _test_keys(common: Common, trackers: Sequence[SelectedTracker]) -> bool:
    """Asks all sites at once; whether none of them refused the key or could not be asked."""
    refused: list[SelectedTracker] = []

    async def test_one(tracker: SelectedTracker) -> None:
        if not await _test_key(common, tracker):
            refused.append(tracker)

    async with anyio.create_task_group() as group:
        for tracker in trackers:
            group.start_soon(test_one, tracker)
    return not refused


async def _test_key(common: Common, tracker: SelectedTracker) -> bool:
    connection = connect(tracker.cls, tracker.config, lambda event: None)
    try:
        async with connection:
            proof = await connection.test_key()
    except TrackerError as error:
        _say(common, tracker, "key", str(error), ok=False)
        return False
    _say(common, tracker, "key", proof.text, ok=True if proof.proved else None)
    return True


VERDICTS: Mapping[bool | None, str] = {True: "ok", False: "PROBLEM", None: "not proved"}


def _say(common: Common, tracker: SelectedTracker, what: str, text: str, *, ok: bool | None) -> None:
    """`ok` None is neither good nor bad."""
    if common.json:
        json_line("tracker_tested", tracker=tracker.config.id, check=what, ok=ok, message=text)
    elif ok is False or not common.quiet:
        click.echo(f"{tracker.config.id}: {what}: {VERDICTS[ok]}: {sentence(text)}")
