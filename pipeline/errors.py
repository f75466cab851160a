"""Every error that a user, a file or a site can cause.

MuaError                    says what happened, and what to do
|-- UsageError              the command cannot start: arguments, configuration, a missing path
|-- AlbumError              one album ends, the others go on
|   |-- ScanError           what is one album, what is audio, what can be read
|   |-- TagError            the files' own metadata
|   |-- CoverError          the picture
|   |-- HashError           reading the pieces
|   |-- VerifyError         the audio is damaged
|   |-- StageError          no tree with other names can be made
|   `-- DescribeError       names and descriptions
|-- JournalError            what went where cannot be read or written: nothing more is sent
`-- TrackerError            one album ends at one tracker; knows its outcome
    |-- Skipped             nothing was tried, for the reason given
    |-- Rejected            the site refused it, in its own words
    |   |-- NameTaken       something of that name is there: ours, or another's
    |   `-- KeyRefused      the site takes nothing from this account
    |-- NotSent             it surely did not arrive
    `-- Unknown             it may be stored: never sent again by itself
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from .outcome import Outcome

LOOK_FIRST = "look at the site before anything is sent again"
"""What to do about an outcome that is not known."""


class MuaError(Exception):
    """`message` says what happened and to what; `hint` what to do about it."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class UsageError(MuaError):
    """Found before anything is sent; `problems` holds one line for each thing that is wrong."""

    def __init__(self, message: str, *, hint: str = "", problems: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.problems = problems


class AlbumError(MuaError):
    """One album ends; `reason` is a stable word for scripts, `path` the album or the file at fault."""

    stage: ClassVar[str] = "album"

    def __init__(self, message: str, *, path: Path, reason: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.path = path
        self.reason = reason


class ScanError(AlbumError):
    """The folder or file is no album that can be uploaded."""

    stage = "scan"


class TagError(AlbumError):
    """A file's audio or metadata cannot be read, or the files disagree."""

    stage = "tags"


class CoverError(AlbumError):
    """A picture that is needed is missing or cannot be read."""

    stage = "cover"


class HashError(AlbumError):
    """A file could not be read whole, or changed under the hashing."""

    stage = "hash"


class VerifyError(AlbumError):
    """A file's audio is not what its encoder made."""

    stage = "verify"


class StageError(AlbumError):
    """The album cannot be linked under names that its trackers take."""

    stage = "stage"


class DescribeError(AlbumError):
    """A name or description cannot be made from what is known."""

    stage = "describe"


class JournalError(MuaError):
    """The record of what went where cannot be read or written."""


class TrackerError(MuaError):
    """One album ends at one tracker, with an outcome that says what may be on the site."""

    outcome: ClassVar[Outcome] = Outcome.NOT_SENT


class Skipped(TrackerError):
    """Nothing was sent for a known `reason`; `url` is what stands on the site already, if anything."""

    outcome = Outcome.SKIPPED

    def __init__(self, message: str, *, reason: str, url: str | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.reason = reason
        self.url = url


class Rejected(TrackerError):
    """The site refused the upload and said so; sending the same again would be refused again."""

    outcome = Outcome.REJECTED


class NameTaken(Rejected):
    """The site has something of that name or infohash; after an `unknown` it may be ours."""


class KeyRefused(Rejected):
    """The site takes nothing from this account: every further upload would be refused as well."""


class NotSent(TrackerError):
    """The request surely did not reach the site's upload; `retry_after` is the wait it asked for, in seconds.

    `retryable` is False where trying again soon cannot help, such as an answer that makes no sense.
    """

    outcome = Outcome.NOT_SENT

    def __init__(
        self, message: str, *, hint: str = "", retry_after: float | None = None, retryable: bool = True
    ) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after
        self.retryable = retryable


class Unknown(TrackerError):
    """The upload may be stored: only the site, or the user, can tell."""

    outcome = Outcome.UNKNOWN


def unexpected(error: BaseException) -> str:
    """What is said of an error that nobody foresaw."""
    return f"unexpected {type(error).__name__}: {error} (a fault of mua-async: please report it)"
