"""What a site refuses, as data."""

from __future__ import annotations

from attrs import frozen


@frozen
class SiteRules:
    """What a site refuses, as data: checked before anything is hashed or sent."""

    name_length: int | None = None
    """Characters of the release name."""
    path_length: int | None = None
    """Characters of folder and file together."""
    inner_path_length: int | None = None
    """Characters of a file's path below the album folder."""
    file_name_bytes: int = 255
    forbidden_characters: str = ""
    windows_names: bool = False
    """Device names, and names that end in a dot or a space, are refused."""
    forbidden_prefixes: tuple[str, ...] = ()
    folder_required: bool = False
    """A single file must lie in a folder."""
    description_bytes: int | None = None
    piece_length_max: int | None = None
    """Bytes."""
    torrent_bytes_max: int | None = None
    """The size of the .torrent itself."""
