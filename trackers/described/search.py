"""Asks a site what it has, as the user's description says; what is not as described is no answer."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence

from anyio import to_thread
from attrs import evolve, field, frozen

from pipeline.errors import NotSent
from pipeline.model.upload import Existing, LookUp, SentUpload, UploadRequest
from pipeline.secret import Secret
from pipeline.torrent import read_torrent

from ..answers import Redact, describe
from ..request import Answer, Request, Text, reveal
from ..tracker_config import TrackerConfig
from .description import Search
from .fields import FieldFault, as_form, render_fields
from .patterns import LONGEST_TEXT, MOST_MATCHES
from .rules import RuleFault, at, extract_each, matches, pieces, proves

INFOHASH = re.compile("[0-9a-f]{40}")


@frozen
class Hit:
    """What the site tells of one of its torrents."""

    infohash: str | None
    name: str | None
    id: str | None
    url: str | None
    download_url: str | None


@frozen
class Hits:
    found: Sequence[Hit]
    whole: bool
    """There are no more of them."""

    def of_infohash(self, infohash: str) -> Hit | None:
        return next((hit for hit in self.found if hit.infohash == infohash), None)

    def named(self, name: str) -> list[Hit]:
        return [hit for hit in self.found if hit.name is not None and hit.name.split() == name.split()]


@frozen
class SiteSearch:
    search: Search
    config: TrackerConfig
    ask: Callable[[Request], Awaitable[Answer]]
    """Asks the site as the user; raises where it does not know the user."""
    join: Callable[[str], str]
    """Makes the address of an endpoint."""
    public: Callable[[str | None], str | None]
    """An address that the site gave, as it may be shown."""
    redact: Redact = field(repr=False)

    async def existing(self, request: UploadRequest) -> Existing | None:
        """The same torrent, or another of the same name. Raises NotSent where the site does not tell."""
        hits = await self._hits(request.name, request.torrent.infohash)
        if hit := hits.of_infohash(request.torrent.infohash):
            return self._existing(hit, same_content=True)
        for hit in hits.named(request.name):
            return self._existing(hit, same_content=False)
        if not hits.whole:
            raise NotSent(
                f"{self._site} finds too much for {request.name} to look through",
                hint=f"narrow trackers.{self.config.id}.search.params; --allow-duplicate skips this check",
                retryable=False,
            )
        return None

    async def sent(self, sent: SentUpload) -> LookUp:
        """An upload that may have arrived, by what proves it. Raises NotSent where the site does not tell."""
        by_infohash = self.search.infohash is not None
        if not by_infohash and not self.search.name_proves:
            return LookUp()
        hits = await self._hits(sent.name, sent.torrent.infohash)
        if hit := hits.of_infohash(sent.torrent.infohash):
            return LookUp(self._existing(hit, same_content=True))
        named = hits.named(sent.name)
        if by_infohash:
            # One of its name may be ours, which the site has made another torrent of.
            misses = self.search.absent and hits.whole and not named
            return LookUp(absent=misses and await self._keeps_infohash(sent))
        return LookUp(self._existing(named[0], same_content=True) if len(named) == 1 else None)

    async def _keeps_infohash(self, sent: SentUpload) -> bool:
        """Whether it was sent with the site's own source, so that the site did not make another torrent."""
        torrent = await to_thread.run_sync(read_torrent, sent.torrent.data)
        return bool(torrent.source) and torrent.source == self.config.source_name

    def _existing(self, hit: Hit, *, same_content: bool) -> Existing:
        link = hit.download_url
        return Existing(
            same_content, hit.id, self.public(hit.url), Secret(link) if link else None, hit.name or ""
        )

    async def _hits(self, name: str, infohash: str) -> Hits:
        answer = await self.ask(self._request(name, infohash))
        search = self.search
        try:
            entries = await self._entries(answer)
            places = (search.infohash, search.name, search.id, search.url, search.download_url)
            columns = [await extract_each(place, entries) for place in places]
        except RuleFault as error:
            raise self._unanswered(str(error)) from None
        hits = [self._checked(Hit(*row)) for row in zip(*columns, strict=True)]
        # Of a page only so much is looked at.
        is_cut = not search.reads_json and (len(hits) >= MOST_MATCHES or len(answer.text) > LONGEST_TEXT)
        return Hits(hits, whole=not is_cut)

    def _request(self, name: str, infohash: str) -> Request:
        accept: tuple[str, Text] = ("Accept", "application/json" if self.search.reads_json else "text/html")
        try:
            rendered = render_fields(self.search.params, {"name": name, "infohash": infohash})
        except FieldFault as error:
            raise self._unanswered(f"search.params.{error.place}: {error}") from None
        params = tuple((name, reveal(value)) for name, value in as_form(rendered))
        return Request("GET", self.join(self.search.endpoint), headers=(accept,), params=params)

    async def _entries(self, answer: Answer) -> Sequence[object]:
        """The entries as they stand there; none where the site shows that it found nothing.

        Raises RuleFault where it shows neither.
        """
        search = self.search
        entries = await self._listed(answer) if answer.ok else None
        is_empty = await matches(search.empty, answer)
        if entries and is_empty:
            raise RuleFault("search.empty holds, and search.entries finds some")
        if is_empty:
            return []
        if search.done and not await proves(search.done, answer):
            raise RuleFault(f"search.done does not hold: {self._shown(answer)}")
        if entries is None:
            raise RuleFault(f"no list of entries: {self._shown(answer)}")
        return entries

    async def _listed(self, answer: Answer) -> Sequence[object] | None:
        """None where there is no list; a page without entries may be any page."""
        place = self.search.entries
        if place is not None and place.regex is not None:
            return await pieces(place, answer) or None
        document = answer.json()
        found = document if place is None or place.json is None else at(document, place.json)
        return _tables(found)

    def _checked(self, hit: Hit) -> Hit:
        """Raises NotSent for an entry that does not hold what entries are told apart by."""
        infohash = hit.infohash.lower() if hit.infohash else None
        if self.search.infohash is not None and not INFOHASH.fullmatch(infohash or ""):
            raise self._unanswered("search.infohash finds none of 40 digits in an entry")
        if self.search.name is not None and hit.name is None:
            raise self._unanswered("search.name finds none in an entry")
        return evolve(hit, infohash=infohash)

    def _shown(self, answer: Answer) -> str:
        return f"the answer has status {answer.status} and {describe(answer, self.redact)}"

    def _unanswered(self, why: str) -> NotSent:
        return NotSent(
            f"{self._site} could not be asked what it has: {why}",
            hint=f"check trackers.{self.config.id}.search",
            retryable=False,
        )

    @property
    def _site(self) -> str:
        return self.config.name or self.config.id


def _tables(found: object) -> Sequence[object] | None:
    """The list, where it is one of tables."""
    if isinstance(found, list) and all(isinstance(entry, dict) for entry in found):
        return found
    return None
