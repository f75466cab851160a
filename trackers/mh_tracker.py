"""MusicHaven, a generic site with a JSON API; its address is the user's to give."""

from __future__ import annotations

from .generic_tracker import GenericTracker


class MHTracker(GenericTracker):
    name = "MusicHaven"
    source_name = "MH"
    api_auth_type = "bearer"
    api_format = "json"
    custom_endpoint = "special/upload"
    category_ids = {"ALBUM": "5", "SINGLE": "6"}
    format_ids = {"FLAC": "10", "MP3": "11"}
