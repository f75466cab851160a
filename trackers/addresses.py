"""Which addresses may carry a key, or the torrent that a site keeps for one user."""

from __future__ import annotations

import ipaddress

from yarl import URL

LONGEST_ADDRESS = 2048
"""Characters; what a site gives beyond them is no address."""


def is_private_enough(address: URL) -> bool:
    """Nobody on the way reads what is asked for there: TLS, or this machine."""
    return address.scheme == "https" or (address.scheme == "http" and _is_loopback(address.host or ""))


def raised(address: URL, own: URL) -> URL:
    """The address at the site's own scheme and port where it is of the site's host and without TLS.

    A site behind a proxy that ends its TLS often writes its own links with http.
    """
    if address.scheme == "http" and own.scheme == "https" and address.host == own.host:
        return address.with_scheme(own.scheme).with_port(own.explicit_port)
    return address


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
