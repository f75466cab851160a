"""What an album must pass at one tracker before its files are read: all that can be known without hashing."""

from __future__ import annotations

from anyio import to_thread

from .describe import render_description, render_name
from .errors import AlbumError, Skipped, unexpected
from .events import Cell, UploadFailed, UploadSkipped
from .hashing.layout import piece_length_under
from .model.release import Release, Words
from .outcome import Outcome
from .ports import Tracker
from .rules import problems


async def admit(tracker: Tracker, release: Release, cell: Cell) -> Words | None:
    """The tracker's words for the release; None, with the verdict published, where it cannot be sent there.

    A tracker that cannot even be asked ends alone.
    """
    try:
        # A user's template may take its time: it must not hold up the loop.
        return await to_thread.run_sync(_checked_words, tracker, release)
    except Skipped as error:
        cell.report(UploadSkipped, reason=error.reason, message=str(error))
    except AlbumError as error:
        cell.report(UploadSkipped, reason=error.reason, message=str(error))
    except Exception as error:  # noqa: BLE001 - the worker's boundary
        cell.report(UploadFailed, outcome=Outcome.NOT_SENT, message=unexpected(error))
    return None


def has_its_cover(tracker: Tracker, release: Release, cell: Cell) -> bool:
    """Publishes the verdict where the tracker must have a cover and the release has none."""
    profile = tracker.profile
    if release.cover is not None or not profile.cover_required:
        return True
    message = f"{profile.name} wants a cover: {release.cover_problem}"
    cell.report(UploadSkipped, reason="missing", message=message)
    return False


def _checked_words(tracker: Tracker, release: Release) -> Words:
    if refused := tracker.problems(release):
        raise Skipped("; ".join(refused), reason="rules")
    profile = tracker.profile
    name = render_name(release, profile.name_template)
    description = render_description(release, profile.description_template)
    if broken := problems(release, profile.rules, name=name, description=description):
        raise Skipped("; ".join(broken), reason="rules")
    piece_length_under(profile.rules, release.album.files)  # raises where no length suits the site
    return Words(name, description)
