"""Gazelle sites of the sandbox, the trackers that speak to them, and albums in every form."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from attrs import evolve

from pipeline.errors import TrackerError
from pipeline.model.album import Credit, Media, ReleaseType, Role
from pipeline.model.pieces import Pieces
from pipeline.model.upload import UploadRequest, UploadResult
from pipeline.secret import Secret
from pipeline.torrent import make_torrent, read_torrent
from tests.support.requests import Connection, on_sandbox, with_album
from trackers.dic_tracker import DICTracker
from trackers.gazelle_tracker import GazelleTracker
from trackers.ops_tracker import OPSTracker
from trackers.red_tracker import REDTracker
from trackers.sandbox import Flavor, SandboxSettings, SandboxSite
from trackers.tracker_config import AuthType, Rate

SITES: Mapping[str, tuple[type[GazelleTracker], Flavor]] = {
    "OPS": (OPSTracker, Flavor.OPS),
    "RED": (REDTracker, Flavor.RED),
    "DIC": (DICTracker, Flavor.RED),
}
OWN_WORDS: Mapping[str, Any] = {"category_ids": {}, "format_ids": {}}
"""For a tracker that is configured with its class's own."""
BY_FORM: Mapping[str, Any] = {
    "api_auth_type": AuthType.SESSION,
    "username": "sandbox",
    "password": "sandbox-password",
}


EVERY_SITE = pytest.mark.parametrize("tracker_id", SITES)
BOTH_WAYS = pytest.mark.parametrize("config", [{}, BY_FORM], ids=["api", "form"])


def on_gazelle(
    tracker_id: str, *, config: Mapping[str, Any] = {}, **settings: Any
) -> AbstractAsyncContextManager[tuple[SandboxSite, Connection]]:
    """The tracker and a site of its make, which finds by name at once."""
    cls, flavor = SITES[tracker_id]
    values = {"source": cls.source_name, "search_lag": 0.0, "rate_limit": None, **settings}
    own: dict[str, Any] = {"tracker_id": tracker_id, **OWN_WORDS, "rate_limit": (Rate(10_000, 0.01),)}
    site = SandboxSite(flavor, SandboxSettings(**values))
    return on_sandbox(site, cls, **{**own, **config})


def with_source(request: UploadRequest, source: str) -> UploadRequest:
    """The request with the torrent that is made for such a site."""
    pieces = Pieces(
        request.release.album.files,
        request.torrent.piece_length,
        read_torrent(request.torrent.data).pieces,
    )
    announce = Secret("http://127.0.0.1:9/announce/my-passkey")
    return evolve(request, torrent=make_torrent(pieces, announce_url=announce, source=source))


def full_album(request: UploadRequest, **changes: Any) -> UploadRequest:
    """The release with everything known that a form can tell."""
    known: dict[str, Any] = {
        "media": Media.CD,
        "release_type": ReleaseType.ALBUM,
        "year": 1998,
        "edition_year": 2011,
        "label": "Hat & Coat",
        "catalogue_number": "HC 12",
        "edition": "Deluxe",
        "genres": ("Post-Rock", "R&B", "Música Popular"),
        "credits": (
            Credit("The  Testers", Role.MAIN),
            Credit("Ann Other", Role.MAIN),
            Credit("A Guest", Role.GUEST),
            Credit("A Mixer", Role.REMIXER),
            Credit("A Composer", Role.COMPOSER),
            Credit("A Conductor", Role.CONDUCTOR),
            Credit("A DJ", Role.DJ),
            Credit("A Producer", Role.PRODUCER),
        ),
    }
    return with_album(request, **{**known, **changes})


async def outcome(it: Connection, request: UploadRequest) -> UploadResult | TrackerError:
    try:
        return await it.tracker.upload(request)
    except TrackerError as error:
        return error
