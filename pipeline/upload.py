"""One album at one tracker: its torrent, its words, the upload, and the site's own torrent to seed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from anyio import CancelScope, get_cancelled_exc_class, to_thread
from attrs import define, field, frozen

from .errors import LOOK_FIRST, AlbumError, MuaError, NotSent, Skipped, TrackerError, unexpected
from .events import (
    Cell,
    CellEvent,
    Seeding,
    TorrentReady,
    UploadDone,
    UploadFailed,
    UploadSkipped,
    UploadStarted,
    UploadStored,
    UploadWaiting,
)
from .files import write_private
from .hashing.job import check_unchanged
from .model.pieces import Torrent
from .model.release import PreparedAlbum
from .model.upload import Existing, UploadRequest, UploadResult
from .outcome import Outcome
from .ports import TorrentClient, Tracker
from .text import printable
from .torrent import NotATorrent, make_torrent, read_torrent, same_content, same_names

LONGEST_STEM = 180
"""Bytes of an album's name in the name of a .torrent: file systems take 255 with what is added."""


@frozen
class UploadSettings:
    """What the user wants of every upload of a run."""

    torrents_folder: Path
    """Where torrents are kept, in a folder for each tracker: the sites' own, ours where there is none."""
    dry_run: bool = False
    anonymous: bool = False
    allow_duplicate: bool = False
    clients: Sequence[TorrentClient] = ()


@frozen
class SeedTorrent:
    """What seeds an upload; without a `torrent` there is nothing, and `message` says why.

    `site_file` is the site's own torrent as saved, whether it seeds these files or not.
    """

    torrent: Torrent | None = None
    site_file: Path | None = None
    message: str = ""


@frozen
class Found:
    """What the site has now, and whether it had it before."""

    request: UploadRequest
    result: UploadResult
    existing: bool


