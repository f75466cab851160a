"""The rules of two site families, as examples of what rules can say."""

from __future__ import annotations

from pipeline.model.album import Media, ReleaseType
from pipeline.model.audio import Codec
from pipeline.model.rules import COMMON_JUNK, SiteRules

UNIT3D = SiteRules(
    name_length=255,
    inner_path_length=255,
    forbidden_characters='\\/?<>:*|"',
    forbidden_prefixes=("~",),
    windows_names=True,
    description_bytes=65_535,
)

OPS_EXTENSIONS = (
    "ac3 accurip azw3 chm cue djv djvu doc docx dts epub ffp flac gif htm html jpeg jpg json lit lrc log m3u "
    "m3u8 m4a m4b md5 mobi mp3 mp4 nfo pdf pls png rtf sfv txt toc yaml yml"
)

GAZELLE = SiteRules(
    path_length=180,
    forbidden_characters='\\?<>:*|"',
    forbidden_prefixes=(" ",),
    folder_required=True,
    description_bytes=1_000_000,
    junk=(*COMMON_JUNK, "audiochecker.log", "sox.log"),
    extensions=frozenset(OPS_EXTENSIONS.split()),
    formats=frozenset({Codec.MP3, Codec.FLAC, Codec.AAC, Codec.AC3, Codec.DTS}),
    release_types=frozenset(ReleaseType) - {ReleaseType.SPOKEN},
    bit_depth_max=24,
    sample_rate_max=192_000,
    lossy_bitrate_min=192_000,
    one_track_is_single=True,
    upconverts_refused=True,
    mqa_refused=True,
    required=frozenset({"year", "media", "release_type", "genres"}),
    required_tags=frozenset({"artist", "album", "title", "tracknumber"}),
    genre_length=(2, 200),
    earliest_year=((Media.CD, 1982),),
)
