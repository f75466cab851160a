"""`mua-async tracker add`."""

from __future__ import annotations

import click

from pipeline.errors import UsageError

from ...config.configuration import Configuration
from ...config.values import tracker_id as read_id
from ...display.text import sentence
from ...options import Common, common_options
from ...output import json_line
from ...terminal import can_ask, confirm, tell
from .draft import Draft, start_draft

REFERENCE = "env:NAME, file:PATH, keyring:SERVICE/NAME, or the secret itself."


@click.command("add")
@click.argument("tracker_id", metavar="ID")
@click.option("--type", "family", metavar="FAMILY", help="What the site runs: unit3d or generic.")
@click.option("--url", metavar="URL", help="The site's address.")
@click.option("--api-key-ref", metavar="REF", help=f"The API key: {REFERENCE}")
@click.option("--announce-url", metavar="URL", help=f"With your passkey: {REFERENCE}")
@click.option(
    "--set",
    "settings",
    metavar="KEY=VALUE",
    multiple=True,
    help="Any other key of the table, as in category_ids.ALBUM=5; may be repeated.",
)
@click.option("-y", "--yes", is_flag=True, help="Ask nothing.")
@common_options
def command(
    common: Common,
    tracker_id: str,
    family: str | None,
    url: str | None,
    api_key_ref: str | None,
    announce_url: str | None,
    settings: tuple[str, ...],
    yes: bool,
) -> int:
    """Write a tracker into the configuration; asks for what no option tells, where there is a terminal."""
    name = _new_id(common.config.load_or_new(), tracker_id)
    given = {"type": family, "url": url, "api_key": api_key_ref, "announce_url": announce_url}
    draft = start_draft(common, name, given, settings)
    asks = not yes and can_ask(common)
    if asks and not _ask(draft):
        click.echo("Nothing was written.")
        return 1
    _refuse_incomplete(draft)
    common.config.save_tracker(name, draft.table)
    _tell(draft, given["api_key"] is not None)
    if asks and confirm("Test it now? That uploads nothing.", default=True):
        from .test import run_test

        return run_test(common, (name,))
    return 0


def _new_id(configuration: Configuration, tracker_id: str) -> str:
    try:
        name = read_id(tracker_id)
    except ValueError as error:
        raise UsageError(f"{tracker_id!r} {error}") from None
    if configuration.has_table(name):
        raise UsageError(
            f"trackers.{name} is there already",
            hint=f"edit it, or take it out first: `mua-async tracker remove {name}`",
        )
    return name


def _ask(draft: Draft) -> bool:
    """Asks for what is missing, and whether the table may be written."""
    from .questions import ask_for_missing, offer_keyring  # with what a terminal needs

    typed = ask_for_missing(draft)
    tell(f"[trackers.{draft.tracker_id}]")
    for line in draft.lines():
        tell(f"  {line}")
    if not confirm(f"Write this to {draft.common.config.path}?", default=True):
        return False
    offer_keyring(draft, typed)
    return True


def _refuse_incomplete(draft: Draft) -> None:
    draft.check()
    if missing := draft.missing():
        raise UsageError(
            f"tracker {draft.tracker_id} was not added",
            hint="give what is missing by --url, --api-key-ref, --announce-url or --set",
            problems=tuple(missing),
        )


def _tell(draft: Draft, key_by_option: bool) -> None:
    common, name = draft.common, draft.tracker_id
    warnings = draft.empty_ids()
    if literal := draft.literal_secrets():
        shell = "; the shell's history has it too" if key_by_option and "api_key" in literal else ""
        warnings.append(
            f"the file holds {' and '.join(literal)} themselves, readable by you alone (mode 0600){shell}: "
            "env:NAME, file:PATH or keyring:SERVICE/NAME would keep them elsewhere"
        )
    if common.json:
        json_line("tracker_added", tracker=name, path=str(common.config.path), warnings=warnings)
        return
    for warning in warnings:
        click.echo(f"warning: {sentence(warning)}", err=True)
    if not common.quiet:
        click.echo(f"{name} was added to {common.config.path}; `mua-async tracker test {name}` tries it")
