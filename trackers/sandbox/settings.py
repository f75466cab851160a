"""What kind of site the sandbox plays, and how strict it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from attrs import field, frozen, validators

from ..tracker_config import ApiFormat, AuthType


class Flavor(StrEnum):
    """The software that the site plays."""

    UNIT3D = "unit3d"
    GENERIC = "generic"
    OPS = "ops"
    """Gazelle as it is open: OPSnet/Gazelle."""
    RED = "red"
    """Gazelle as RED's clients know it; its form is that of its ancestor."""
    SESSION = "session"
    """No API: a login form, cookies, and pages to read."""


@frozen(kw_only=True)
class SandboxSettings:
    """The site's account and rules; every key in here is a fake."""

    source: str = "SANDBOX"
    """What the site writes into `info.source`."""
    api_key: str = "sandbox-key"
    passkey: str = "0123456789abcdef0123456789abcdef"
    rsskey: str = "fedcba9876543210fedcba9876543210"
    username: str = "sandbox"
    password: str = "sandbox-password"  # noqa: S105 - a fake
    version: str = field(default="9.2.0", validator=validators.matches_re(r"\d+\.\d+\.\d+"))
    """The UNIT3D release that is played, from 8.3.4 on."""
    trusted: bool = True
    """UNIT3D: uploads of an untrusted user wait in moderation, where no search sees them."""
    latency: float = 0.0
    """Seconds before an upload is stored or refused."""
    rate_limit: tuple[int, float] | None = (30, 60.0)
    """Requests in a window of so many seconds; API and downloads are counted apart.

    Gazelle counts by its own table, unless this is None.
    """
    category_ids: Collection[str] = frozenset({"3", "4", "5", "6", "8"})
    """The defaults are the music ids of the sites that mua-async knows, and of its examples."""
    type_ids: Collection[str] = frozenset({"7", "8", "9", "10", "11", "13", "16", "21", "30", "31"})
    """The generic site calls them formats."""
    category_names: Mapping[str, str] = field(
        factory=lambda: dict.fromkeys(("3", "4", "5", "6", "8"), "Music")
    )
    """UNIT3D: what the ids are called; `Category 7` where it is not written."""
    type_names: Mapping[str, str] = field(
        factory=lambda: {"9": "MP3", "11": "FLAC", "13": "MP3", "16": "FLAC", "31": "M4A"}
    )
    upload_path: str = "api/upload"
    """Generic: where uploads are posted to; UNIT3D has its own."""
    auth: AuthType = field(
        default=AuthType.BEARER, validator=validators.in_(frozenset(AuthType) - {AuthType.SESSION})
    )
    """Generic: the one way of sending the key that is accepted; UNIT3D takes all of its four."""
    auth_name: str | None = None
    """Generic: name of the parameter, header or field that carries the key."""
    body_format: ApiFormat | None = None
    """Generic: the one format of bodies that is accepted; None takes both."""
    login_lasts: int | None = None
    """Session and Gazelle: the requests after which a login is forgotten; None is never."""
    search_lag: float = 180.0
    """Gazelle: seconds after which a search finds an upload; the look-up by hash finds it at once."""
    set_cookie: bool = False
    """Every answer sets a session cookie."""

    def since(self, major: int, minor: int, patch: int) -> bool:
        """Whether the UNIT3D release that is played has what came with the one named."""
        return tuple(int(part) for part in self.version.split(".")) >= (major, minor, patch)
