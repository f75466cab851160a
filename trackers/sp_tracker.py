"""Seedpool, a UNIT3D fork. Ids as its own upload tool sends them (seed-pool/seed-tools, read in 2026-11)."""

from __future__ import annotations

from .unit3d_tracker import MUSIC_TYPES, Unit3dTracker


class SPTracker(Unit3dTracker):
    name = "Seedpool"
    url = "https://seedpool.org"
    source_name = "seedpool.org"
    category_ids = dict.fromkeys(MUSIC_TYPES, "5")
    format_ids = {"FLAC": "11", "MP3": "13"}
    name_template = "dotted_name"
