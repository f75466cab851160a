"""`mua-async sandbox`: an embedded site to rehearse a configuration or an adapter on."""

from __future__ import annotations

from pathlib import Path

import anyio
import click

from pipeline.errors import UsageError
from trackers.sandbox import Flavor, SandboxRules, SandboxSettings, SandboxSite
from trackers.sandbox.image_host import API_KEY, SandboxImageHost
from trackers.tracker_config import AuthType

from ..app import EXIT_BY_SIGNAL
from ..options import EXISTING_PATH, Common, common_options
from ..output import json_line
from ..sandbox_rules import read_site

SESSION_TABLE = """\
[TABLE.login]
endpoint = "login"
fields = { username = "{{ username }}", password = "{{ password }}", _token = "{{ csrf }}" }
csrf = { endpoint = "login", regex = 'name="_token" value="([^"]+)"' }
done = { location = "/$" }
refused = { text = 'class="error"' }
message = { regex = 'class="error">([^<]+)' }
[TABLE.answer]
done = { location = "/torrents/[0-9]+$" }
duplicate = { text = 'class="duplicate"' }
refused = { text = 'class="error"' }
expired = { location = "/login$" }
id = { location = "/torrents/([0-9]+)$" }
url = { location = "^(.+)$" }
message = { regex = 'class="(?:error|duplicate)">([^<]+)' }
"""
"""How the site of pages is described to the generic family."""


GAZELLE = {Flavor.OPS: "token", Flavor.RED: "header"}
"""The flavors of that family, and how they take the key."""

IMAGES = "images"
"""The flavor that is no tracker: a host of pictures."""


