"""Redacted. Its code is closed: what its clients send (gazelle_api, smoked-salmon; both read in 2026-11).

The extensions are those of its ancestor, and the two of DSD.
"""

from __future__ import annotations

from pipeline.model.album import Media

from .gazelle.rules import gazelle_rules
from .gazelle_tracker import GazelleTracker


class REDTracker(GazelleTracker):
    name = "RED"
    url = "https://redacted.sh"
    source_name = "RED"
    api_auth_type = "header"
    api_auth_name = "Authorization"
    rate_limit = "10/10s"
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
    format_ids = {
        "MP3": "MP3",
        "FLAC": "FLAC",
        "AAC": "AAC",
        "AC3": "AC3",
        "DTS": "DTS",
        "DSD": "DSD",
    }
    media_words = {
        Media.CD: "CD",
        Media.WEB: "WEB",
        Media.VINYL: "Vinyl",
        Media.DVD: "DVD",
        Media.BLURAY: "Blu-Ray",
        Media.SACD: "SACD",
        Media.DAT: "DAT",
        Media.CASSETTE: "Cassette",
    }
    bitrates = (
        *("192", "256", "320"),
        *("V0 (VBR)", "V1 (VBR)", "V2 (VBR)", "APS (VBR)", "APX (VBR)"),
        *("Lossless", "24bit Lossless", "DSD64", "DSD128", "DSD256", "DSD512", "Other"),
    )
    rules = gazelle_rules(
        more_extensions=("dff", "dsf"),
        required_tags=frozenset({"artist", "album", "title", "tracknumber"}),
        one_track_is_single=True,
        bit_depth_max=24,
        sample_rate_max=192_000,
        lossy_bitrate_min=192_000,
        upconverts_refused=True,
        mqa_refused=True,
    )
