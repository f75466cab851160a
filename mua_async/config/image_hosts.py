"""The tables `[image_hosts.NAME]`: where covers are put in the web, in the order of the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import evolve

from pipeline.errors import UsageError
from trackers.image_hosts.settings import READY_MADE, HostShape, ImageHostConfig, KeyPlace

from . import urls, values
from .answer_rules import Parts
from .secret_ref import SecretResolver

CUSTOM = "custom"
KEY_PLACES = {f"key_{place}": place for place in KeyPlace}
SHAPE_KEYS = ("file_field", "address", "fields", *KEY_PLACES)
"""What describes a host of another make."""
KEYS = ("type", "url", "api_key", "timeout", *SHAPE_KEYS)


def image_hosts(value: object) -> dict[str, ImageHostConfig]:
    """The hosts by their names, each key still the reference that was written."""
    tables = values.table(value)
    items = [(values.member(name), (name, table)) for name, table in tables.items()]
    return {host.name: host for host in values.each(items, lambda item: _host(*item))}


def with_keys(hosts: Iterable[ImageHostConfig], resolve: SecretResolver) -> tuple[ImageHostConfig, ...]:
    """The hosts with their keys looked up, which may block; UsageError with every one that is missing."""
    found: list[ImageHostConfig] = []
    problems: list[str] = []
    for host in hosts:
        try:
            key = resolve(host.api_key.reveal()) if host.api_key else None
            found.append(evolve(host, api_key=key))
        except UsageError as error:
            problems.append(f"image_hosts.{host.name}.api_key: {error}")
    if problems:
        raise UsageError("not every image host can be used", problems=tuple(problems))
    return tuple(found)


def host_names(value: object) -> tuple[str, ...]:
    """The image hosts of one tracker, in the order in which they are tried."""
    if not isinstance(value, list) or not value:
        raise ValueError('must be a list of names of tables in `image_hosts`, as in ["ptpimg", "imgbb"]')
    names = values.each(((f"[{index}]", item) for index, item in enumerate(value)), values.text)
    return tuple(dict.fromkeys(names))


def unknown_hosts(table: Mapping[str, object], known: Iterable[str]) -> list[str]:
    """A problem for every host that a tracker's table names and that has no table of its own."""
    names, known = table.get("image_hosts"), tuple(known)
    return [
        f".image_hosts[{index}]: `image_hosts` has no table of this name{values.near_miss(name, known)}"
        for index, name in enumerate(names if isinstance(names, list) else ())
        if isinstance(name, str) and name not in known
    ]


def _host(name: str, value: object) -> ImageHostConfig:
    parts = Parts(value, KEYS)
    kind = (parts.take("type", values.text) or name) if "type" in parts.table else name
    if kind != CUSTOM and kind not in READY_MADE:
        known = (*READY_MADE, CUSTOM)
        parts.wrong("type", f"must be one of {', '.join(known)}{values.near_miss(kind, known)}")
    shape = _ready_made(parts, READY_MADE[kind]) if kind in READY_MADE else _custom(parts)
    api_key, timeout = parts.take("api_key", values.secret), parts.take("timeout", _seconds)
    parts.end()
    host = ImageHostConfig(name=name, shape=shape, api_key=api_key)
    return evolve(host, timeout=timeout) if timeout else host


def _ready_made(parts: Parts, shape: HostShape) -> HostShape:
    for key in SHAPE_KEYS:
        if key in parts.table:
            parts.wrong(key, f'is for type = "{CUSTOM}" only')
    if shape.key_required and "api_key" not in parts.table:
        parts.wrong("api_key", "is missing: the key of your account there, or where it is kept")
    return evolve(shape, url=parts.take("url", urls.upload_url) or shape.url)


def _custom(parts: Parts) -> HostShape:
    for key in ("url", "file_field"):
        if key not in parts.table:
            parts.wrong(key, "is missing")
    places = [key for key in KEY_PLACES if key in parts.table]
    if len(places) > 1 or bool(places) != ("api_key" in parts.table):
        parts.wrong("api_key", f"goes with one of {', '.join(KEY_PLACES)}, which names what carries it")
    shape = HostShape(
        url=parts.take("url", urls.upload_url) or "",
        file_field=parts.take("file_field", values.text) or "",
        fields=parts.take("fields", _fields) or {},
    )
    if address := parts.take("address", values.text):
        shape = evolve(shape, address=address)
    for key in places:
        name = parts.take(key, values.auth_name)
        shape = evolve(shape, key_place=KEY_PLACES[key], key_name=name)
    return shape


def _seconds(value: object) -> float:
    seconds = values.duration(value)
    if not seconds:
        raise ValueError("must be above 0")
    return seconds


def _fields(value: object) -> dict[str, str]:
    items = values.table(value).items()
    texts = values.each(((values.member(name), item) for name, item in items), values.text)
    return dict(zip((name for name, _ in items), texts, strict=True))
