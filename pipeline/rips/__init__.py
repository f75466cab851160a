"""The logs that CD rippers leave beside the audio: who ripped, and how well."""

from __future__ import annotations

from .logs import read_rip_logs

__all__ = ["read_rip_logs"]