@click.command("sandbox")
@click.option(
    "--flavor",
    type=click.Choice([*(flavor.value for flavor in Flavor), IMAGES]),
    help="What the site runs.",
)
@click.option(
    "--rules",
    "rules_file",
    type=EXISTING_PATH,
    metavar="FILE",
    help="A TOML file that says how the site behaves.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="0 takes any free one.")
@common_options
def command(common: Common, flavor: str | None, rules_file: Path | None, port: int) -> int:
    """An embedded tracker site on this machine, to try configurations and adapters on.

    It forgets everything when it ends (Ctrl-C).
    """
    if flavor == IMAGES and rules_file is None:
        return anyio.run(_serve_images, common, port)
    if flavor is not None and rules_file is None:
        return anyio.run(_serve, common, Flavor(flavor), _settings(Flavor(flavor)), port)
    if rules_file is not None and flavor is None:
        site = read_site(rules_file)
        return anyio.run(_serve, common, site.rules, site.settings, port)
    raise UsageError(
        "the sandbox plays one site at a time",
        hint=f"give one of --flavor {'|'.join((*Flavor, IMAGES))} and --rules FILE",
    )


def _settings(flavor: Flavor) -> SandboxSettings:
    """Sites of the Gazelle family write their own name into torrents."""
    return SandboxSettings(source=flavor.upper()) if flavor in GAZELLE else SandboxSettings()


async def _serve(common: Common, kind: Flavor | SandboxRules, settings: SandboxSettings, port: int) -> int:
    with anyio.open_signal_receiver(*EXIT_BY_SIGNAL) as signals:
        async with SandboxSite(kind, settings, port=port) as site:
            if common.json:
                _introduce_as_json(kind, site)
            elif isinstance(kind, SandboxRules):
                _introduce_rules(kind, site)
            else:
                _introduce_flavor(common, kind, site)
            return EXIT_BY_SIGNAL[await anext(signals)]


async def _serve_images(common: Common, port: int) -> int:
    with anyio.open_signal_receiver(*EXIT_BY_SIGNAL) as signals:
        async with SandboxImageHost(port=port) as host:
            if common.json:
                json_line("sandbox_started", flavor=IMAGES, url=host.url, api_key=API_KEY)
            else:
                _introduce_images(common, host)
            return EXIT_BY_SIGNAL[await anext(signals)]


def _introduce_images(common: Common, host: SandboxImageHost) -> None:
    click.echo(f"""\
An image host listens on {host.url} and forgets everything at Ctrl-C.
To put covers there, write this into {common.config.path}, and
cover_in_description = true into a tracker's table:

[image_hosts.sandbox]
type = "imgbb"
url = "{host.url}/1/upload"
api_key = "{API_KEY}"
""")


def _introduce_as_json(kind: Flavor | SandboxRules, site: SandboxSite) -> None:
    json_line(
        "sandbox_started",
        flavor="rules" if isinstance(kind, SandboxRules) else kind,
        url=site.url,
        announce_url=site.announce_url,
        api_key=site.settings.api_key,
        username=site.settings.username,
        password=site.settings.password,
    )


def _introduce_rules(rules: SandboxRules, site: SandboxSite) -> None:
    """Says what the configuration to be rehearsed must have; how it is written is what one rehearses."""
    click.echo(f"""\
A site of the rules `{rules.name}` listens on {site.url} and forgets everything at Ctrl-C.
It takes uploads at {site.url}/{rules.custom_endpoint.lstrip("/")} from this account:

url = "{site.url}"
announce_url = "{site.announce_url}"
{_account(rules, site.settings)}""")


def _account(rules: SandboxRules, settings: SandboxSettings) -> str:
    if rules.api_auth_type not in {AuthType.BASIC, AuthType.SESSION}:
        return f'api_key = "{settings.api_key}"\n'
    return f'username = "{settings.username}"\npassword = "{settings.password}"\n'


def _introduce_flavor(common: Common, flavor: Flavor, site: SandboxSite) -> None:
    """Says what to configure, so that an upload to the site works."""
    if flavor in GAZELLE:
        _introduce_gazelle(common, flavor, site)
        return
    category, format_id = min(site.settings.category_ids), min(site.settings.type_ids)
    table = f"trackers.SANDBOX-{flavor.upper()}"
    family = Flavor.GENERIC if flavor is Flavor.SESSION else flavor
    download = "" if flavor is Flavor.UNIT3D else 'download_endpoint = "download/{id}"\n'
    described = SESSION_TABLE.replace("TABLE", table) if flavor is Flavor.SESSION else ""
    click.echo(f"""\
A {flavor} site listens on {site.url} and forgets everything at Ctrl-C.
To upload to it, write this into {common.config.path}
(`chmod 600` that file, since it holds a key):

[{table}]
type = "{family}"
url = "{site.url}"
announce_url = "{site.announce_url}"
{_credentials(flavor, site.settings)}{download}category_ids = {{ "*" = "{category}" }}
format_ids = {{ "*" = "{format_id}" }}
{described}""")


def _introduce_gazelle(common: Common, flavor: Flavor, site: SandboxSite) -> None:
    """Says both ways in: by the key, and by the form after a login."""
    settings = site.settings
    click.echo(f"""\
A Gazelle site like {flavor.upper()} listens on {site.url} and forgets everything at Ctrl-C.
To upload to it, write this into {common.config.path}
(`chmod 600` that file, since it holds a key):

[trackers.SANDBOX-{flavor.upper()}]
type = "gazelle"
url = "{site.url}"
announce_url = "{site.announce_url}"
source_name = "{settings.source}"
api_auth_type = "{GAZELLE[flavor]}"
api_key = "{settings.api_key}"

To log in and use the form instead, leave out the last two lines and write

api_auth_type = "session"
username = "{settings.username}"
password = "{settings.password}"
""")


def _credentials(flavor: Flavor, settings: SandboxSettings) -> str:
    if flavor is not Flavor.SESSION:
        return f'api_key = "{settings.api_key}"\n'
    return f"""\
custom_endpoint = "upload"
api_auth_type = "session"
username = "{settings.username}"
password = "{settings.password}"
"""
