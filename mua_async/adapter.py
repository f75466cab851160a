"""All that a tracker adapter outside this project imports; everything else may change without notice.

An adapter for the id `XY` is a file `xy_tracker.py` in the `trackers` folder beside the configuration, or an
installed package with an entry point of the group `mua_async.trackers`. It defines a class `XYTracker`, a
subclass of `GenericTracker` or of a family: data first, then the hooks in which the site differs. `upload`
sends one creating request, through `self.session.create`; logins and the like go through
`self.session.post`.
"""

from __future__ import annotations

from pipeline.errors import NotSent, Rejected, Skipped, TrackerError, Unknown
from pipeline.model.release import Release
from pipeline.model.rules import SiteRules
from pipeline.model.upload import Existing, UploadRequest, UploadResult
from pipeline.secret import Secret
from trackers.client import Session
from trackers.generic_tracker import GenericTracker, KeyProof
from trackers.request import Answer, FieldValue, FormFile, Request
from trackers.tracker_config import ApiFormat, AuthType, CoverDemand, Rate, TrackerConfig
from trackers.unit3d_tracker import Unit3dTracker

ADAPTER_API = 1
"""Counts up when an adapter that was right before may have to change."""

__all__ = [
    "ADAPTER_API",
    "Answer",
    "ApiFormat",
    "AuthType",
    "CoverDemand",
    "Existing",
    "FieldValue",
    "FormFile",
    "GenericTracker",
    "KeyProof",
    "NotSent",
    "Rate",
    "Rejected",
    "Release",
    "Request",
    "Secret",
    "Session",
    "SiteRules",
    "Skipped",
    "TrackerConfig",
    "TrackerError",
    "Unit3dTracker",
    "Unknown",
    "UploadRequest",
    "UploadResult",
]
