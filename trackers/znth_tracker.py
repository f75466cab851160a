"""Zenith, stock UNIT3D. Ids from the table of Upload-Assistant (wastaken7's, read in 2026-11).

The category is also in Prowlarr's definition; what the site writes into `info.source` is not public.
"""

from __future__ import annotations

from .unit3d_tracker import MUSIC_TYPES, Unit3dTracker


class ZNTHTracker(Unit3dTracker):
    name = "Zenith"
    url = "https://znth.cx"
    category_ids = dict.fromkeys(MUSIC_TYPES, "5")
    format_ids = {"FLAC": "7", "MP3": "8"}
