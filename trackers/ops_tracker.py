"""Orpheus. Words, numbers and extensions from its open code (OPSnet/Gazelle of 2025-02, read in 2026-11).

A path may have 255 characters in the code, and 180 by the site's rules.
"""

from __future__ import annotations

from pipeline.model.album import Media

from .gazelle.rules import gazelle_rules
from .gazelle_tracker import GazelleTracker


class OPSTracker(GazelleTracker):
    name = "OPS"
    url = "https://orpheus.network"
    source_name = "OPS"
    api_auth_type = "token"
    rate_limit = "5/10s"
    category_ids = {
        "ALBUM": "1",
        "SOUNDTRACK": "3",
        "EP": "5",
        "COMPILATION": "7",
        "SINGLE": "9",
        "DEMO": "10",
        "LIVE": "11",
        "REMIX": "13",
        "BOOTLEG": "14",
        "INTERVIEW": "15",
        "MIXTAPE": "16",
        "DJ_MIX": "17",
    }
    format_ids = {
        "MP3": "MP3",
        "FLAC": "FLAC",
        "OGG": "Ogg Vorbis",
        "AAC": "AAC",
        "AC3": "AC3",
        "DTS": "DTS",
    }
    media_words = {
        Media.CD: "CD",
        Media.WEB: "WEB",
        Media.VINYL: "Vinyl",
        Media.DVD: "DVD",
        Media.BLURAY: "BD",
        Media.SACD: "SACD",
        Media.DAT: "DAT",
        Media.CASSETTE: "Cassette",
    }
    bitrates = (
        *("Lossless", "24bit Lossless", "V0 (VBR)", "V1 (VBR)", "V2 (VBR)"),
        *("320", "256", "192", "160", "128", "96", "64"),
        *("APS (VBR)", "APX (VBR)", "q8.x (VBR)", "Other"),
    )
    text_bytes = (1, 80)
    rules = gazelle_rules(
        more_extensions=("docx", "json", "lrc", "toc", "yaml", "yml"),
        required_tags=frozenset({"artist", "album", "title", "tracknumber"}),
        one_track_is_single=True,
        bit_depth_max=24,
        sample_rate_max=192_000,
        upconverts_refused=True,
        mqa_refused=True,
    )
