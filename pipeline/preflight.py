"""What an album must pass at one tracker before its files are read: all that can be known without hashing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from anyio import to_thread
from attrs import field, frozen

from .describe import render_description, render_name
from .errors import AlbumError, Skipped, unexpected
from .events import Cell, UploadFailed, UploadSkipped
from .file_sets import files_for, release_with
from .hashing.layout import piece_length_under
from .model.files import FileSet
from .model.release import Release, Words
from .outcome import Outcome
from .ports import Tracker
from .rules import cover_problems, problems, warnings

T = TypeVar("T")


@frozen
class Admission:
    """What a tracker gets of a release that it can take."""

    words: Words
    files: FileSet
    piece_length: int
    """Bytes."""


@frozen
class Examination:
    """All that is known of a release at a tracker before its files are read."""

    problems: tuple[str, ...]
    """What keeps it from being sent there, one line each, with what mends it."""
    warnings: tuple[str, ...]
    """What the user should know of what is sent all the same."""
    words: Words | None
    files: FileSet
    """Those that the tracker gets."""
    piece_length: int | None
    reason: str
    """A stable word for the first problem; empty where there is none."""

    @property
    def admission(self) -> Admission | None:
        """What the tracker gets; None where there is a problem."""
        if self.problems or self.words is None or self.piece_length is None:
            return None
        return Admission(self.words, self.files, self.piece_length)


@frozen
class _Problems:
    """Collects problems instead of ending at the first."""

    reasons: dict[str, str] = field(factory=dict)
    """By the problem's text: an adapter's own rules and the core's may say the same."""

    def add(self, reason: str, *texts: str) -> None:
        for text in texts:
            self.reasons.setdefault(text, reason)

    def attempt(self, make: Callable[[], T]) -> T | None:
        """What `make` gives; None where it raises a problem, which is noted."""
        try:
            return make()
        except (AlbumError, Skipped) as error:
            self.add(error.reason, str(error))
            return None


def examine(tracker: Tracker, release: Release) -> Examination:
    """Every problem of the release at the tracker in one go; asks nobody. Blocks: it renders templates."""
    profile = tracker.profile
    files = files_for(release.album.files, profile.rules)
    sent = release_with(release, files)
    found = _Problems()
    found.add("rules", *(found.attempt(lambda: tracker.problems(sent)) or ()))
    name = found.attempt(lambda: render_name(sent, profile.name_template))
    description = found.attempt(lambda: render_description(sent, profile.description_template))
    found.add("rules", *problems(sent, profile.rules, name=name, description=description))
    piece_length = found.attempt(lambda: piece_length_under(profile.rules, files))
    return Examination(
        problems=tuple(found.reasons),
        warnings=tuple(warnings(release, profile.rules)),
        words=Words(name, description) if name is not None and description is not None else None,
        files=files,
        piece_length=piece_length,
        reason=next(iter(found.reasons.values()), ""),
    )


async def admit(tracker: Tracker, release: Release, cell: Cell) -> Admission | None:
    """What the tracker gets; None, with the verdict published, where the release cannot be sent there.

    A tracker that cannot even be asked ends alone.
    """
    try:
        # A user's template may take its time: it must not hold up the loop.
        found = await to_thread.run_sync(examine, tracker, release)
    except Exception as error:  # noqa: BLE001 - the worker's boundary
        cell.report(UploadFailed, outcome=Outcome.NOT_SENT, message=unexpected(error))
        return None
    if found.problems:
        cell.report(UploadSkipped, reason=found.reason, message="; ".join(found.problems))
    return found.admission


def has_its_cover(tracker: Tracker, release: Release, cell: Cell) -> bool:
    """Publishes the verdict where the release has no cover that the tracker must have, or one it refuses."""
    profile = tracker.profile
    if release.cover is None and profile.cover_required:
        message = f"{profile.name} wants a cover: {release.cover_problem}"
        cell.report(UploadSkipped, reason="missing", message=message)
        return False
    if broken := cover_problems(release.cover, profile.rules):
        cell.report(UploadSkipped, reason="rules", message="; ".join(broken))
        return False
    return True
