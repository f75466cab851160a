"""The addresses of the configuration, checked before a key travels to them."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, unquote, urlsplit

from pipeline.secret import Secret
from trackers.redaction import keys_in

from .secret_ref import is_literal
from .values import secret, text


def site_url(value: object) -> str:
    """The site's address, without a trailing slash."""
    address = text(value)
    parts = _split_url(address)
    _check_web(address, parts)
    if "?" in address:
        raise ValueError("must end before the `?`")
    return address.rstrip("/")


def upload_url(value: object) -> str:
    address = text(value)
    _check_web(address, _split_url(address))
    _refuse_key(address)
    return address


def check_announce(address: str) -> None:
    """Checks an announce URL, which carries a passkey."""
    if _split_url(address).scheme not in {"http", "https", "udp"}:
        raise ValueError("must begin with https://, http:// or udp://")


def announce_secret(value: object) -> Secret | None:
    reference = secret(value)
    if reference is not None and is_literal(reference.reveal()):
        check_announce(reference.reveal())
    return reference


def endpoint(value: object) -> str:
    """A path below the site's address, without a leading slash."""
    path = text(value)
    whole = path.startswith("//") or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", path)
    if whole or re.search(r"[\s\\#]", path) or not path.strip("/"):
        raise ValueError("must be a path below `url`, as in api/upload")
    if ".." in unquote(path.partition("?")[0]).split("/"):
        raise ValueError("must not contain `..`")
    _refuse_key(path)
    return path.lstrip("/")


def download_endpoint(value: object) -> str:
    path = endpoint(value)
    if path.count("{id}") != 1 or re.search("[{}]", path.replace("{id}", "")):
        raise ValueError("must contain `{id}` once, and no other braces, as in torrents/download/{id}")
    return path


def _refuse_key(address: str) -> None:
    """A key in a query would be shown wherever the address is."""
    _, _, query = address.partition("?")
    if any(True for _ in keys_in(f"?{query}")):
        raise ValueError(
            'must not hold a key: write it as `api_key`, with api_auth_type = "param" and the '
            "parameter's name as `api_auth_name`"
        )


def _split_url(address: str) -> SplitResult:
    if re.search(r"[\s\\]", address):
        raise ValueError("must be one address, without spaces or backslashes")
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        raise ValueError("is no address: its host or port cannot be read") from None
    if not parts.scheme or not parts.hostname:
        raise ValueError("must be a whole address, as in https://site.example")
    return parts


def _check_web(address: str, parts: SplitResult) -> None:
    if parts.scheme not in {"http", "https"}:
        raise ValueError("must begin with https://")
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise ValueError("must begin with https://: over http:// your key could be read on its way")
    if "@" in parts.netloc:
        raise ValueError("must not hold a user name or password: use `username` and `password`")
    if "#" in address:
        raise ValueError("must end before the `#`")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
