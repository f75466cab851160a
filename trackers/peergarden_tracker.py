"""PeerGarden, stock UNIT3D. Ids from the table of Upload-Assistant (wastaken7's, read in 2026-11).

The category is also in Prowlarr's definition; what the site writes into `info.source` is not public.
It has both AAC and M4A as types, and no public word on which is meant for an album in AAC.
"""

from __future__ import annotations

from .unit3d_tracker import MUSIC_TYPES, Unit3dTracker


class PEERGARDENTracker(Unit3dTracker):
    name = "PeerGarden"
    url = "https://peergarden.org"
    category_ids = dict.fromkeys(MUSIC_TYPES, "5")
    format_ids = {"FLAC": "7", "ALAC": "8", "MP3": "11", "WAV": "21"}
