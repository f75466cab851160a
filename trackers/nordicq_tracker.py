"""NordicQuality, stock UNIT3D. Ids and names from Upload-Assistant (wastaken7's, read in 2026-11).

The category is also in Prowlarr's definition; what the site writes into `info.source` is not public.
"""

from __future__ import annotations

from .unit3d_tracker import MUSIC_TYPES, Unit3dTracker


class NORDICQTracker(Unit3dTracker):
    name = "NordicQuality"
    url = "https://nordicq.org"
    category_ids = dict.fromkeys(MUSIC_TYPES, "3")
    format_ids = {"FLAC": "8", "MP3": "7"}
    name_template = "dotted_name"
