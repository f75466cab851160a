"""Asks a site what it has: by infohash, which is exact, and by artist and title."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from attrs import evolve, frozen

from pipeline.model.upload import Existing

from ..answers import first_text
from ..request import Answer, Request
from ..same_release import Files
from . import replies
from .catalogue import (
    Table,
    Wanted,
    described,
    may_have_size,
    same_file_list,
    search_query,
    torrents_of,
)
from .readings import Readings
from .replies import Ids, Reply, read_reply

API = "ajax.php"
MOST_PAGES = 3
"""Of a search: 150 groups."""


@frozen
class SiteSearch:
    ask: Callable[[Request], Awaitable[Answer]]
    denies_key: Callable[[Answer], bool]
    readings: Readings

    async def by_hash(self, infohash: str) -> Existing | None:
        """The torrent of that hash, as the site registered it: read from its database, without any lag."""
        answer, reply = await self._reply("torrent", ("hash", infohash.upper()))
        if not reply.success and reply.error.strip().lower() in replies.NOT_THERE:
            return None
        group, torrent = self._group_and_torrent(answer, reply)
        return self._existing(group, torrent, same_content=True)

    async def by_name(self, wanted: Wanted, files: Files) -> Existing | None:
        """The same files in another torrent, or else the same release in the same format and edition."""
        duplicate = None
        for group in await self._groups(wanted):
            for torrent in filter(wanted.is_like, torrents_of(group)):
                found = self._existing(group, torrent, same_content=False)
                if may_have_size(torrent, files) and await self._has_files(found, files):
                    return evolve(found, same_content=True)
                duplicate = duplicate or found
        return duplicate

    async def by_group(self, group_id: str, wanted: Wanted, files: Files) -> Existing | None:
        """As `by_name`, in the group that the release belongs to: read from the database, without any lag."""
        response = await self.response_to("torrentgroup", ("id", group_id))
        group = response.get("group")
        duplicate = None
        for torrent in filter(wanted.is_like, torrents_of(response)):
            same = same_file_list(torrent, files)
            found = self._existing(group if isinstance(group, dict) else {}, torrent, same_content=same)
            if same:
                return found
            duplicate = duplicate or found
        return duplicate

    async def in_group(self, group_id: str, files: Files) -> str | None:
        """The torrent of these files in a group: others upload there, too, and the order tells nothing."""
        response = await self.response_to("torrentgroup", ("id", group_id))
        found = [torrent for torrent in torrents_of(response) if same_file_list(torrent, files)]
        return _id(found[0], "id") if len(found) == 1 else None

    async def response_to(self, action: str, *params: tuple[str, str]) -> Table:
        """What an action of the API gives; NotSent or KeyRefused where it gives nothing."""
        answer, reply = await self._reply(action, *params)
        if not reply.success:
            raise self.readings.cannot_be_asked(answer)
        return reply.response

    async def _reply(self, action: str, *params: tuple[str, str]) -> tuple[Answer, Reply]:
        """The reply, where it is one and the key is not refused."""
        address = self.readings.address.join(API)
        answer = await self.ask(Request("GET", address, params=(("action", action), *params)))
        if self.denies_key(answer):
            raise self.readings.verdicts.bad_key()
        reply = read_reply(answer)
        if reply is not None and not reply.success and replies.CREDENTIALS.search(reply.error):
            raise self.readings.refusal(reply.error)
        if reply is None:
            raise self.readings.cannot_be_asked(answer)
        return answer, reply

    async def _has_files(self, found: Existing, files: Files) -> bool:
        if found.torrent_id is None:
            return False
        answer, reply = await self._reply("torrent", ("id", found.torrent_id))
        _, torrent = self._group_and_torrent(answer, reply)
        return same_file_list(torrent, files)

    async def _groups(self, wanted: Wanted) -> list[Table]:
        """The groups of this name."""
        query = search_query(wanted.album)
        groups: list[Table] = []
        for page in range(1, MOST_PAGES + 1) if query else ():
            answer, reply = await self._reply("browse", *query, ("page", str(page)))
            results = reply.response.get("results") if reply.success else None
            if not isinstance(results, list) or not all(isinstance(group, dict) for group in results):
                raise self.readings.cannot_be_asked(answer)
            groups += filter(wanted.is_group, results)
            # Where nothing is found, no number of pages is given.
            pages = reply.response.get("pages", 1)
            if not isinstance(pages, int) or page >= pages:
                break
        return groups

    def _group_and_torrent(self, answer: Answer, reply: Reply) -> tuple[Table, Table]:
        group, torrent = reply.response.get("group"), reply.response.get("torrent")
        if not reply.success or not isinstance(group, dict) or not isinstance(torrent, dict):
            raise self.readings.cannot_be_asked(answer)
        return group, torrent

    def _existing(self, group: Table, torrent: Table, *, same_content: bool) -> Existing:
        ids = Ids(_id(torrent, "torrentId", "id"), _id(group, "groupId", "id"))
        page = self.readings.page_of(ids)
        return Existing(same_content, ids.torrent, page, None, described(group, torrent))


def _id(table: Table, *keys: str) -> str | None:
    return first_text([table], *keys)
