"""The checks that every adapter passes, ours or a stranger's; with pytest, and without."""

from __future__ import annotations

from .kit import CheckReport, TrackerConformance, kit_beside, run_conformance
from .site import SiteRequest

__all__ = ["CheckReport", "SiteRequest", "TrackerConformance", "kit_beside", "run_conformance"]
