"""What is known of an album at a site."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from attrs import field, frozen

from .moments import Moment


class State(StrEnum):
    """How far an album is at a site; all but `SENDING` are what `status` shows."""

    PENDING = "pending"
    """A run took it up, and came to no verdict."""
    SENDING = "sending"
    """The creating request is under way, as long as its run lives."""
    DONE = "done"
    EXISTING = "existing"
    """It was there before."""
    REJECTED = "rejected"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"
    """The site may have stored it."""
    SKIPPED = "skipped"

    @property
    def is_stored(self) -> bool:
        return self in {State.DONE, State.EXISTING}

    @property
    def may_be_there(self) -> bool:
        return self.is_stored or self in {State.SENDING, State.UNKNOWN}

    @property
    def outcome(self) -> str:
        """As others see it: what is being sent is pending still."""
        return State.PENDING if self is State.SENDING else self


class Step(StrEnum):
    """How far the torrent of a stored upload has come."""

    NONE = ""
    ANSWERED = "answered"
    """The site told that it holds the upload."""
    FETCHED = "fetched"
    """The site's own torrent is saved."""
    HANDED = "handed"
    """Every torrent client took it."""
    SEEDING = "seeding"
    """Every torrent client seeds it."""


@frozen
class Pinned:
    """An upload as it was sent: what the site is asked for, whatever has become of the folder since."""

    name: str
    """Of the release."""
    infohash: str
    """Of our torrent; some sites register another."""
    piece_length: int
    info: bytes | None = field(repr=False)
    """The torrent's info dictionary; its announce address is a key and stands in the configuration.

    None where it is not needed any more, or was lost with the journal.
    """
    files_digest: bytes = field(repr=False)
    """Of the torrent's name and its files' names and sizes."""
    pieces_digest: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    """Of the album's files as they lay on the disk."""
    release_key: str = ""
    """The same for all formats of a release; empty where that is not known."""


@frozen(kw_only=True)
class CellRecord:
    """The journal's row of one album at one site."""

    content_id: str
    site: str
    tracker: str
    album: Path
    state: State
    step: Step = Step.NONE
    finished: bool = False
    """A stored upload whose torrent needs nothing more, from a run with these torrent clients or none."""
    revision: int = 0
    """Grows with every write: who writes names the one that was read."""
    run: str = ""
    """The run that is sending it."""
    doubt: Moment | None = None
    """When its sender was last alive, if that is what makes it unknown."""
    doubted: bool = False
    """It was unknown once: a name that is taken may be ours."""
    pinned: Pinned | None = None
    torrent_id: str | None = None
    url: str | None = None
    group_id: str | None = None
    """Where the site keeps all formats of the release."""
    torrent_file: Path | None = None
    reason: str = ""
    message: str = ""
    at: float = 0.0
    """Unix seconds of the last change."""

    def rests(self, *, seeding: bool) -> bool:
        """Whether a stored upload needs nothing more, of torrent clients either if there are any."""
        return self.finished and not (seeding and self.step is Step.FETCHED)
