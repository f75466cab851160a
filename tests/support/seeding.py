"""A real torrent client, libtorrent, that checks files against a .torrent without any network."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import libtorrent


@contextmanager
def offline_client() -> Iterator[libtorrent.session]:
    settings: Any = {
        "listen_interfaces": "",
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "alert_mask": libtorrent.alert_category.status | libtorrent.alert_category.error,
    }
    session = libtorrent.session(settings)
    yield session
    session.pause()


def recheck(client: libtorrent.session, data: bytes, save_path: Path) -> libtorrent.torrent_status:
    """What a client makes of the .torrent and the files that lie in `save_path`."""
    parameters = libtorrent.load_torrent_buffer(data)
    parameters.save_path = str(save_path)
    handle = client.add_torrent(parameters)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        client.wait_for_alert(1000)
        for alert in client.pop_alerts():
            if isinstance(alert, libtorrent.torrent_checked_alert) and alert.handle == handle:
                return handle.status()
    raise TimeoutError("the client has not checked the files")
