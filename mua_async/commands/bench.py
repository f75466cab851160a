"""`mua-async bench`: measurements on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs
import click

from ..display.text import size_text
from ..options import EXISTING_PATH, Common, common_options
from ..output import json_line

MIB = 2**20


@click.group("bench")
def command() -> None:
    """Measure hashing and fan-out on this machine."""


@command.command("hash")
@click.argument("path", required=False, type=EXISTING_PATH)
@click.option("--size", type=click.IntRange(min=1), default=512, show_default=True, metavar="MIB")
@common_options
def hash_(common: Common, path: Path | None, size: int) -> int:
    """Hash an album with every engine, beside the hardware's limits and the torrent makers of this machine.

    Data of SIZE MiB is made if no PATH is given.
    """
    from ..bench.hash_rate import album_at, measure, write_album

    if not (common.json or common.quiet):
        click.echo("measuring for about a quarter of a minute, longer with more data", err=True)
    with TemporaryDirectory(prefix="mua-async-bench-") as folder:
        files = album_at(path) if path else write_album(Path(folder, "Album"), 12, size * MIB // 12)
        rate = measure(files, common.hash_engine)
    if common.json:
        json_line("bench_hash", **attrs.asdict(rate))
        return 0
    click.echo(f"{size_text(rate.size)} in pieces of {size_text(rate.piece_length)}, from the page cache")
    click.echo(f"engine in use: {rate.engine}")
    _show_rates("inside one process", rate.size, rate.inside)
    _show_rates("whole programs, with their start", rate.size, rate.programs)
    return 0


def _show_rates(title: str, size: int, seconds: Mapping[str, float]) -> None:
    """A table whose last column compares each line with the first."""
    first, one = next(iter(seconds.items()))
    width = max(map(len, (*seconds, title)))
    click.echo(f"\n{title:<{width}}   seconds    GB/s   times as long as {first}")
    for name, value in seconds.items():
        click.echo(f"{name:<{width}}{value:10.3f}{size / value / 1e9:8.2f}{value / one:8.2f}")


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
