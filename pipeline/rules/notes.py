"""What a user should know of a release that is sent all the same."""

from __future__ import annotations

from collections.abc import Iterator

from ..file_sets import left_out
from ..model.album import Album
from ..model.release import Release
from ..model.rules import SiteRules
from ..rips.logs import is_of_another_disc
from ..text import printable
from .lines import set_option, shortened, shown
from .release import is_cd_rip


def warnings(release: Release, rules: SiteRules) -> list[str]:
    """The files that the site does not get, what is guessed, the logs with faults or without a score."""
    album = release.album
    return [
        *shortened(
            f"{shown(file.parts)} is left out of the torrent" for file in left_out(album.files, rules)
        ),
        *_guesses(album),
        *shortened(_unjudged_logs(album, rules)),
        *shortened(_faulty_logs(album)),
    ]


def _guesses(album: Album) -> Iterator[str]:
    for name in sorted(album.inferred):
        value, source = getattr(album, name), album.origins[name].source
        effect = "confirms" if album.said.get(name) == frozenset({value}) else "corrects"
        yield (
            f"the {name.replace('_', ' ')} {printable(str(value))} is only a guess by {printable(source)}: "
            f"{set_option(name)} {effect} it"
        )


def _unjudged_logs(album: Album, rules: SiteRules) -> Iterator[str]:
    least = rules.log_score_min
    for log in album.rip_logs if is_cd_rip(album) else ():
        if least is not None and log.score is None:
            yield f"{shown(log.file.parts)}: its score cannot be told here, the site takes {least} or more"


def _faulty_logs(album: Album) -> Iterator[str]:
    """What lowers a log's score, and a log that is of another disc, whatever the album's medium is."""
    for log in album.rip_logs:
        if log.deductions and (is_cd_rip(album) or is_of_another_disc(log)):
            yield f"{shown(log.file.parts)}: {printable('; '.join(log.deductions))}"
