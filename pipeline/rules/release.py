"""Rules about what must be known of an album, and about what it may be."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.album import Album, Media, ReleaseType
from ..model.rules import SiteRules
from ..text import printable
from .lines import listed, set_option, shortened, shown


def release_problems(album: Album, rules: SiteRules) -> list[str]:
    """What is missing or refused of the album's type, fields, tags, genres, years and rip logs."""
    return [
        *_type_problems(album, rules),
        *_missing_fields(album, rules),
        *shortened(_missing_tags(album, rules)),
        *shortened(_genre_problems(album, rules)),
        *_year_problems(album, rules),
        *_log_problems(album, rules),
    ]


def is_cd_rip(album: Album) -> bool:
    """Whether a ripper's log can be asked for."""
    return album.media is Media.CD and all(track.stream.lossless for track in album.tracks)


def _type_problems(album: Album, rules: SiteRules) -> Iterator[str]:
    kind, taken = album.release_type, rules.release_types
    if kind is not None and taken is not None and kind not in taken:
        yield (
            f"the site takes no release of type {kind}: it takes {listed(taken)}; "
            f"{set_option('release_type')} corrects a wrong one"
        )
    if rules.one_track_is_single and len(album.tracks) == 1 and kind is not ReleaseType.SINGLE:
        yield (
            f"one track is a SINGLE at the site, not {kind or 'of no known type'}: "
            "--set release_type=single, or correct the tag"
        )


def _missing_fields(album: Album, rules: SiteRules) -> Iterator[str]:
    for name in sorted(rules.required):
        if not getattr(album, name):
            yield f"the site wants to know the {name.replace('_', ' ')}: {set_option(name)}, or tag the files"


def _missing_tags(album: Album, rules: SiteRules) -> Iterator[str]:
    for track in album.tracks:
        if missing := [name for name in sorted(rules.required_tags) if not track.tags.get(name)]:
            yield f"{shown(track.file.parts)}: the site wants the tag {', '.join(missing)}: tag the file"


def _genre_problems(album: Album, rules: SiteRules) -> Iterator[str]:
    if rules.genre_length is None:
        return
    fewest, most = rules.genre_length
    for genre in album.genres:
        if not fewest <= len(genre) <= most:
            yield (
                f"the genre “{printable(genre)}” has {len(genre)} characters, "
                f"the site takes {fewest} to {most}: change it in the tags"
            )


def _year_problems(album: Album, rules: SiteRules) -> Iterator[str]:
    year = album.edition_year or album.year
    for media, earliest in rules.earliest_year:
        if album.media is media and year is not None and year < earliest:
            yield (
                f"no {media} is of {year}, the site takes them from {earliest} on: "
                f"give the year of this edition, {set_option('edition_year')}"
            )


def _log_problems(album: Album, rules: SiteRules) -> Iterator[str]:
    if not is_cd_rip(album):
        return
    if rules.log_required and not album.rip_logs:
        yield "the site takes a CD only with the ripper's log: put the log beside the tracks, or rip it anew"
    for log in album.rip_logs:
        if rules.log_score_min is not None and log.score is not None and log.score < rules.log_score_min:
            reasons = f" ({printable('; '.join(log.deductions))})" if log.deductions else ""
            yield (
                f"{shown(log.file.parts)}: the log scores {log.score}{reasons}, "
                f"the site takes {rules.log_score_min}: rip the CD anew"
            )