@define
class AlbumUpload:
    """Takes one album through every step at one tracker, and publishes one verdict."""

    prepared: PreparedAlbum
    tracker: Tracker
    settings: UploadSettings
    cell: Cell
    tried: bool = field(default=False, init=False)
    """It was sent, or found on the site: the same audio is not tried there again in this run."""
    _until_stored: CancelScope = field(factory=CancelScope, init=False)
    _stopping: bool = field(default=False, init=False)
    _in_flight: bool = field(default=False, init=False)
    """Its creating request is under way."""
    _sent: Torrent | None = field(default=None, init=False)
    """Ours, from when it may have been sent."""
    _stored: bool = field(default=False, init=False)
    """It is on the site, and that was published: what goes wrong now concerns seeding only."""

    async def run(self) -> None:
        """Raises for no verdict; an exception that escapes is a fault, to be handed to `fail`."""
        try:
            found = None
            with self._until_stored:
                found = await self._deliver(await self._make_request())
            if found is not None:
                await self._finish(found)
            elif self._until_stored.cancelled_caught:
                await self._interrupted()
        except Skipped as error:
            self.cell.report(UploadSkipped, reason=error.reason, message=str(error), url=error.url)
        except TrackerError as error:
            await self._report_failed(error.outcome, error.message, error.hint)
        except AlbumError as error:
            self.cell.report(UploadSkipped, reason=error.reason, message=str(error))
        except get_cancelled_exc_class():
            await self._interrupted()
            raise

    def stop(self) -> None:
        """Ends it unless its creating request is under way; if that has to be made again, it ends then."""
        self._stopping = True
        if not self._in_flight:
            self._until_stored.cancel()

    def heed(self, event: CellEvent) -> None:
        """Follows what the tracker publishes of this upload."""
        match event:
            case UploadStarted():
                self._in_flight = True
            case UploadWaiting():
                self._in_flight = self.tracker.in_doubt(self.cell.content_id)
                if self._stopping:
                    self.stop()

    async def fail(self, message: str) -> None:
        """The verdict where something broke that nobody foresaw."""
        if self._stored:
            self._report_unseeded(message)
        elif self.tracker.in_doubt(self.cell.content_id):
            await self._report_failed(Outcome.UNKNOWN, message, LOOK_FIRST)
        else:
            await self._report_failed(Outcome.NOT_SENT, message)

    async def _interrupted(self) -> None:
        if self.tracker.in_doubt(self.cell.content_id):
            message = "interrupted before the site answered"
            await self._report_failed(Outcome.UNKNOWN, message, LOOK_FIRST)
        elif not self._stored:
            message = "not sent: the run was interrupted"
            self.cell.report(UploadSkipped, reason="interrupted", message=message)

    async def _report_failed(self, outcome: Outcome, message: str, hint: str = "") -> None:
        """Keeps our torrent of what may be on the site, to be seeded if it turns out to be there."""
        if outcome is Outcome.UNKNOWN and self._sent is not None:
            hint = "; ".join(filter(None, (hint, await self._ours_kept(self._sent))))
        self.cell.report(UploadFailed, outcome=outcome, message=message, hint=hint)

    async def _ours_kept(self, torrent: Torrent) -> str:
        """Whatever goes wrong here must not change a verdict: an `unknown` would be sent again."""
        kept = ""
        try:
            with CancelScope(shield=True):
                kept = await to_thread.run_sync(self._keep_ours, torrent)
        except Exception as error:  # noqa: BLE001 - see above
            kept = f"ours could not be kept: {unexpected(error)}"
        return kept

    def _report_unseeded(self, message: str) -> None:
        for client in self.settings.clients:
            self.cell.report(Seeding, client=client.name, path=None, seeds=False, message=message)

    async def _make_request(self) -> UploadRequest:
        torrent = await to_thread.run_sync(self._make_torrent)
        self.cell.report(
            TorrentReady, infohash=torrent.infohash, name=torrent.name, piece_length=torrent.piece_length
        )
        words = self.prepared.words
        anonymous = self.tracker.profile.anonymous or self.settings.anonymous
        return UploadRequest(self.prepared.release, torrent, words.name, words.description, anonymous)

    def _make_torrent(self) -> Torrent:
        profile = self.tracker.profile
        return make_torrent(
            self.prepared.pieces, announce_url=profile.announce_url, source=profile.source_name
        )

    async def _deliver(self, request: UploadRequest) -> Found | None:
        """None after a dry run that raised no verdict of its own."""
        if self.settings.dry_run:
            self.tried = True
            await self.tracker.upload(request)
            return None
        found = await self._find_existing(request)
        if found is not None and found.same_content:
            self.tried = True
            result = UploadResult(found.torrent_id, found.url, found.download_url)
            return Found(request, result, existing=True)
        if found is not None and not self.settings.allow_duplicate:
            raise _duplicate(found)
        await to_thread.run_sync(check_unchanged, self.prepared.pieces.files)
        self.tried, self._sent = True, request.torrent
        result = await self.tracker.upload(request)
        self.cell.report(UploadStored, torrent_id=result.torrent_id, url=result.url)
        return Found(request, result, existing=False)

    async def _find_existing(self, request: UploadRequest) -> Existing | None:
        """Where duplicates are allowed, a site that cannot be asked does not hold up the upload."""
        try:
            return await self.tracker.find_existing(request)
        except NotSent:
            if self.settings.allow_duplicate:
                return None
            raise

    async def _finish(self, found: Found) -> None:
        """The upload is on the site: that is told whatever happens to its torrent."""
        result = found.result
        seed = SeedTorrent(message="the run ended before its torrent was fetched")
        try:
            seed = await self._seed_torrent(found.request, result)
        except Exception as error:  # noqa: BLE001 - the upload is stored, whatever is wrong with its torrent
            seed = SeedTorrent(message=f"its torrent could not be fetched: {unexpected(error)}")
        finally:
            self._stored = True
            self.cell.report(
                UploadDone,
                torrent_id=result.torrent_id,
                url=result.url,
                existing=found.existing,
                torrent_file=seed.site_file,
                message="; ".join(filter(None, (result.message, seed.message))),
            )
        if seed.torrent is None:
            self._report_unseeded(seed.message)
            return
        for client in self.settings.clients:
            report = await client.add(seed.torrent, self.cell.tracker)
            self.cell.report(
                Seeding, client=client.name, path=report.path, seeds=report.seeds, message=report.message
            )

    async def _seed_torrent(self, request: UploadRequest, result: UploadResult) -> SeedTorrent:
        """The site's own torrent, since many sites rewrite it; ours where the site has none to give."""
        try:
            data = await self.tracker.fetch_torrent(request, result.download_url, result.torrent_id)
        except TrackerError as error:
            return SeedTorrent(message=f"its torrent could not be fetched: {error}")
        if data is None:
            kept = await to_thread.run_sync(self._keep_ours, request.torrent)
            return SeedTorrent(request.torrent, message=f"the site gives no torrent of its own; {kept}")
        return await to_thread.run_sync(self._keep_sites, data)

    def _keep_sites(self, data: bytes) -> SeedTorrent:
        """Saves what the site gave if it holds this content; where it cannot be saved it is seeded still."""
        pieces = self.prepared.pieces
        try:
            site = read_torrent(data)
        except NotATorrent as error:
            return SeedTorrent(message=f"what the site gave is {error}")
        if not same_content(pieces, site):
            return SeedTorrent(
                message="the site's torrent has other pieces than the album and would not seed"
            )
        torrent: Torrent | None = Torrent(pieces.files.name, data, site.infohash, site.piece_length)
        message = ""
        if not same_names(pieces.files, site):
            torrent = None
            message = (
                f"the site's torrent has other file names than the album and would not seed: "
                f"there it is “{printable(site.name)}”"
            )
        try:
            return SeedTorrent(torrent, self._save(data, site.infohash), message)
        except MuaError as error:
            return SeedTorrent(torrent, message="; ".join(filter(None, (message, str(error)))))

    def _keep_ours(self, torrent: Torrent) -> str:
        """Saves the torrent that we made, and says where it is."""
        try:
            return f"ours is kept as {printable(str(self._save(torrent.data, torrent.infohash)))}"
        except MuaError as error:
            return f"ours could not be kept: {error}"

    def _save(self, data: bytes, infohash: str) -> Path:
        """Under a name that is made of our words alone; fails as `write_private` does."""
        folder = self.settings.torrents_folder / self.cell.tracker
        path = folder / torrent_file_name(self.prepared.pieces.files.name, infohash[:8])
        write_private(path, data)
        return path


def torrent_file_name(album: str, mark: str) -> str:
    """`ALBUM [MARK].torrent`: the mark tells apart what has one name; never hidden, never too long."""
    stem = album.encode()[:LONGEST_STEM].decode(errors="ignore").lstrip(".")
    return f"{stem} [{mark}].torrent"


def _duplicate(found: Existing) -> Skipped:
    return Skipped(
        f"the site has this release in this format already: {found.name}",
        reason="duplicate",
        url=found.url,
        hint="--allow-duplicate sends it all the same",
    )
