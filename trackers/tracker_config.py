"""What a user says of a tracker: the keys of `[trackers.ID]`, each None where the site's class decides."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from attrs import field, frozen
from yarl import URL

from pipeline.secret import Secret

from .described.description import AnswerRules, Csrf, FieldTemplate, LoginSteps, Search

ID_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


class Family(StrEnum):
    """What `type` may name: sites that run one software."""

    UNIT3D = "unit3d"
    GAZELLE = "gazelle"
    GENERIC = "generic"


class AuthType(StrEnum):
    """How a request carries the key."""

    BEARER = "bearer"
    TOKEN = "token"  # noqa: S105 - the name of a scheme
    PARAM = "param"
    HEADER = "header"
    FIELD = "field"
    BASIC = "basic"
    SESSION = "session"


class ApiFormat(StrEnum):
    """How the body of an upload is written."""

    JSON = "json"
    FORM = "form"
    DOCUMENT = "document"
    """A form with one field that holds a JSON document."""


class CoverDemand(StrEnum):
    OPTIONAL = "optional"
    REQUIRED = "required"
    NONE = "none"


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@frozen
class Rate:
    """At most `count` requests in any `seconds`."""

    count: int
    seconds: float

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Reads `N/[M](s|m|h|d)`: `5/10s`, `30/m`; a ValueError says what is wrong."""
        match = re.fullmatch(r"\s*(\d+)\s*/\s*(\d*)\s*([smhd])\s*", text)
        if match is None or int(match[1]) == 0 or match[2] == "0":
            raise ValueError(f"{text!r} is no rate: write it as 5/10s, 30/m or 200/d")
        return cls(int(match[1]), int(match[2] or 1) * _UNITS[match[3]])


def read_duration(text: str) -> float:
    """Reads `N(s|m|h|d)`: `90s`, `5m`; a ValueError says what is wrong."""
    match = re.fullmatch(r"\s*(\d+)\s*([smhd])\s*", text)
    if match is None:
        raise ValueError(f"{text!r} is no length of time: write it as 90s, 5m or 1h")
    return float(int(match[1]) * _UNITS[match[2]])


@frozen
class Timeouts:
    """Seconds that each phase of a request may take without progress."""

    connect: float = 15.0
    send: float = 60.0
    answer: float = 120.0


@frozen(kw_only=True)
class TrackerConfig:
    id: str
    """Upper case."""
    enabled: bool = True
    type: str | None = None
    name: str | None = None
    url: str | None = None
    site: str | None = None
    announce_url: Secret | None = None
    api_key: Secret | None = None
    username: str | None = None
    password: Secret | None = None
    source_name: str | None = None
    api_auth_type: AuthType | None = None
    api_auth_name: str | None = None
    api_format: ApiFormat | None = None
    document_field: str | None = None
    """The form field that holds the JSON document."""
    torrent_field: str | None = None
    """The field that takes the torrent; with `json` a path, such as `file.content`."""
    custom_endpoint: str | None = None
    upload_url: str | None = None
    download_endpoint: str | None = None
    """Where the site's own .torrent lies, `{id}` standing for the torrent's id; joined to `url`."""
    cover: CoverDemand | None = None
    cover_field: str | None = None
    """The file field that takes the cover; None sends no picture."""
    cover_in_description: bool | None = None
    """Whether the description shows the cover, from an image host."""
    image_hosts: tuple[str, ...] | None = None
    """The image hosts that this site's pictures may lie at, in the order in which they are tried."""
    anon: bool | None = None
    rate_limit: tuple[Rate, ...] | None = None
    category_ids: Mapping[str, str] = field(factory=dict)
    format_ids: Mapping[str, str] = field(factory=dict)
    resolution_ids: Mapping[str, str] = field(factory=dict)
    timeouts: Timeouts = field(factory=Timeouts)
    give_up_after: int = 5
    """Failures in a row after which the site is left alone for the rest of a run."""
    settle_after: float = 300.0
    """Seconds after which a look-up that finds nothing tells that an upload in doubt did not arrive."""
    repost_when_unknown: bool = False
    """Whether an upload in doubt is sent again once a look-up has found nothing."""
    name_template: str | None = None
    """A ready-made template's name, or a template."""
    description_template: str | None = None
    fields: tuple[FieldTemplate, ...] | None = None
    """What is sent, in place of the family's own fields."""
    csrf: Csrf | None = None
    """The token of the upload's form, which one of `fields` sends."""
    login: LoginSteps | None = None
    answer: AnswerRules | None = None
    """How the answer to an upload is read; None for the family's own reading."""
    search: Search | None = None
    """How the site is asked what it has; None where it cannot be asked."""


def lookup(table: Mapping[str, str], key: str) -> str | None:
    """The id for `key`, or that for all others; never another key's."""
    return table.get(key, table.get("*"))


def site_of(config: TrackerConfig) -> str:
    """What names the account's site: `site` as configured, else host, port and base path of its address."""
    if config.site:
        return config.site
    url = URL(config.url or f"//{config.id.lower()}")
    return f"{url.host}:{url.port}{url.path.rstrip('/')}"
