"""Gives an upload the address of its cover, where its site or its user wants one."""

from __future__ import annotations

from anyio import to_thread
from attrs import evolve

from pipeline.describe import render_description
from pipeline.errors import DescribeError, Skipped
from pipeline.events import Cell, CoverHosted
from pipeline.model.upload import UploadRequest
from pipeline.rules.words import word_problems

from .generic_tracker import GenericTracker
from .image_hosts.hosting import Hosting, NotHosted
from .profile import cover_field
from .tracker_config import CoverDemand

NO_HOST = "no image host is configured: docs/covers.md has the tables"


async def with_cover_address(
    request: UploadRequest, tracker: GenericTracker, hosting: Hosting | None, cell: Cell
) -> UploadRequest:
    """The request with `cover_url`, and with a description that shows it where that is configured.

    Without one it goes on as it is. Raises Skipped where the site must have a cover and gets none otherwise.
    """
    cover, config = request.release.cover, tracker.config
    if cover is None or not tracker.wants_cover_url:
        return request
    required = config.cover is CoverDemand.REQUIRED and cover_field(config) is None
    if hosting is None and not required and not config.cover_in_description:
        return request  # nobody has asked for it
    try:
        if hosting is None:
            raise NotHosted(NO_HOST)
        hosted = await hosting.place(cover, config.image_hosts)
    except NotHosted as error:
        if required:
            raise Skipped(f"{tracker.profile.name} wants a cover: {error}", reason="missing") from None
        cell.report(CoverHosted, url=None, host=None, problem=str(error))
        return request
    cell.report(CoverHosted, url=hosted.url, host=hosted.host or None, before=hosted.before)
    addressed = evolve(request, cover_url=hosted.url)
    return await _shown(addressed, tracker, cell) if config.cover_in_description else addressed


async def _shown(request: UploadRequest, tracker: GenericTracker, cell: Cell) -> UploadRequest:
    """With the picture in its description, unless that becomes too long for the site."""
    profile = tracker.profile
    template = profile.description_template
    try:
        text = await to_thread.run_sync(render_description, request.release, template, request.cover_url)
    except DescribeError as error:
        raise Skipped(str(error), reason=error.reason) from None
    for problem in word_problems(profile.rules, None, text):
        cell.report(CoverHosted, url=request.cover_url, host=None, problem=f"with it {problem}")
        return request
    return evolve(request, description=text)
