"""What an examination of an album's files brings to light."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from attrs import frozen


class Severity(StrEnum):
    """What a finding means for the upload."""

    PROBLEM = "problem"
    """The album is not sent: the audio is damaged, or not what it claims to be."""
    WARNING = "warning"
    """Told, and sent all the same; a site's rules may make it a problem there."""
    UNJUDGED = "unjudged"
    """Nothing here can tell whether the audio is whole."""


@frozen
class Finding:
    """One fact about one file, or about the album where `path` is its folder."""

    severity: Severity
    reason: str
    """A stable word, such as `md5_mismatch`, `truncated`, `padded_bit_depth`, `missing_track`."""
    path: Path
    message: str
    """A sentence that names the file."""
