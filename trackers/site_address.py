"""The addresses of one site: its own endpoints, and what the links that it gives lead to."""

from __future__ import annotations

from attrs import frozen
from yarl import URL

from pipeline.errors import NotSent

from .addresses import is_private_enough, raised
from .redaction import keys_in


@frozen
class SiteAddress:
    base: str
    """The site's `url` as configured."""

    def join(self, endpoint: str) -> str:
        return f"{self.base.rstrip('/')}/{endpoint.lstrip('/')}"

    def is_own(self, address: str) -> bool:
        return URL(address).origin() == self._root.origin()

    def public(self, link: str | None) -> str | None:
        """A link of the site's, whole, as it may be shown; None if it is none, or holds a key."""
        if link is None:
            return None
        try:
            url = self._absolute(link)
        except ValueError:
            return None
        secret = url.user or url.password or any(keys_in(str(url)))
        return None if secret or url.scheme not in {"http", "https"} else str(url)

    def of_torrent(self, link: str, name: str) -> str:
        """Where the site's own torrent is fetched from; NotSent, which names the site, for an unsafe link."""
        try:
            address = raised(self._absolute(link), self._root)
        except ValueError:
            raise NotSent(f"{name} gives an odd address for its torrent", retryable=False) from None
        if not is_private_enough(address):
            raise NotSent(
                f"{name} gives an address at {address.host} for its torrent that is not https://",
                hint="others on the way could read it: fetch the torrent from the site's page",
                retryable=False,
            )
        return str(address)

    def _absolute(self, link: str) -> URL:
        """A link that may be a path; ValueError where it is no address."""
        return self._root.join(URL(link))

    @property
    def _root(self) -> URL:
        return URL(self.join(""))
