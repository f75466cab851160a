"""`mua-async bench`: measurements on this machine."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import attrs
import click

from ..options import Common, common_options
from ..output import json_line

MIB = 2**20


@click.group("bench")
def command() -> None:
    """Measure hashing and fan-out on this machine."""


@command.command("hash")
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--size", type=click.IntRange(min=1), default=512, show_default=True, metavar="MIB")
@common_options
def hash_(common: Common, path: Path | None, size: int) -> int:
    """Hash an album with every engine, beside the hardware's limits and the torrent makers of this machine.

    Data of SIZE MiB is made if no PATH is given.
    """
    from ..bench.hash_rate import CORE_LIMIT, OURS, album_at, measure, write_album

    with TemporaryDirectory(prefix="mua-async-bench-") as folder:
        files = album_at(path) if path else write_album(Path(folder, "Album"), 12, size * MIB // 12)
        rate = measure(files, common.hash_engine)
    if common.json:
        json_line("bench_hash", **attrs.asdict(rate))
        return 0
    click.echo(f"{rate.size / MIB:.0f} MiB in pieces of {rate.piece_length / MIB:g} MiB, from the page cache")
    click.echo(f"engine in use: {rate.engine}")
    for title, seconds, one in (
        ("inside one process", rate.inside, rate.inside[CORE_LIMIT]),
        ("whole programs", rate.programs, rate.programs[OURS]),
    ):
        click.echo(f"{title:<32}   seconds      GB/s   time to the first's")
        for name, value in seconds.items():
            click.echo(f"  {name:<30}{value:10.3f}{rate.size / value / 1e9:10.2f}{value / one:10.2f}")
    return 0


@command.command("upload")
@click.option("--sites", type=click.IntRange(min=1), default=8, show_default=True, metavar="N")
@click.option("--latency", type=click.FloatRange(min=0), default=1.0, show_default=True, metavar="SECONDS")
@common_options
def upload(common: Common, sites: int, latency: float) -> int:
    """Send one album to N embedded sites that each take SECONDS to answer."""
    from ..bench.fan_out import measure
    from ..demo import ALBUM

    result = measure(ALBUM, sites, latency)
    if common.json:
        json_line("bench_upload", **attrs.asdict(result))
        return 0
    click.echo(f"one album to {sites} sites that each take {latency:g} s to answer")
    click.echo(f"  own work (sites answer at once) {result.own_work:7.2f} s")
    click.echo(f"  at once                         {result.at_once:7.2f} s")
    click.echo(f"  one site after the other        {result.one_by_one:7.2f} s")
    click.echo(f"  ratio                           {result.at_once / result.one_by_one:7.2f}")
    return 0
