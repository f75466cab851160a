"""The queues to the trackers: which album gets a place in which, and what was tried there already."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from attrs import field, frozen

from .events import Cell, Event, GapsFound, UploadSkipped
from .gap_file import gap_entry, missing_fields
from .model.album import Album
from .model.release import PreparedAlbum, Release
from .ports import Tracker
from .preflight import Admission, admit
from .switch import Switch


@frozen
class Unsettled:
    """An upload of an earlier run whose end is to be found out; without an `album` nothing can be sent."""

    album: Album | None
    content_id: str
    path: Path


Work: TypeAlias = PreparedAlbum | Unsettled


@frozen
class Lane:
    """A tracker and its queue of albums.

    The same audio is tried once in a run. What ended before it was tried, since its files had changed or the
    site could not be asked, leaves the turn to a copy; a copy's own cell is skipped as `same_content`.
    """

    tracker: Tracker
    publish: Callable[[Event], None]
    send: MemoryObjectSendStream[Work]
    receive: MemoryObjectReceiveStream[Work]
    switch: Switch
    _tried: set[bytes] = field(factory=set, init=False)
    """Digests of content ids: a library may hold a great many."""

    @property
    def site(self) -> str:
        return self.tracker.profile.site

    def cell(self, path: Path, content_id: str) -> Cell:
        """An album's cell at this tracker."""
        return Cell(path, content_id, self.tracker.profile.id, self.publish)

    def has_tried(self, content_id: str) -> bool:
        return _digest(content_id) in self._tried

    def remember(self, content_id: str) -> None:
        self._tried.add(_digest(content_id))


@frozen
class Place:
    """An album's place at a tracker that can take it."""

    lane: Lane
    cell: Cell
    admission: Admission


async def open_places(album: Album, lanes: Sequence[Lane], publish: Callable[[Event], None]) -> list[Place]:
    """One for each tracker that can take the album; each of the others is told why not."""
    release, places = Release(album), []
    for lane in lanes:
        cell = lane.cell(album.files.library_path, album.content_id)
        if admission := await admit(lane.tracker, release, cell):
            places.append(Place(lane, cell, admission))
    _tell_gaps(album, lanes, places, publish)
    return places


def lanes_by_site(path: Path, content_id: str, lanes: Sequence[Lane]) -> list[Lane]:
    """One lane for each site; an id that names a site once more is told so, as is one that is off."""
    taken = dict[str, str]()
    chosen = []
    for lane in lanes:
        profile, cell = lane.tracker.profile, lane.cell(path, content_id)
        first = taken.setdefault(profile.site, profile.id)
        if first != profile.id:
            message = f"{profile.id} is the same site as {first}"
            cell.report(UploadSkipped, reason="same_site", message=message)
        elif lane.switch.off:
            skip_switched_off(cell, lane)
        else:
            chosen.append(lane)
    return chosen


def skip_switched_off(cell: Cell, lane: Lane) -> None:
    message = f"{cell.tracker} gets nothing more in this run: {lane.switch.off}"
    cell.report(UploadSkipped, reason="tracker_off", message=message)


def _tell_gaps(
    album: Album, lanes: Sequence[Lane], places: Sequence[Place], publish: Callable[[Event], None]
) -> None:
    """Tells what is missing, where a tracker is closed to the album for that."""
    taken = {place.cell.tracker for place in places}
    closed = [lane.tracker.profile for lane in lanes if lane.tracker.profile.id not in taken]
    wanting = [profile for profile in closed if missing_fields(album, profile.rules.required)]
    if wanting:
        entry = gap_entry(album, frozenset[str]().union(*(profile.rules.required for profile in wanting)))
        publish(
            GapsFound(
                album=album.files.library_path,
                content_id=album.content_id,
                missing=entry.missing,
                guessed=entry.guessed,
                known=entry.known,
                trackers=tuple(profile.id for profile in wanting),
            )
        )


def skip_copy(cell: Cell) -> None:
    """The verdict of an album whose audio was tried there under another name."""
    message = "the same audio went there in this run already, from another folder"
    cell.report(UploadSkipped, reason="same_content", message=message)


def _digest(content_id: str) -> bytes:
    return hashlib.blake2b(content_id.encode(), digest_size=16).digest()
