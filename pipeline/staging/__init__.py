"""A tree beside the library in which an album bears names that every site takes."""

from __future__ import annotations

from .album import stage_album
from .names import repair
from .tree import stage

__all__ = ["repair", "stage", "stage_album"]
