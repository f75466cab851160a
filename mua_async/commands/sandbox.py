"""`mua-async sandbox`: an embedded site to rehearse a configuration or an adapter on."""

from __future__ import annotations

import anyio
import click

from trackers.sandbox import Flavor, SandboxSettings, SandboxSite

from ..app import EXIT_BY_SIGNAL
from ..options import Common, common_options
from ..output import json_line


@click.command("sandbox")
@click.option(
    "--flavor",
    type=click.Choice([flavor.value for flavor in Flavor]),
    required=True,
    help="What the site runs.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="0 takes any free one.")
@common_options
def command(common: Common, flavor: str, port: int) -> int:
    """An embedded tracker site on this machine, to try configurations and adapters on.

    It forgets everything when it ends (Ctrl-C).
    """
    return anyio.run(_serve, common, Flavor(flavor), port)


async def _serve(common: Common, flavor: Flavor, port: int) -> int:
    with anyio.open_signal_receiver(*EXIT_BY_SIGNAL) as signals:
        async with SandboxSite(flavor, SandboxSettings(), port=port) as site:
            _introduce(common, flavor, site)
            return EXIT_BY_SIGNAL[await anext(signals)]


def _introduce(common: Common, flavor: Flavor, site: SandboxSite) -> None:
    """Says what to configure, so that an upload to the site works."""
    key = site.settings.api_key
    if common.json:
        json_line("sandbox_started", flavor=flavor, url=site.url, announce_url=site.announce_url, api_key=key)
        return
    category, format_id = min(site.settings.category_ids), min(site.settings.type_ids)
    download = 'download_endpoint = "download/{id}"\n' if flavor is Flavor.GENERIC else ""
    click.echo(f"""\
A {flavor} site listens on {site.url} and forgets everything at Ctrl-C.
To upload to it, write this into {common.config.path}
(`chmod 600` that file, since it holds a key):

[trackers.SANDBOX-{flavor.upper()}]
type = "{flavor}"
url = "{site.url}"
announce_url = "{site.announce_url}"
api_key = "{key}"
{download}category_ids = {{ "*" = "{category}" }}
format_ids = {{ "*" = "{format_id}" }}
""")
