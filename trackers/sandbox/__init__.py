"""An embedded tracker site, all in memory: for rehearsals of a configuration, the demo and tests."""

from __future__ import annotations

from .faults import Fault
from .rules import SandboxRules
from .settings import Flavor, SandboxSettings
from .site import SandboxSite
from .state import SeenRequest, StoredFile, StoredUpload

__all__ = [
    "Fault",
    "Flavor",
    "SandboxRules",
    "SandboxSettings",
    "SandboxSite",
    "SeenRequest",
    "StoredFile",
    "StoredUpload",
]
