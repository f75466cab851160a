"""Finds an album's cover and makes it fit for each site; the album itself is only ever read."""

from .candidates import MAX_INPUT_BYTES
from .making import Covers, prepare_covers
from .room import PictureRoom

__all__ = ["MAX_INPUT_BYTES", "Covers", "PictureRoom", "prepare_covers"]
