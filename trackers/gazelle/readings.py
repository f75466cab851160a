"""What a Gazelle site's replies mean for an upload: a result, or the error that is true of it."""

from __future__ import annotations

from urllib.parse import quote

from attrs import evolve, frozen

from pipeline.errors import KeyRefused, NotSent, Rejected, TrackerError, Unknown
from pipeline.model.upload import UploadResult

from ..answers import readable
from ..request import Answer
from ..site_address import SiteAddress
from ..verdicts import Verdicts
from . import replies
from .replies import Ids, Reply


@frozen
class Readings:
    verdicts: Verdicts
    address: SiteAddress

    def upload(self, answer: Answer, reply: Reply) -> UploadResult:
        """The result of an upload that is stored now, or was before; raises what else the reply says."""
        if not reply.success:
            if reply.is_duplicate:
                return self.known_already(reply.error)
            raise self.refusal(reply.error)
        ids = replies.ids_of(reply.response)
        if not answer.ok or ids.torrent is None:
            raise self.verdicts.unclear(answer)
        said = (reply.said_before, *replies.texts_of(reply.response.get("warnings")))
        remarks = (_changes(reply), *(self.said(text) for text in said))
        return self.result(ids, "; ".join(filter(None, remarks)))

    def known_already(self, markup: str) -> UploadResult:
        """The site compares infohashes: what it has is this very torrent."""
        return evolve(self.result(replies.ids_in(markup), self.said(markup)), existing=True)

    def result(self, ids: Ids, message: str = "") -> UploadResult:
        return UploadResult(
            torrent_id=ids.torrent, url=self.page_of(ids), message=message, group_id=ids.group
        )

    def refusal(self, markup: str) -> TrackerError:
        """The error that the site's words stand for."""
        said = self.said(markup)
        if replies.HALF_STORED.search(markup):
            hint = "it may be stored all the same: look at the site before anything is sent again"
            return Unknown(f"{self.verdicts.name} says: {said}", hint=hint)
        if replies.CREDENTIALS.search(markup):
            return KeyRefused(f"{self.verdicts.name} says: {said}", hint=self.verdicts.bad_key().hint)
        if replies.ACCOUNT.search(markup):
            return KeyRefused(f"{self.verdicts.name} says: {said}", hint="ask the site's staff")
        return Rejected(f"{self.verdicts.name} refuses it: {said or 'it does not say why'}")

    def said(self, markup: str) -> str:
        """The site's words, fit to be shown."""
        return readable(markup, self.verdicts.redact)

    def page_of(self, ids: Ids) -> str | None:
        """The public page of a torrent, or of its group where only that is known."""
        if ids.torrent is None:
            return self.address.join(f"torrents.php?id={quote(ids.group, safe='')}") if ids.group else None
        group = f"id={quote(ids.group, safe='')}&" if ids.group else ""
        return self.address.join(f"torrents.php?{group}torrentid={quote(ids.torrent, safe='')}")

    def cannot_be_asked(self, answer: Answer) -> NotSent:
        return NotSent(
            f"{self.verdicts.name} could not be asked: {self.verdicts.unclear(answer).message}",
            hint=f"check trackers.{self.verdicts.config.id}.url",
            retryable=False,
        )


def _changes(reply: Reply) -> str:
    """That the site changed our torrent, which is dead then: `true` says that ours was fine."""
    changed = [key for key in ("private", "source") if reply.response.get(key) is False]
    if not changed:
        return ""
    return f"the site set {' and '.join(changed)} itself: its own torrent is the one to seed"
