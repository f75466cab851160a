"""YU-Scene, stock UNIT3D. Ids from the table of Upload-Assistant (read in 2026-11)."""

from __future__ import annotations

from .unit3d_tracker import MUSIC_TYPES, Unit3dTracker


class YUSTracker(Unit3dTracker):
    name = "YU-Scene"
    url = "https://yu-scene.net"
    source_name = "YuScene"
    category_ids = dict.fromkeys(MUSIC_TYPES, "8")
    format_ids = {"FLAC": "16", "MP3": "9", "AAC": "31"}
