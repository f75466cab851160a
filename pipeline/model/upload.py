"""What is asked of a site, and what it answers."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from ..secret import Secret
from .pieces import Torrent
from .release import Release
from .rules import SiteRules


@frozen
class UploadRequest:
    """One release for one tracker: everything that the site is told."""

    release: Release
    torrent: Torrent
    name: str
    description: str
    anonymous: bool


@frozen
class Existing:
    """What the site holds already: the `same_content`, or another upload of the same release."""

    same_content: bool
    torrent_id: str | None
    url: str | None
    download_url: Secret | None
    name: str


@frozen
class UploadResult:
    """What the site said of an upload that it stored."""

    torrent_id: str | None = None
    url: str | None = None
    """The public page, without any key."""
    download_url: Secret | None = None
    """Where the site's own .torrent lies; on many sites the address carries a key."""
    message: str = ""


@frozen
class SeedReport:
    """What became of a torrent at a client; `seeds` is None where the client cannot tell."""

    seeds: bool | None
    path: Path | None = None
    message: str = ""


@frozen
class TrackerProfile:
    """What the core needs to know of a tracker to make its torrent, its name and its description."""

    id: str
    name: str
    site: str
    """Host, port and base path: two ids of one site are one tracker."""
    announce_url: Secret
    source_name: str
    anonymous: bool
    cover_wanted: bool
    cover_required: bool
    rules: SiteRules
    name_template: str
    description_template: str
