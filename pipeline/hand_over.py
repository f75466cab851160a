"""What follows a stored upload: the site's own torrent is fetched, compared, kept, and seeded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from anyio import CancelScope, to_thread
from attrs import define, field, frozen

from .errors import MuaError, TrackerError, unexpected
from .events import Cell, Seeding, UploadDone
from .files import write_private
from .journal import CellJournal, Step, Unrecorded
from .model.pieces import Torrent
from .model.upload import UploadResult
from .ports import TorrentClient, Tracker
from .text import printable
from .torrent import NotATorrent, read_torrent, same_names, same_pieces

LONGEST_STEM = 180
"""Bytes of an album's name in the name of a .torrent: file systems take 255 with what is added."""


@frozen
class SeedTorrent:
    """What seeds an upload; without a `torrent` there is nothing, and `message` says why.

    `site_file` is the site's own torrent as saved, whether it seeds these files or not. With `again` another
    try may end better.
    """

    torrent: Torrent | None = None
    site_file: Path | None = None
    message: str = ""
    again: bool = False


@define
class HandOver:
    """Takes one stored upload to the torrent clients; what goes wrong here concerns seeding only."""

    tracker: Tracker
    cell: Cell
    log: CellJournal | Unrecorded
    torrents_folder: Path
    clients: Sequence[TorrentClient]
    told: bool = field(default=False, init=False)
    """That it is stored was published."""

    async def run(self, ours: Torrent, result: UploadResult, *, existing: bool) -> None:
        """That it is stored is told whatever happens to its torrent."""
        seed = SeedTorrent(message="the run ended before its torrent was fetched", again=True)
        try:
            seed = await self._seed_torrent(ours, result)
        except Exception as error:  # noqa: BLE001 - the upload is stored, whatever is wrong with its torrent
            seed = SeedTorrent(message=f"its torrent could not be fetched: {unexpected(error)}")
        finally:
            self.tell(result, existing=existing, message=seed.message, torrent_file=seed.site_file)
        if seed.torrent is None:
            self.report_unseeded(seed.message)
            await self.log.torrent_at(Step.ANSWERED, seed.site_file, finished=not seed.again)
            return
        await self.log.torrent_at(Step.FETCHED, seed.site_file, finished=not self.clients)
        if self.clients:
            step, finished = await self._hand_to_clients(seed.torrent)
            await self.log.torrent_at(step, seed.site_file, finished=finished)

    def tell(
        self, result: UploadResult, *, existing: bool, message: str, torrent_file: Path | None = None
    ) -> None:
        """Publishes that it is stored."""
        self.told = True
        self.cell.report(
            UploadDone,
            torrent_id=result.torrent_id,
            url=result.url,
            existing=existing,
            torrent_file=torrent_file,
            message="; ".join(filter(None, (result.message, message))),
        )

    def report_unseeded(self, message: str) -> None:
        for client in self.clients:
            self.cell.report(Seeding, client=client.name, path=None, seeds=False, message=message)

    async def keep(self, ours: Torrent) -> str:
        """Saves our torrent, and says where; whatever goes wrong here must not change a verdict."""
        kept = ""
        try:
            with CancelScope(shield=True):
                kept = await to_thread.run_sync(self._keep_ours, ours)
        except Exception as error:  # noqa: BLE001 - an `unknown` would be sent again
            kept = f"ours could not be kept: {unexpected(error)}"
        return kept

    async def _hand_to_clients(self, torrent: Torrent) -> tuple[Step, bool]:
        """How far it came, and whether nothing is left to be done."""
        reports = []
        for client in self.clients:
            report = await client.add(torrent, self.cell.tracker)
            self.cell.report(
                Seeding, client=client.name, path=report.path, seeds=report.seeds, message=report.message
            )
            reports.append(report.seeds)
        if False in reports:
            return Step.FETCHED, False
        return (Step.SEEDING if all(reports) else Step.HANDED), True

    async def _seed_torrent(self, ours: Torrent, result: UploadResult) -> SeedTorrent:
        """The site's own torrent, since many sites rewrite it; ours where the site has none to give."""
        try:
            data = await self.tracker.fetch_torrent(self.cell, result.download_url, result.torrent_id)
        except TrackerError as error:
            return SeedTorrent(message=f"its torrent could not be fetched: {error}", again=True)
        if data is None:
            return SeedTorrent(ours, message=f"the site gives no torrent of its own; {await self.keep(ours)}")
        return await to_thread.run_sync(self._keep_sites, ours, data)

    def _keep_sites(self, ours: Torrent, data: bytes) -> SeedTorrent:
        """Saves what the site gave if it holds this content; where it cannot be saved it is seeded still."""
        mine = read_torrent(ours.data)
        try:
            site = read_torrent(data)
        except NotATorrent as error:
            return SeedTorrent(message=f"what the site gave is {error}", again=True)
        if not same_pieces(mine, site):
            return SeedTorrent(
                message="the site's torrent has other pieces than the album and would not seed"
            )
        torrent: Torrent | None = Torrent(ours.name, data, site.infohash, site.piece_length)
        message = ""
        if not same_names(mine, site):
            torrent = None
            message = (
                f"the site's torrent has other file names than the album and would not seed: "
                f"there it is “{printable(site.name)}”"
            )
        try:
            return SeedTorrent(torrent, self._save(ours.name, data, site.infohash), message)
        except MuaError as error:
            return SeedTorrent(torrent, message="; ".join(filter(None, (message, str(error)))))

    def _keep_ours(self, ours: Torrent) -> str:
        try:
            return f"ours is kept as {printable(str(self._save(ours.name, ours.data, ours.infohash)))}"
        except MuaError as error:
            return f"ours could not be kept: {error}"

    def _save(self, name: str, data: bytes, infohash: str) -> Path:
        """Under a name that is made of our words alone; fails as `write_private` does."""
        path = self.torrents_folder / self.cell.tracker / torrent_file_name(name, infohash[:8])
        write_private(path, data)
        return path


def torrent_file_name(album: str, mark: str) -> str:
    """`ALBUM [MARK].torrent`: the mark tells apart what has one name; never hidden, never too long."""
    stem = album.encode()[:LONGEST_STEM].decode(errors="ignore").lstrip(".")
    return f"{stem} [{mark}].torrent"
