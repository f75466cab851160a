"""DICMusic. Its code is closed: what its clients send (smoked-salmon, nemorosa; both read in 2026-11).

Media, formats and bitrates are those on which the family agrees. The marks of an own purchase or an own rip
are not sent: only the uploader knows them, and a wrong one costs a warning.
"""

from __future__ import annotations

from .gazelle_tracker import GazelleTracker


class DICTracker(GazelleTracker):
    name = "DIC"
    url = "https://dicmusic.com"
    source_name = "DICMusic"
    api_auth_type = "header"
    api_auth_name = "Authorization"
    rate_limit = "5/10s"
    category_ids = {
        "ALBUM": "1",
        "SOUNDTRACK": "3",
        "EP": "5",
        "COMPILATION": "7",
        "SINGLE": "9",
        "LIVE": "11",
        "REMIX": "13",
        "BOOTLEG": "14",
        "INTERVIEW": "15",
        "MIXTAPE": "16",
        "DEMO": "17",
        "DJ_MIX": "19",
    }
