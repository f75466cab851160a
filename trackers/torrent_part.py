"""The torrent as a part of an upload."""

from __future__ import annotations

import re

from .request import FormFile

TORRENT_TYPE = "application/x-bittorrent"


def torrent_part(field: str, name: str, data: bytes) -> FormFile:
    """The torrent of the release `name`."""
    return FormFile(field, plain_file_name(name), TORRENT_TYPE, data)


def plain_file_name(name: str) -> str:
    """A name that needs no quoting in a form, whatever the release is called."""
    return f"{re.sub(r'[^A-Za-z0-9_-]+', '.', name)[:100].strip('.') or 'upload'}.torrent"
