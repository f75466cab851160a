"""The album that ships with the package, so that the main job can be seen without any music at hand."""

from __future__ import annotations

from pathlib import Path

ALBUM = Path(__file__).parent / "The Loopback Ensemble - Demo Tape for Two Sites (2024)"
