"""`mua-async hash`: torrents only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import click

from pipeline.errors import UsageError
from pipeline.model.rules import SiteRules
from pipeline.secret import Secret

from ..hash_run import HashOrder, HashRun, Wish, make_folder, refuse_folder_inside_album
from ..options import FOLDER, PATH, Common, common_options, refuse_missing

SHORTEST, LONGEST = 16 * 1024, 128 * 1024 * 1024
UNITS = {"": 1, "k": 1024, "kib": 1024, "m": 1024**2, "mib": 1024**2}


def _piece_length(_context: click.Context, _parameter: click.Parameter, value: str | None) -> int | None:
    """Reads bytes, or K, M, KiB, MiB: a power of two."""
    if value is None:
        return None
    match = re.fullmatch(r"([0-9]{1,12})\s*([a-z]*)", value.strip().lower())
    length = int(match[1]) * UNITS[match[2]] if match and match[2] in UNITS else 0
    if not SHORTEST <= length <= LONGEST or length & (length - 1):
        raise click.BadParameter(
            f"{value} is no power of two from 16 KiB to 128 MiB; write it as 1MiB, 512K or 65536"
        )
    return length


def _announce(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    from ..config.urls import check_announce

    try:
        check_announce(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    return value


def _source(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not value.strip():
        raise click.BadParameter("is empty: leave it out")
    return value


@click.command("hash")
@click.argument("paths", nargs=-1, required=True, type=PATH, metavar="PATH...")
@click.option(
    "-t", "--tracker", "ids", multiple=True, metavar="ID", help="A torrent for each; `all`: enabled."
)
@click.option("--announce", callback=_announce, metavar="URL", help="The announce URL, without --tracker.")
@click.option("--source", callback=_source, metavar="S", help="The source, without --tracker.")
@click.option(
    "--piece-length", callback=_piece_length, metavar="LENGTH", help="Such as 1MiB; by default by size."
)
@click.option(
    "-o",
    "--output",
    "folder",
    type=FOLDER,
    default=Path(),
    metavar="DIR",
    help="Where the torrents go; made if missing. By default here.",
)
@click.option("--force", is_flag=True, help="Overwrite torrents that are there.")
@click.option("--one-album", is_flag=True, help="All audio below each PATH is one album.")
@common_options
def command(
    common: Common,
    paths: tuple[Path, ...],
    ids: tuple[str, ...],
    announce: str | None,
    source: str | None,
    piece_length: int | None,
    folder: Path,
    force: bool,
    one_album: bool,
) -> int:
    """Make torrents of albums, and nothing else.

    PATH is an album folder, one audio file, or a library with albums below it.
    """
    if ids and (announce is not None or source is not None):
        raise UsageError("--announce and --source are not for use with --tracker")
    refuse_missing(paths, "nothing was hashed")
    wishes: Sequence[Wish] = [Wish("", Secret(announce or ""), source or "", SiteRules(), piece_length)]
    if ids:
        wishes = _tracker_wishes(common, ids, piece_length)
    order = HashOrder(paths, wishes, folder, force, one_album)
    refuse_folder_inside_album(order)
    make_folder(folder)
    return HashRun(common, order).run()


def _tracker_wishes(common: Common, ids: Sequence[str], piece_length: int | None) -> list[Wish]:
    """One wish for each tracker; UsageError for one whose announce URL is not known."""
    from ..selection import select

    selection = select(common, common.config.load(), ids, dry_run=True)
    wishes, problems = [], []
    for tracker in selection.trackers:
        config, rules = tracker.config, tracker.cls.rules
        if config.announce_url is None:
            problems.append(f"trackers.{config.id}.announce_url is missing")
        elif piece_length and piece_length > (rules.piece_length_max or piece_length):
            problems.append(f"{config.id} takes pieces of at most {rules.piece_length_max} bytes")
        else:
            wishes.append(Wish(config.id, config.announce_url, config.source_name or "", rules, piece_length))
    if problems:
        raise UsageError("not every tracker can be used", problems=tuple(problems))
    return wishes
