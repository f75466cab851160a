"""`mua-async upload`: the main job."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import click
from attrs import evolve

from pipeline.errors import UsageError
from pipeline.flow import Job
from pipeline.model.album import Media, ReleaseType
from pipeline.model.files import FileSet
from pipeline.scan import scan

from ..app import RunOrder
from ..clients import folder_problem
from ..display.text import sentence
from ..gap_questions import run_and_ask
from ..options import FOLDER, PATH, Common, common_options, refuse_missing
from ..selection import select, usable_image_hosts
from ..settings import SET_HELP
from ..upload_order import UploadOrder, whole_path
from ..watching import watch_folders


@click.command("upload")
@click.argument("paths", nargs=-1, required=True, type=PATH, metavar="PATH...")
@click.option(
    "-t", "--tracker", "ids", multiple=True, metavar="ID", help="Where to; `all`: every enabled one."
)
@click.option("--debug", "--dry-run", "dry_run", is_flag=True, help="Show each request; send nothing.")
@click.option("--media", metavar="M", help=f"What the audio was taken from: {', '.join(Media)}.")
@click.option("--release-type", metavar="T", help=f"What it is: {', '.join(ReleaseType)}.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help=SET_HELP)
@click.option("--answers", type=PATH, metavar="FILE", help="A file of `plan --gaps`, filled in.")
@click.option("--no-verify", is_flag=True, help="Do not decode the audio to see whether it is whole.")
@click.option(
    "--stage",
    "stage_folder",
    type=FOLDER,
    metavar="DIR",
    help="Where names that a site refuses are mended: links in DIR, the library stays as it is.",
)
@click.option("--anonymous", is_flag=True, help="Upload anonymously.")
@click.option("--no-seed", is_flag=True, help="Hand the torrents to no client.")
@click.option("--allow-duplicate", is_flag=True, help="Send although the site has this release already.")
@click.option("--one-album", is_flag=True, help="All audio below each PATH is one album.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Take the first N albums.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    metavar="N",
    help="Albums that are prepared at once.",
)
@click.option("-y", "--yes", is_flag=True, help="Send all albums of a library without asking.")
@click.option("--create-torrent", is_flag=True, hidden=True, expose_value=False, help="What upload does.")
@click.option("--upload", is_flag=True, hidden=True, expose_value=False, help="What upload does.")
@common_options
def command(
    common: Common,
    paths: tuple[Path, ...],
    ids: tuple[str, ...],
    dry_run: bool,
    media: str | None,
    release_type: str | None,
    settings: tuple[str, ...],
    answers: Path | None,
    no_verify: bool,
    stage_folder: Path | None,
    anonymous: bool,
    no_seed: bool,
    allow_duplicate: bool,
    one_album: bool,
    limit: int | None,
    jobs: int,
    yes: bool,
) -> int:
    """Send albums to trackers and leave them seeding.

    PATH is an album folder, one audio file, or a library with albums below it.
    """
    configuration = common.config.load()
    if dry_run and stage_folder is not None:
        raise UsageError("--stage makes links, and --debug writes nothing: give one of them")
    selection = select(common, configuration, ids, dry_run=dry_run, lenient=True)
    order = UploadOrder(
        paths=tuple(map(whole_path, paths)),
        trackers=tuple(tracker.config.id for tracker in selection.trackers),
        settings=settings,
        media=media,
        release_type=release_type,
        answers=whole_path(answers) if answers else None,
        verify=not no_verify,
        stage_folder=whole_path(stage_folder) if stage_folder else None,
        anonymous=anonymous,
        seed=not no_seed,
        allow_duplicate=allow_duplicate,
        one_album=one_album,
        limit=limit,
        jobs=jobs,
    )
    clients = () if dry_run or no_seed else watch_folders(configuration)
    job = order.job(common.locations.data / "torrents", clients, dry_run=dry_run)
    job = evolve(job, unusable=selection.unusable)
    for warning in selection.warnings:
        click.echo(f"warning: {sentence(warning)}", err=True)
    refuse_missing(paths, "nothing was sent")
    if not dry_run and (problem := folder_problem(job.upload.torrents_folder)):
        raise UsageError(f"nothing was sent: {problem}", hint="or name another folder with --data-dir")
    if not dry_run and not yes:
        _ask_for_library(job)
    hosts = usable_image_hosts(common, configuration, dry_run=dry_run)
    data = common.locations.data
    return run_and_ask(common, RunOrder(job, selection.trackers, data, order.text(), hosts))


def _ask_for_library(job: Job) -> None:
    """More than one album that nobody named is sent only on a yes: a slip of the path is easy."""
    albums = _unnamed_albums(job)
    if next(albums, None) is None or next(albums, None) is None:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            "nothing was sent: the PATHs hold more than one album",
            hint="--yes sends them all, --yes --limit N the first N",
        )
    if not click.confirm("The PATHs hold more than one album. Send them all?", err=True):
        raise UsageError("nothing was sent")


def _unnamed_albums(job: Job) -> Iterator[FileSet]:
    """The albums of the run that no PATH names itself."""
    found = (album for album in scan(job.paths, one_album=job.one_album) if isinstance(album, FileSet))
    return (album for album in islice(found, job.limit) if not album.named)
