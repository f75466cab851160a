"""Lat-Team, stock UNIT3D. Category, FLAC and source as a tool for its music sends them (read in 2026-11).

That tool is hatsalsa/Music-Assistant; the other types are from Upload-Assistant's table (wastaken7's). It has
both AAC and M4A as types, and no public word on which is meant for an album in AAC.
"""

from __future__ import annotations

from .unit3d_tracker import MUSIC_TYPES, Unit3dTracker


class LTTracker(Unit3dTracker):
    name = "Lat-Team"
    url = "https://lat-team.com"
    source_name = 'Lat-Team "Poder Latino"'
    category_ids = dict.fromkeys(MUSIC_TYPES, "3")
    format_ids = {"FLAC": "7", "ALAC": "8", "MP3": "11"}
