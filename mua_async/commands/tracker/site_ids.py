"""Compares the ids of a configuration with the names that the site itself gives them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from attrs import frozen

from trackers.tracker_config import TrackerConfig

Names = Mapping[str, Mapping[str, str]]
"""By table of the configuration and id."""

WORDS = {"category_ids": "category", "format_ids": "type"}
MUSIC = re.compile(r"musi[ckq](?! ?videos?)|m[uú]sica|audio(?! ?books?)|album|soundtrack|\bosts?\b", re.I)
OTHER_CATEGORIES = re.compile(
    r"movie|film|\btv\b|series|anime|game|\bapp|software|e-?book|audio ?book|comic|magazine|sport|xxx|video",
    re.I,
)
VIDEO_TYPES = re.compile(r"remux|encode|web-?dl|web-?rip|hdtv|full disc|dvd|video", re.I)
FORMAT_NAMES: Mapping[str, str] = {
    "FLAC": r"flac|lossless",
    "ALAC": r"alac|lossless",
    "WAV": r"\bwav\b|lossless",
    "AIFF": r"aiff|lossless",
    "WAVPACK": r"wavpack|lossless",
    "APE": r"\bape\b|monkey|lossless",
    "DSD": r"\bds[df]\b|sacd|lossless",
    "MP3": r"mp3|lossy",
    "AAC": r"aac|m4a|lossy",
    "OGG": r"ogg|vorbis|lossy",
    "OPUS": r"opus|lossy",
    "AC3": r"ac-?3|lossy",
    "DTS": r"dts|lossy",
}


@frozen
class IdFinding:
    """What the site tells of one configured id; `name` None where it lists nothing under it."""

    table: str
    key: str
    site_id: str
    name: str | None

    @property
    def mismatch(self) -> bool:
        """Whether the name speaks of something else than the key does; a name that says nothing is none."""
        if self.name is None:
            return False
        if self.table == "category_ids":
            return bool(OTHER_CATEGORIES.search(self.name)) and not MUSIC.search(self.name)
        return _is_other_format(self.key, self.name)

    def text(self, tracker_id: str) -> str:
        place = f"trackers.{tracker_id}.{self.table}.{self.key}"
        if self.name is None:
            kind = WORDS[self.table]
            return f'{place} = "{self.site_id}": the site has no such {kind}, or nothing is in it yet'
        told = f'{self.key} = {self.site_id} -> "{self.name}"'
        return f"{told}: that does not look right, check {place}" if self.mismatch else told


def compare_ids(config: TrackerConfig, names: Names) -> Iterator[IdFinding]:
    """A finding for each configured id of the tables that the site tells of; `config` is settled."""
    for table in WORDS:
        if table in names:
            for key, site_id in getattr(config, table).items():
                yield IdFinding(table, key, site_id, names[table].get(site_id))


def _is_other_format(key: str, name: str) -> bool:
    named = [known for known, pattern in FORMAT_NAMES.items() if re.search(pattern, name, re.I)]
    if named:
        return key in FORMAT_NAMES and key not in named
    return bool(VIDEO_TYPES.search(name))


def suggested_ids(table: str, names: Mapping[str, str]) -> dict[str, str]:
    """Ids that may be offered for an empty table: the one category of music, formats called by their name."""
    if table == "category_ids":
        music = [site_id for site_id, name in names.items() if MUSIC.search(name)]
        return {"*": music[0]} if len(music) == 1 else {}
    return {name.upper(): site_id for site_id, name in names.items() if name.upper() in FORMAT_NAMES}
