"""An album as its staged tree has it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attrs import evolve

from ..model.album import Album
from ..model.rules import SiteRules
from .names import repair, whole_paths
from .tree import stage


def stage_album(album: Album, rules: Sequence[SiteRules], folder: Path) -> Album:
    """The album under names that every rule set takes: itself, or as `stage` links it in `folder`. Blocks."""
    staged = stage(album.files, rules, folder)
    if staged is album.files:
        return album
    renamed = repair(album.files, rules)
    old_paths = dict(zip((file.path for file in album.files.files), whole_paths(album.files), strict=True))
    new_files = dict(zip(whole_paths(staged), staged.files, strict=True))
    tracks = tuple(
        evolve(track, file=new_files[renamed[old_paths[track.file.path]]]) for track in album.tracks
    )
    return evolve(album, files=staged, tracks=tracks)
