"""DarkPeers, stock UNIT3D. Ids and rules from Upload-Assistant (wastaken7's, read in 2026-11).

The category is also in Prowlarr's definition, the source in older releases of Upload-Assistant.
"""

from __future__ import annotations

from pipeline.model.rules import SiteRules

from .unit3d_tracker import MUSIC_TYPES, Unit3dTracker


class DPTracker(Unit3dTracker):
    name = "DarkPeers"
    url = "https://darkpeers.org"
    source_name = "DarkPeers"
    category_ids = dict.fromkeys(MUSIC_TYPES, "3")
    format_ids = {"FLAC": "8", "MP3": "7"}
    rules = SiteRules(inner_path_length=180, forbidden_prefixes=(" ",))
