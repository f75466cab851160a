"""The formats of one release: those that are given together go into one group of a site, lossless first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from attrs import define, field

from .model.album import Album, Role

MOST_HELD = 64
"""Albums that are looked through for formats of one release before the first goes on."""


def release_key(album: Album) -> str:
    """Equal for formats of one release: same main artists, title, year and release type."""
    main = sorted({credit.name.casefold() for credit in album.credits if credit.role is Role.MAIN})
    words = (main or [(album.artist or "").casefold()], (album.title or "").casefold())
    said = repr((*words, album.year, str(album.release_type)))
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


@define
class FormatWindow:
    """Holds albums back until the other formats of their release have been found, if they are near."""

    _groups: dict[str, list[Album]] = field(factory=dict, init=False)
    """In the order of their first albums."""
    _held: int = field(default=0, init=False)

    def add(self, album: Album) -> Iterator[tuple[Album, ...]]:
        """Takes an album in; what is held too long goes on."""
        self._groups.setdefault(release_key(album), []).append(album)
        self._held += 1
        if self._held > MOST_HELD:
            yield self._take(next(iter(self._groups)))

    def rest(self) -> Iterator[tuple[Album, ...]]:
        for key in tuple(self._groups):
            yield self._take(key)

    def _take(self, key: str) -> tuple[Album, ...]:
        albums = self._groups.pop(key)
        self._held -= len(albums)
        return tuple(sorted(albums, key=lambda album: not album.codec.lossless))


async def group_formats(
    receive: MemoryObjectReceiveStream[Album],
    send: MemoryObjectSendStream[tuple[Album, ...]],
    *,
    waiting: bool,
) -> None:
    """Sends each release with its formats; without `waiting` every album goes on at once, by itself."""
    window = FormatWindow()
    with send:
        async for album in receive:
            for formats in window.add(album) if waiting else [(album,)]:
                await send.send(formats)
        for formats in window.rest():
            await send.send(formats)
