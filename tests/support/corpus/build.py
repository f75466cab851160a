"""Writes the whole corpus."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .encodings import encodings
from .manifest import CorpusAlbum
from .special import special_albums, untagged
from .tagged import TAGGINGS, make_tagged


def build_corpus(library: Path) -> list[CorpusAlbum]:
    """At least 150 albums below a folder, and what is true of each."""
    pairs = [(tagging, encoding) for encoding in encodings() for tagging in TAGGINGS]
    with ThreadPoolExecutor(2) as threads:  # most of the time is spent in encoders
        tagged = list(threads.map(lambda pair: make_tagged(library, *pair), pairs))
    return [*tagged, *special_albums(library), untagged(library)]
