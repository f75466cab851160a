"""What is asked of a site, and what it answers."""

from __future__ import annotations

from pathlib import Path

from attrs import field, frozen

from ..secret import Secret
from .cover import CoverSpec
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
    cover_url: str | None = None
    """Where the cover lies in the web, for a site that wants it so."""
    group_id: str | None = None
    """The site's group of the release that it joins; None where the site decides."""


@frozen
class Existing:
    """What the site holds already: the `same_content`, or another upload of the same release."""

    same_content: bool
    torrent_id: str | None
    url: str | None
    download_url: Secret | None
    name: str


@frozen
class SentUpload:
    """An upload as it was sent, whatever has become of the album since."""

    name: str
    torrent: Torrent
    """Ours; the site may have registered another."""
    files: tuple[tuple[tuple[str, ...], int], ...]
    """Path below the folder and size of each; for a single file its name."""


@frozen
class LookUp:
    """What a site's search tells of an upload; without a find, only `absent` tells that it has none."""

    found: Existing | None = None
    absent: bool = False
    asked: bool = True
    """False where the site has no search that could tell."""


@frozen
class UploadResult:
    """What the site said of an upload that it stored."""

    torrent_id: str | None = None
    url: str | None = None
    """The public page, without any key."""
    download_url: Secret | None = None
    """Where the site's own .torrent lies; on many sites the address carries a key."""
    message: str = ""
    group_id: str | None = None
    """The release that it was put into, on sites that group a release's formats."""
    existing: bool = False
    """The site had this very torrent already, and says so."""


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
    give_up_after: int = 5
    """Failures in a row after which the site is left alone for the rest of a run."""
    settle_after: float = 300.0
    """Seconds after which a look-up that finds nothing tells that an upload in doubt did not arrive."""
    repost_when_unknown: bool = False
    groups_formats: bool = False
    """The site keeps all formats of a release in one group."""
    """Whether an upload in doubt is sent again once a look-up has found nothing."""
    cover_spec: CoverSpec = field(factory=CoverSpec)
