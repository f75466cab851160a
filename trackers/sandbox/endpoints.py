"""Addresses of a site as its rules write them: `torrents/{id}`, `details.php?id={id}`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from aiohttp import web
from attrs import frozen
from yarl import URL

PLACE = "{id}"
ID = re.compile(r"[0-9]{1,18}")


@frozen
class Endpoint:
    """An endpoint below the site's own address, its query included."""

    path: str
    query: Mapping[str, str]

    @classmethod
    def parse(cls, text: str) -> Endpoint:
        path, _, query = text.strip().partition("?")
        return cls("/" + path.strip("/"), dict(URL.build(query_string=query).query))

    def match(self, request: web.Request) -> int | None:
        """The id that the request asks for here, 0 where the endpoint has none; None if it asks elsewhere."""
        found: list[str] = []
        pairs = [("/" + request.path.strip("/"), self.path)]
        pairs += [(request.query.get(name, ""), wanted) for name, wanted in self.query.items()]
        for given, wanted in pairs:
            before, place, after = wanted.partition(PLACE)
            middle = given[len(before) : len(given) - len(after)]
            if not place:
                if given != wanted:
                    return None
            elif given != before + middle + after or not ID.fullmatch(middle):
                return None
            else:
                found.append(middle)
        return int(found[0]) if found else 0


def address(site_url: str, endpoint: str, torrent_id: int) -> str:
    """The whole address of an upload's page or download."""
    return f"{site_url}/{endpoint.strip('/').replace(PLACE, str(torrent_id))}"
