"""Rules about the kinds of files."""

from __future__ import annotations

from ..file_sets import extension
from ..model.files import FileSet
from ..model.rules import SiteRules
from .lines import shortened, shown


def file_problems(files: FileSet, rules: SiteRules) -> list[str]:
    """The audio with an extension that the site does not take; other such files are left out of its set."""
    allowed = rules.extensions
    if allowed is None:
        return []
    return shortened(
        f"{shown(file.parts)}: the site takes no .{extension(file)} files: "
        "give it the album in a format that it takes"
        for file in files.audio
        if extension(file) not in allowed
    )
