"""Checks a release against what a site refuses, so that nothing is hashed or sent in vain."""

from __future__ import annotations

from ..file_sets import files_for
from ..model.release import Release
from ..model.rules import SiteRules
from .cover import cover_problems
from .files import file_problems
from .findings import finding_problems
from .formats import format_problems
from .notes import warnings
from .paths import path_problems
from .release import release_problems
from .words import word_problems

__all__ = ["cover_problems", "finding_problems", "problems", "warnings"]


def problems(
    release: Release, rules: SiteRules, *, name: str | None = None, description: str | None = None
) -> list[str]:
    """What the site would refuse, one line a problem, each with what mends it; empty if nothing.

    Only the files that the site gets are looked at. `name`, `description` and the cover are checked where
    there is one. Asks nobody.
    """
    files = files_for(release.album.files, rules)
    return [
        *word_problems(rules, name, description),
        *path_problems(files, rules),
        *file_problems(files, rules),
        *format_problems(release.album, rules),
        *release_problems(release.album, rules),
        *cover_problems(release.cover, rules),
    ]
