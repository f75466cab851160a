"""The stage: finds the best picture that is whole, and makes of it what each site wants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from anyio import to_thread
from attrs import field, frozen

from ..errors import CoverError
from ..model.album import Album
from ..model.cover import CoverSpec
from ..model.release import Cover, Release
from ..model.upload import TrackerProfile
from ..text import printable
from .candidates import Candidate, candidate_groups, unusable
from .choice import best_first, reason_for
from .opening import UNREADABLE
from .rendering import render
from .room import PictureRoom


@frozen
class Covers:
    """What became of an album's picture for each site that wants one, and why it was taken."""

    made: Mapping[CoverSpec, Cover | CoverError] = field(factory=dict)
    reason: str = ""
    refused: tuple[CoverError, ...] = ()
    """Pictures that would have come before it."""

    @property
    def largest(self) -> Cover | None:
        covers = [cover for cover in self.made.values() if isinstance(cover, Cover)]
        return max(covers, key=lambda cover: cover.width * cover.height, default=None)

    @property
    def versions(self) -> int:
        """So many different pictures were made."""
        return len({id(cover) for cover in self.made.values() if isinstance(cover, Cover)})

    @property
    def problem(self) -> CoverError | None:
        """Why one of the sites gets none."""
        return next((found for found in self.made.values() if isinstance(found, CoverError)), None)

    def release(self, album: Album, profile: TrackerProfile) -> Release:
        """The album with the picture that the tracker wants, if it wants one."""
        match self.made.get(profile.cover_spec) if profile.cover_wanted else None:
            case Cover() as cover:
                return Release(album, cover)
            case CoverError() as problem:
                return Release(album, cover_problem=str(problem))
            case None:
                return Release(album)


async def prepare_covers(album: Album, specs: Iterable[CoverSpec], room: PictureRoom) -> Covers:
    """The best picture that the album holds and that is whole, once for each spec.

    Reads and decodes in worker threads, as far as `room` allows. Where there is none, a CoverError stands in
    the place of each cover: `no_cover`, or `broken_cover` that names the best candidate if none can be used.
    """
    wanted = frozenset(specs)
    refused: list[CoverError] = []
    for look in candidate_groups(album):
        candidates = best_first(await to_thread.run_sync(look, limiter=room.threads))
        refused += [candidate.fault for candidate in candidates if candidate.fault]
        sound = [candidate for candidate in candidates if candidate.fault is None]
        for place, candidate in enumerate(sound):
            try:
                made = await _render(candidate, wanted, room)
            except CoverError as error:
                refused.append(error)
                continue
            return Covers(made, reason_for(candidate, sound[place + 1 :]), tuple(refused))
    problem = refused[0] if refused else _no_cover(album)
    return Covers(dict.fromkeys(wanted, problem), refused=tuple(refused))


async def _render(
    candidate: Candidate, specs: frozenset[CoverSpec], room: PictureRoom
) -> Mapping[CoverSpec, Cover | CoverError]:
    async with room.of(candidate.pixels):
        return await to_thread.run_sync(_render_now, candidate, specs, limiter=room.threads)


def _render_now(candidate: Candidate, specs: frozenset[CoverSpec]) -> Mapping[CoverSpec, Cover | CoverError]:
    source, path = candidate.source, candidate.path
    try:
        made = render(candidate.read(), source, specs)
    except UNREADABLE as error:
        raise unusable(source, path, error) from error
    return {
        spec: unusable(source, path, found) if isinstance(found, ValueError) else found
        for spec, found in made.items()
    }


def _no_cover(album: Album) -> CoverError:
    single = album.files.single
    return CoverError(
        f"{printable(album.files.name)} holds no cover",
        path=album.files.root,
        reason="no_cover",
        hint="embed a picture in it" if single else "put a cover.jpg beside the tracks, or embed a picture",
    )
