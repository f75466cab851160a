"""What a site refuses, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:  # hashing needs the rules, and none of these
    from .album import Media, ReleaseType
    from .audio import Codec
    from .cover import PictureFormat

COMMON_JUNK = (
    ".DS_Store",
    "._*",
    "Thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "@eaDir",
    ".AppleDouble",
    "__MACOSX",
    ".Trash*",
    ".directory",
    "*.part",
    "*.!qB",
    "*.torrent",
    "*.url",
)
"""What file managers, network storage and torrent clients leave behind."""


@frozen
class SiteRules:
    """What a site refuses: checked before anything is hashed or sent. None and empty ask nothing."""

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

    junk: tuple[str, ...] = COMMON_JUNK
    """Patterns of names, in any case, of files and folders that are left out of the torrent."""
    extensions: frozenset[str] | None = None
    """Lower case, without the dot; a file with another is left out, and audio with another is refused."""

    formats: frozenset[Codec] | None = None
    release_types: frozenset[ReleaseType] | None = None
    bit_depth_max: int | None = None
    sample_rate_max: int | None = None
    """Hertz."""
    lossy_bitrate_min: int | None = None
    """Bits a second, on average over the album; a LAME V preset is exempt."""
    one_track_is_single: bool = False
    """An album of one track is refused unless its type is SINGLE."""
    upconverts_refused: bool = False
    """Samples that are padded to more bits than they have."""
    mqa_refused: bool = False

    required: frozenset[str] = frozenset()
    """Fields of the album that must be known: `year`, `media`, `label`, `genres`..."""
    required_tags: frozenset[str] = frozenset()
    """Vorbis names of tags that every track must have: `artist`, `album`, `title`, `tracknumber`."""
    genre_length: tuple[int, int] | None = None
    """The fewest and the most characters of a genre."""
    earliest_year: tuple[tuple[Media, int], ...] = ()
    """The first year that is believed of a medium."""

    log_required: bool = False
    """A CD rip comes with its ripper's log."""
    log_score_min: int | None = None

    cover_bytes_max: int | None = None
    cover_side_min: int | None = None
    """Pixels of the shorter side."""
    cover_side_max: int | None = None
    """Pixels of the longer side; a larger picture is made smaller."""
    cover_formats: frozenset[PictureFormat] | None = None
    """None is JPEG and PNG."""
    cover_square: bool = False
    """A picture that is not square is set on white."""
