"""LST, a UNIT3D fork. Ids from the table of Upload-Assistant (wastaken7's, read in 2026-11).

The category is also in Prowlarr's definition, the source in older releases of Upload-Assistant.
"""

from __future__ import annotations

from .unit3d_tracker import MUSIC_TYPES, Unit3dTracker


class LSTTracker(Unit3dTracker):
    name = "LST"
    url = "https://lst.gg"
    source_name = "LST.GG"
    category_ids = dict.fromkeys(MUSIC_TYPES, "3")
    format_ids = {"FLAC": "7", "ALAC": "8", "AAC": "10", "MP3": "11"}
