"""What a tracker's table may hold: plain data to a TrackerConfig, every problem with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import evolve
from cattrs import ClassValidationError, Converter
from cattrs.gen import make_dict_structure_fn, override

from pipeline.errors import UsageError
from pipeline.model.album import ReleaseType
from pipeline.model.audio import Codec
from pipeline.secret import Secret
from trackers.tracker_config import ApiFormat, AuthType, CoverDemand, TrackerConfig

from . import described, search_rules, urls, values
from .conflicts import conflicts
from .image_hosts import host_names
from .secret_ref import SecretResolver

Parser = Callable[[object], object]
Problems = list[tuple[str, str]]
"""A place below the table, such as `.rate_limit[1]`, and what is wrong there."""

FORMATS = (*Codec, "AIFF", "WAVPACK", "APE", "DSD", "TTA", "AC3", "DTS")
ALIASES = {"type_ids": "format_ids", "base_url": "url"}
SECRETS: Mapping[str, Callable[[object], Secret | None]] = {
    "announce_url": urls.announce_secret,
    "api_key": values.secret,
    "password": values.secret,
}
PARSERS: Mapping[str, Parser] = {
    **SECRETS,
    "enabled": values.boolean,
    "type": values.family,
    "name": values.text,
    "url": urls.site_url,
    "site": values.text,
    "username": values.text,
    "source_name": values.text,
    "api_auth_type": values.one_of(AuthType),
    "api_auth_name": values.auth_name,
    "api_format": values.one_of(ApiFormat),
    "document_field": values.text,
    "torrent_field": values.text,
    "custom_endpoint": urls.endpoint,
    "upload_url": urls.upload_url,
    "download_endpoint": urls.download_endpoint,
    "cover": values.one_of(CoverDemand),
    "cover_field": values.text,
    "cover_in_description": values.boolean,
    "image_hosts": host_names,
    "anon": values.boolean,
    "rate_limit": values.rates,
    "category_ids": values.site_ids(ReleaseType),
    "format_ids": values.site_ids(FORMATS),
    "resolution_ids": values.site_ids(None),
    "timeouts": values.timeouts,
    "give_up_after": values.count,
    "settle_after": values.duration,
    "repost_when_unknown": values.boolean,
    "name_template": values.template,
    "description_template": values.template,
    "fields": described.upload_fields,
    "csrf": described.csrf,
    "login": described.login,
    "answer": described.answer,
    "search": search_rules.search,
}
KEYS = (*PARSERS, *ALIASES)


def check_tracker(tracker_id: str, table: Mapping[str, object]) -> tuple[str, ...]:
    """All that is wrong with a tracker's table, its secrets not looked up."""
    return _lines(tracker_id, _structure(tracker_id, table)[1])


def read_tracker(tracker_id: str, table: Mapping[str, object], resolve: SecretResolver) -> TrackerConfig:
    """The table with its secrets looked up; a UsageError holds all that is wrong with either."""
    config, problems = _structure(tracker_id, table)
    secrets, missing = _resolve_secrets(table, resolve)
    problems += missing
    if config is None or problems:
        raise UsageError(
            f"tracker {tracker_id} cannot be used as it is configured", problems=_lines(tracker_id, problems)
        )
    return evolve(
        config,
        announce_url=secrets.get("announce_url"),
        api_key=secrets.get("api_key"),
        password=secrets.get("password"),
    )


def _lines(tracker_id: str, problems: Problems) -> tuple[str, ...]:
    return tuple(f"trackers.{tracker_id}{place}: {message}" for place, message in problems)


def _structure(tracker_id: str, table: Mapping[str, object]) -> tuple[TrackerConfig | None, Problems]:
    """The table with its secret references as they stand, and what is wrong with it."""
    problems = values.unknown_keys(table, KEYS)
    problems += [
        (values.member(alias), f"is another name of `{key}`: give one of the two")
        for alias, key in ALIASES.items()
        if alias in table and key in table
    ]
    if "upload_url" in table and "custom_endpoint" in table:
        problems.append((".upload_url", "give this or `custom_endpoint`, not both"))
    problems += conflicts(table)
    written = {ALIASES.get(key, key): key for key in table if key in KEYS}
    known = {key: table[name] for key, name in written.items()}
    try:
        return _CONVERTER.structure({**known, "id": tracker_id}, TrackerConfig), problems
    except ClassValidationError as error:
        return None, [*problems, *_places(error, written)]


def _places(error: ClassValidationError, written: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Every value that its parser refused, under the key that the user wrote."""
    for cause, note in error.group_exceptions()[0]:
        if not isinstance(cause, ValueError):
            raise cause
        for below, message in values.problems_of(cause):
            yield values.member(written[note.name]) + below, message


def _resolve_secrets(
    table: Mapping[str, object], resolve: SecretResolver
) -> tuple[dict[str, Secret | None], Problems]:
    secrets: dict[str, Secret | None] = {}
    problems: Problems = []
    for key, parse in SECRETS.items():
        try:
            reference = parse(table.get(key, ""))
        except ValueError:
            continue  # `_structure` has told it
        try:
            secret = resolve(reference.reveal()) if reference else None
            if secret and key == "announce_url":
                urls.check_announce(secret.reveal())
            secrets[key] = secret
        except UsageError as error:
            problems.append((values.member(key), str(error)))
        except ValueError as error:
            problems.append((values.member(key), f"the address that it names {error}"))
    return secrets, problems


def _make_converter() -> Converter:
    def by(parse: Parser) -> Callable[[object, object], object]:
        return lambda value, _: parse(value)

    overrides: dict[str, Any] = {key: override(struct_hook=by(parse)) for key, parse in PARSERS.items()}
    converter = Converter(detailed_validation=True)
    converter.register_structure_hook(
        TrackerConfig, make_dict_structure_fn(TrackerConfig, converter, **overrides)
    )
    return converter


_CONVERTER = _make_converter()
