"""All that a tracker adapter outside this project imports; everything else may change without notice.

An adapter for the id `XY` is a file `xy_tracker.py` in the `trackers` folder beside the configuration, or an
installed package with an entry point of the group `mua_async.trackers`. It defines a class `XYTracker`, a
subclass of `GenericTracker` or of a family: data first, then the hooks in which the site differs. `upload`
sends one creating request, through `self.session.create`; logins and the like go through
`self.session.post`. `docs/trackers.md` has an example of each hook; `mua-async tracker create XY` writes both
files.

A test derives `TestXY` from `TrackerConformance`, and gets the checks that our own trackers pass.
"""

from __future__ import annotations

from pipeline.errors import NotSent, Rejected, Skipped, TrackerError, Unknown
from pipeline.model.album import Album, Media, ReleaseType, Role
from pipeline.model.audio import Codec
from pipeline.model.cover import PictureFormat
from pipeline.model.release import Cover, Release
from pipeline.model.rules import SiteRules
from pipeline.model.upload import Existing, UploadRequest, UploadResult
from pipeline.secret import Secret
from trackers.client import Session
from trackers.conformance import CheckReport, SiteRequest, TrackerConformance, run_conformance
from trackers.gazelle.rules import gazelle_rules
from trackers.gazelle_tracker import GazelleTracker
from trackers.generic_tracker import GenericTracker, KeyProof
from trackers.registry import find_adapter
from trackers.request import Answer, FieldValue, FormFile, Json, Request
from trackers.tracker_config import ApiFormat, AuthType, CoverDemand, Rate, TrackerConfig
from trackers.unit3d_tracker import MUSIC_TYPES, Unit3dTracker

ADAPTER_API = 1
"""Counts up when an adapter that was right before may have to change."""

__all__ = [
    "ADAPTER_API",
    "MUSIC_TYPES",
    "Album",
    "Answer",
    "ApiFormat",
    "AuthType",
    "CheckReport",
    "Codec",
    "Cover",
    "CoverDemand",
    "Existing",
    "FieldValue",
    "FormFile",
    "GazelleTracker",
    "GenericTracker",
    "Json",
    "KeyProof",
    "Media",
    "NotSent",
    "PictureFormat",
    "Rate",
    "Rejected",
    "Release",
    "ReleaseType",
    "Request",
    "Role",
    "Secret",
    "Session",
    "SiteRequest",
    "SiteRules",
    "Skipped",
    "TrackerConfig",
    "TrackerConformance",
    "TrackerError",
    "Unit3dTracker",
    "Unknown",
    "UploadRequest",
    "UploadResult",
    "find_adapter",
    "gazelle_rules",
    "run_conformance",
]
