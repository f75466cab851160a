"""What the pipeline is told of a tracker."""

from __future__ import annotations

from pipeline.model.cover import CoverSpec
from pipeline.model.rules import SiteRules
from pipeline.model.upload import TrackerProfile
from pipeline.secret import Secret

from .tracker_config import CoverDemand, TrackerConfig, site_of


def profile_of(
    config: TrackerConfig, rules: SiteRules, *, wants_cover_url: bool = False, groups_formats: bool = False
) -> TrackerProfile:
    """The profile of a tracker whose configuration is settled."""
    required = config.cover is CoverDemand.REQUIRED
    return TrackerProfile(
        id=config.id,
        name=config.name or config.id,
        site=site_of(config),
        announce_url=config.announce_url or Secret(""),
        source_name=config.source_name or "",
        anonymous=bool(config.anon),
        cover_wanted=required or wants_cover_url or cover_field(config) is not None,
        cover_required=required,
        rules=rules,
        name_template=config.name_template or "",
        description_template=config.description_template or "",
        give_up_after=config.give_up_after,
        settle_after=config.settle_after,
        repost_when_unknown=config.repost_when_unknown,
        cover_spec=cover_spec(rules),
        groups_formats=groups_formats,
    )


def cover_spec(rules: SiteRules) -> CoverSpec:
    """What the site's rules ask of a cover; the usual where they ask nothing."""
    usual = CoverSpec()
    return CoverSpec(
        side_max=rules.cover_side_max or usual.side_max,
        bytes_max=rules.cover_bytes_max or usual.bytes_max,
        formats=rules.cover_formats or usual.formats,
        square=rules.cover_square,
    )


def cover_field(config: TrackerConfig) -> str | None:
    """The file field that takes the cover; None where no picture is sent as a file."""
    return None if config.cover is CoverDemand.NONE else config.cover_field
