"""Reads the data of a tracker's class: what a stranger wrote there is checked as the configuration is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from yarl import URL

from pipeline.errors import UsageError
from pipeline.model.rules import SiteRules

from .addresses import is_private_enough
from .tracker_config import ApiFormat, AuthType, CoverDemand, Rate

USERS_OWN = (
    *("id", "enabled", "type", "username", "api_key", "password", "announce_url"),
    *("image_hosts", "timeouts", "give_up_after", "settle_after", "repost_when_unknown"),
)
"""Keys of the configuration that are the user's to give, not the site's."""


def class_data(cls: type) -> dict[str, Any]:
    """The class's values for keys of the configuration, parsed; UsageError names the attribute at fault."""
    for key in USERS_OWN:
        if getattr(cls, key, None) is not None:
            raise UsageError(
                f"{cls.__name__}.{key} must not be set in the class",
                hint=f"write {key} into the tracker's table in the configuration",
            )
    if not isinstance(getattr(cls, "rules", None), SiteRules):
        raise UsageError(f"{cls.__name__}.rules must be a SiteRules")
    return {key: _parsed(cls, key, parse) for key, parse in _PARSERS.items() if hasattr(cls, key)}


def _parsed(cls: type, key: str, parse: Callable[[Any], object]) -> object:
    try:
        return parse(getattr(cls, key))
    except ValueError as error:
        raise UsageError(f"{cls.__name__}.{key} {error}", hint="mend it in the class") from None


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a text that is not empty")
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)


def _address(value: object) -> str | None:
    if value is None:
        return None
    address = _text(value)
    if not is_private_enough(URL(address)):
        raise ValueError("must be an address that begins with https://")
    return address


def _flag(value: object) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise ValueError("must be True or False")
    return value


def _one_of(kind: type[StrEnum]) -> Callable[[object], StrEnum]:
    def parse(value: object) -> StrEnum:
        if not isinstance(value, str) or value not in list(kind):
            raise ValueError(f"must be one of {', '.join(kind)}")
        return kind(value)

    return parse


def _rates(value: object) -> tuple[Rate, ...]:
    rates = value if isinstance(value, list | tuple) else [value]
    return tuple(rate if isinstance(rate, Rate) else Rate.parse(_text(rate)) for rate in rates)


def _ids(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise ValueError('must be a table of ids, as in {"ALBUM": "5"}')
    return {_text(key).strip().upper(): _id(item) for key, item in value.items()}


def _id(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("must have numbers or texts as ids")
    return _text(str(value)).strip()


_PARSERS: Mapping[str, Callable[[Any], object]] = {
    "name": _text_or_none,
    "url": _address,
    "site": _text_or_none,
    "source_name": _text_or_none,
    "api_auth_type": _one_of(AuthType),
    "api_auth_name": _text_or_none,
    "api_format": _one_of(ApiFormat),
    "document_field": _text_or_none,
    "torrent_field": _text_or_none,
    "custom_endpoint": _text_or_none,
    "upload_url": _address,
    "download_endpoint": _text_or_none,
    "cover": _one_of(CoverDemand),
    "cover_field": _text_or_none,
    "cover_in_description": _flag,
    "anon": _flag,
    "rate_limit": _rates,
    "category_ids": _ids,
    "format_ids": _ids,
    "resolution_ids": _ids,
    "name_template": _text,
    "description_template": _text,
}
