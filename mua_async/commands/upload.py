"""`mua-async upload`: the main job."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import click

from pipeline.errors import UsageError
from pipeline.flow import Job
from pipeline.model.album import Media, ReleaseType
from pipeline.model.files import FileSet
from pipeline.scan import scan
from pipeline.upload import UploadSettings

from ..clients import WatchFolder, folder_problem, watch_folder_problem
from ..config.configuration import Configuration
from ..display.text import sentence
from ..gap_questions import run_and_ask
from ..options import FOLDER, PATH, Common, common_options, refuse_missing
from ..selection import select
from ..settings import SET_HELP, user_words


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
    words = user_words(settings, media, release_type, answers)
    selection = select(common, configuration, ids, dry_run=dry_run)
    for warning in selection.warnings:
        click.echo(f"warning: {sentence(warning)}", err=True)
    refuse_missing(paths, "nothing was sent")
    clients = () if dry_run or no_seed else _watch_folders(configuration)
    torrents_folder = common.locations.data / "torrents"
    if not dry_run and (problem := folder_problem(torrents_folder)):
        raise UsageError(f"nothing was sent: {problem}", hint="or name another folder with --data-dir")
    job = Job(
        paths=paths,
        one_album=one_album,
        limit=limit,
        words=words,
        jobs=jobs,
        verify=not no_verify,
        stage_folder=stage_folder,
        upload=UploadSettings(
            torrents_folder=torrents_folder,
            dry_run=dry_run,
            anonymous=anonymous,
            allow_duplicate=allow_duplicate,
            clients=clients,
        ),
    )
    if not dry_run and not yes:
        _ask_for_library(job)
    return run_and_ask(common, job, selection.trackers)


def _watch_folders(configuration: Configuration) -> tuple[WatchFolder, ...]:
    problems = []
    for name, client in configuration.clients.items():
        if problem := watch_folder_problem(client.path):
            problems.append(f"clients.{name}.path: {problem}")
        elif not client.path.exists():
            made = f"{client.path} will be made: is it the folder that your client watches?"
            click.echo(f"warning: clients.{name}.path: {made}", err=True)
    if problems:
        raise UsageError(
            "nothing was sent: the torrents cannot be handed over",
            hint="--no-seed sends without",
            problems=tuple(problems),
        )
    return tuple(WatchFolder(name, client.path) for name, client in configuration.clients.items())


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
