"""One album at one tracker: its torrent, its words, the upload, and the site's own torrent to seed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from anyio import get_cancelled_exc_class, to_thread
from attrs import define, field, frozen

from .describe import render_description, render_name
from .errors import LOOK_FIRST, AlbumError, MuaError, Skipped, TrackerError
from .events import Cell, Seeding, TorrentReady, UploadDone, UploadFailed, UploadSkipped
from .files import write_private
from .hash_job import check_unchanged
from .model import Existing, Outcome, PreparedAlbum, Torrent, UploadRequest, UploadResult
from .ports import TorrentClient, Tracker
from .rules import problems
from .torrent import NotATorrent, make_torrent, read_torrent, same_content, same_names

LONGEST_STEM = 180
"""Bytes of an album's name in the name of a .torrent: file systems take 255 with what is added."""


@frozen
class UploadSettings:
    """What the user wants of every upload of a run."""

    torrents_folder: Path
    """Where the sites' own torrents are kept, in a folder for each tracker."""
    dry_run: bool = False
    anonymous: bool = False
    allow_duplicate: bool = False
    clients: Sequence[TorrentClient] = ()


@frozen
class SeedTorrent:
    """What seeds an upload; without a `torrent` there is nothing, and `problem` says why."""

    torrent: Torrent | None = None
    path: Path | None = None
    problem: str = ""


@define
class AlbumUpload:
    """Takes one album through every step at one tracker, and publishes one verdict."""

    prepared: PreparedAlbum
    tracker: Tracker
    settings: UploadSettings
    cell: Cell
    _stored: bool = field(default=False, init=False)
    """It is on the site, and that was published: what goes wrong now concerns seeding only."""

    async def run(self) -> None:
        """Raises for no verdict; an exception that escapes is a fault, to be handed to `fail`."""
        try:
            await self._deliver(await self._make_request())
        except Skipped as error:
            self.cell.report(UploadSkipped, reason=error.reason, message=str(error), url=error.url)
        except TrackerError as error:
            self.cell.report(UploadFailed, outcome=error.outcome, message=error.message, hint=error.hint)
        except AlbumError as error:
            self.cell.report(UploadSkipped, reason=error.reason, message=str(error))
        except get_cancelled_exc_class():
            self._interrupted()
            raise

    def fail(self, message: str) -> None:
        """The verdict where something broke that nobody foresaw."""
        if self._stored:
            self._report_unseeded(message)
        elif self.tracker.in_doubt(self.cell.content_id):
            self._report_unknown(message)
        else:
            self.cell.report(UploadFailed, outcome=Outcome.NOT_SENT, message=message)

    def _interrupted(self) -> None:
        if self.tracker.in_doubt(self.cell.content_id):
            self._report_unknown("interrupted before the site answered")
        elif not self._stored:
            message = "not sent: the run was interrupted"
            self.cell.report(UploadSkipped, reason="interrupted", message=message)

    def _report_unknown(self, message: str) -> None:
        self.cell.report(UploadFailed, outcome=Outcome.UNKNOWN, message=message, hint=LOOK_FIRST)

    def _report_unseeded(self, message: str) -> None:
        for client in self.settings.clients:
            self.cell.report(Seeding, client=client.name, path=None, seeds=False, message=message)

    async def _make_request(self) -> UploadRequest:
        profile, release = self.tracker.profile, self.prepared.release
        if profile.cover_required and release.cover is None:
            raise Skipped(f"{profile.name} wants a cover: {release.cover_problem}", reason="missing")
        # A user's template may take its time: it must not hold up the loop.
        name = await to_thread.run_sync(render_name, release, profile.name_template)
        description = await to_thread.run_sync(render_description, release, profile.description_template)
        broken = problems(release, profile.rules, name=name, description=description)
        if broken:
            raise Skipped("; ".join(broken), reason="rules")
        torrent = await to_thread.run_sync(self._make_torrent)
        self.cell.report(
            TorrentReady, infohash=torrent.infohash, name=torrent.name, piece_length=torrent.piece_length
        )
        anonymous = profile.anonymous or self.settings.anonymous
        return UploadRequest(release, torrent, name, description, anonymous)

    def _make_torrent(self) -> Torrent:
        profile = self.tracker.profile
        return make_torrent(
            self.prepared.pieces, announce_url=profile.announce_url, source=profile.source_name
        )

    async def _deliver(self, request: UploadRequest) -> None:
        if self.settings.dry_run:
            await self.tracker.upload(request)
            return
        found = await self.tracker.find_existing(request)
        if found is not None and found.same_content:
            result = UploadResult(found.torrent_id, found.url, found.download_url)
            await self._finish(request, result, existing=True)
            return
        if found is not None and not self.settings.allow_duplicate:
            raise _duplicate(found)
        await to_thread.run_sync(check_unchanged, self.prepared.pieces.files)
        await self._finish(request, await self.tracker.upload(request), existing=False)

    async def _finish(self, request: UploadRequest, result: UploadResult, *, existing: bool) -> None:
        """The upload is on the site: that is told whatever happens to its torrent."""
        seed = SeedTorrent(problem="the run ended before its torrent was fetched")
        try:
            seed = await self._seed_torrent(request, result)
        finally:
            self._stored = True
            self.cell.report(
                UploadDone,
                torrent_id=result.torrent_id,
                url=result.url,
                existing=existing,
                torrent_file=seed.path,
                message=seed.problem,
            )
        if seed.torrent is None:
            self._report_unseeded(seed.problem)
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
            return SeedTorrent(problem=f"its torrent could not be fetched: {error}")
        if data is None:
            return SeedTorrent(request.torrent)
        return await to_thread.run_sync(self._keep, data)

    def _keep(self, data: bytes) -> SeedTorrent:
        """Saves what the site gave if it seeds these files; where it cannot be saved it is seeded still."""
        pieces = self.prepared.pieces
        try:
            site = read_torrent(data)
        except NotATorrent as error:
            return SeedTorrent(problem=f"what the site gave is {error}")
        if not same_content(pieces, site):
            return SeedTorrent(
                problem="the site's torrent has other pieces than the album and would not seed"
            )
        if not same_names(pieces.files, site):
            return SeedTorrent(
                problem="the site's torrent has other file names than the album and would not seed"
            )
        folder = self.settings.torrents_folder / self.cell.tracker
        path = folder / torrent_file_name(pieces.files.name, site.infohash[:8])
        torrent = Torrent(pieces.files.name, data, site.infohash, site.piece_length)
        try:
            write_private(path, data)
        except MuaError as error:
            return SeedTorrent(torrent, problem=str(error))
        return SeedTorrent(torrent, path)


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
