"""What is handed to a torrent client seeds: libtorrent finds every byte in place."""

from __future__ import annotations

from pathlib import Path

from tests.support.program import Program
from tests.support.seeding import offline_client, recheck
from tests.support.torrents import read_torrent


def test_a_client_finds_the_torrent_of_every_tracker_complete(program: Program, album: Path) -> None:
    sources = {"MH": "MH", "SP": "seedpool.org", "YUS": "YuScene"}
    sites = {tracker_id: program.add_site(tracker_id) for tracker_id in sources}
    finished = program.watched().upload(album)
    with offline_client() as client:
        for tracker_id, site in sites.items():
            (seeding,) = finished.events("seeding", tracker_id)
            data = Path(seeding["path"]).read_bytes()
            status = recheck(client, data, album.parent)
            assert (status.progress, status.is_seeding) == (1, True)
            torrent = read_torrent(data)
            assert torrent["info"]["private"] == 1
            assert torrent["info"]["source"] == sources[tracker_id]
            assert torrent["announce"] == site.announce_url
