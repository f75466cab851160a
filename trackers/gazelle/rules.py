"""What all Gazelle sites refuse, as far as the open code and its uploaders tell."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from pipeline.model.album import Media
from pipeline.model.rules import COMMON_JUNK, SiteRules

EXTENSIONS = frozenset(
    {
        *("ac3", "accurip", "azw3", "chm", "cue", "djv", "djvu", "doc", "dts", "epub", "ffp", "flac", "gif"),
        *("htm", "html", "jpeg", "jpg", "lit", "log", "m3u", "m3u8", "m4a", "m4b", "md5", "mobi", "mp3"),
        *("mp4", "nfo", "pdf", "pls", "png", "rtf", "sfv", "txt"),
    }
)
"""Those of the ancestor, What.CD's Gazelle; OPS has a few more."""

FORBIDDEN_NAMES = (
    *("incomplete~", "ahashare.com", "demonoid.com", "demonoid.me", "djtunes.com", "h33t"),
    *("housexclusive.net", "limetorrents.com", "mixesdb.com", "mixfiend.blogstop", "mixtapetorrent.blogspot"),
    *("plixid.com", "reggaeme.com", "scc.nfo", "thepiratebay.org", "torrentday"),
)
"""In lower case; nowhere in a path may one of them stand (OPS `app/Util/FileChecker.php`)."""

LOGS_OF_NO_RIP = ("audiochecker.log", "sox.log")

_FAMILY = SiteRules(
    path_length=180,
    forbidden_characters=':?<>\\*|"',
    forbidden_prefixes=(" ",),
    folder_required=True,
    description_bytes=1_000_000,
    junk=(*COMMON_JUNK, *LOGS_OF_NO_RIP),
    extensions=EXTENSIONS,
    required=frozenset({"title", "year", "media", "release_type", "genres"}),
    earliest_year=((Media.CD, 1982),),
)


def gazelle_rules(**changes: Any) -> SiteRules:
    """The family's rules with a site's own; `more_extensions` are added to the family's."""
    more = frozenset(changes.pop("more_extensions", ()))
    return evolve(_FAMILY, extensions=EXTENSIONS | more, **changes)
