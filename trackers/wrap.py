"""What surrounds any adapter, ours or a stranger's: the attempt it works for, its verdicts, its secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from anyio import get_cancelled_exc_class
from attrs import evolve

from pipeline.errors import LOOK_FIRST, NotSent, Rejected, Skipped, TrackerError, Unknown
from pipeline.events import Cell, Event
from pipeline.model.release import Release
from pipeline.model.upload import (
    Existing,
    LookUp,
    SentUpload,
    TrackerProfile,
    UploadRequest,
    UploadResult,
)
from pipeline.ports import UploadLog
from pipeline.secret import Secret

from .addresses import LONGEST_ADDRESS
from .answers import readable
from .attempt import Attempt, attempt_under_way
from .cover_address import with_cover_address
from .generic_tracker import GenericTracker, KeyProof
from .image_hosts.hosting import Hosting
from .redaction import learn_link
from .strangers import told


class GuardedTracker:
    """An adapter whose every failure becomes an outcome, with no secret in its text.

    What may be on the site follows from what the session handed over and got back; an adapter can only say
    more of it where the site has answered.
    """

    def __init__(
        self,
        adapter: GenericTracker,
        publish: Callable[[Event], None],
        hosting: Hosting | None = None,
    ) -> None:
        self._adapter = adapter
        self._redact = adapter.session.redactor
        self._publish = publish
        self._hosting = hosting
        self._uploads: dict[str, Attempt] = {}
        self.profile: TrackerProfile = adapter.profile

    async def __aenter__(self) -> Self:
        await self._adapter.session.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._adapter.session.__aexit__(exc_type, exc, traceback)

    def problems(self, release: Release) -> list[str]:
        try:
            return [self._redact(problem) for problem in self._adapter.problems(release)]
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a stranger's adapter may raise anything
            return [self._fault(error)]

    def in_doubt(self, content_id: str) -> bool:
        attempt = self._uploads.get(content_id)
        return attempt is not None and attempt.in_doubt

    async def find_existing(self, request: UploadRequest) -> Existing | None:
        with self._judged(Attempt(self._cell(request))):
            found = await self._adapter.find_existing(request)
            return None if found is None else self._cleaned_existing(found)

    async def find_sent(self, sent: SentUpload, cell: Cell) -> LookUp:
        with self._judged(Attempt(cell)):
            look = await self._adapter.find_sent(sent)
            return evolve(look, found=self._cleaned_existing(look.found)) if look.found else look

    async def upload(self, request: UploadRequest, log: UploadLog | None = None) -> UploadResult:
        content_id = request.release.album.content_id
        attempt = self._uploads[content_id] = Attempt(self._cell(request), log, may_create=True)
        try:
            with self._judged(attempt):
                request = await with_cover_address(request, self._adapter, self._hosting, attempt.cell)
                result = self._cleaned_result(await self._adapter.upload(request))
                if not attempt.in_doubt and attempt.status is None:
                    raise Unknown(
                        "the adapter tells of an upload that its session did not send", hint=LOOK_FIRST
                    )
                return result
        finally:
            if not attempt.in_doubt:
                del self._uploads[content_id]

    async def fetch_torrent(
        self, cell: Cell, download_url: Secret | None, torrent_id: str | None
    ) -> bytes | None:
        with self._judged(Attempt(cell)):
            return await self._adapter.fetch_torrent(download_url, torrent_id)

    async def test_key(self) -> KeyProof:
        with self._judged(None):
            proof = await self._adapter.test_key()
            return KeyProof(proof.proved, self._redact(proof.text))

    async def listed_ids(self) -> Mapping[str, Mapping[str, str]]:
        with self._judged(None):
            return {
                table: {site_id: readable(name, self._redact) for site_id, name in names.items()}
                for table, names in (await self._adapter.listed_ids()).items()
            }

    def _cell(self, request: UploadRequest) -> Cell:
        return Cell.of(request.release.album, self.profile.id, self._publish)

    @contextmanager
    def _judged(self, attempt: Attempt | None) -> Iterator[None]:
        """Brings the attempt to its verdict; only a cancellation leaves it in doubt."""
        error: TrackerError | None = None
        try:
            with attempt_under_way(attempt):
                yield
        except TrackerError as raised:
            error = self._cleaned_error(_trusted(raised, attempt))
        except (KeyboardInterrupt, get_cancelled_exc_class()):
            raise
        except BaseException as raised:  # noqa: BLE001 - a stranger's adapter may raise anything, SystemExit too
            error = self._mistake(raised, attempt)
        if attempt is not None:
            attempt.in_doubt = False
        if error is not None:
            raise error from None

    def _mistake(self, error: BaseException, attempt: Attempt | None) -> TrackerError:
        if attempt is not None and attempt.in_doubt:
            return Unknown(self._fault(error), hint=LOOK_FIRST)
        hint = f"report it to the author of {type(self._adapter).__name__}"
        return NotSent(self._fault(error), hint=hint, retryable=False)

    def _fault(self, error: BaseException) -> str:
        text = readable(told(error), self._redact)
        return f"the adapter of {self.profile.id} failed: {text}"

    def _cleaned_error(self, error: TrackerError) -> TrackerError:
        error.message, error.hint = self._redact(error.message), self._redact(error.hint)
        error.args = (error.message,)
        if isinstance(error, Skipped):
            error.url = self._public(error.url)
        return error

    def _cleaned_result(self, result: UploadResult) -> UploadResult:
        download_url = self._learned(result.download_url)
        return evolve(
            result,
            download_url=download_url,
            torrent_id=self._public(result.torrent_id),
            group_id=self._public(result.group_id),
            url=self._public(result.url),
            message=self._redact(result.message),
        )

    def _cleaned_existing(self, found: Existing) -> Existing:
        download_url = self._learned(found.download_url)
        return evolve(
            found,
            download_url=download_url,
            torrent_id=self._public(found.torrent_id),
            url=self._public(found.url),
            name=readable(found.name, self._redact),
        )

    def _learned(self, link: Secret | None) -> Secret | None:
        """The link, the keys in it masked from now on; None where it is too long to be one."""
        if link is None or len(link.reveal()) > LONGEST_ADDRESS:
            return None
        learn_link(self._redact, link)
        return link

    def _public(self, text: str | None) -> str | None:
        """The text; None where it holds a secret, since a hole leads nowhere, or is not fit to be written."""
        return text if text is not None and text.isprintable() and self._redact(text) == text else None


def _trusted(error: TrackerError, attempt: Attempt | None) -> TrackerError:
    """The adapter's error where it may be right, else Unknown.

    Once everything was handed over, only an answer can tell a refusal, and none of a broken server's does.
    """
    if attempt is None or not attempt.in_doubt or isinstance(error, Unknown):
        return error
    status = attempt.status or 500
    refused = isinstance(error, Rejected | Skipped) and status < 500
    turned_away = isinstance(error, NotSent) and 300 <= status < 500
    return error if refused or turned_away else Unknown(error.message, hint=LOOK_FIRST)
