"""Writes the adapter of a new tracker, and its test, from the template that ships with the package."""

from __future__ import annotations

from .create import create_adapter
from .family import AdapterFamily

__all__ = ["AdapterFamily", "create_adapter"]
