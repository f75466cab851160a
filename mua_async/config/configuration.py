"""The user's configuration: loaded whole, checked at once, its secrets looked up only for trackers in use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from attrs import field, frozen

from pipeline.errors import UsageError
from trackers.image_hosts.settings import ImageHostConfig
from trackers.tracker_config import TrackerConfig

from . import values
from .file import Document, parse_document, read_text
from .image_hosts import image_hosts, unknown_hosts
from .schema import SECRETS, check_tracker, read_tracker
from .secret_ref import SecretResolver, is_literal, readable_by_others, secret_file

T = TypeVar("T")

KEYS = ("uploader", "default_trackers", "trackers", "clients", "image_hosts")
OLD_TOOL_HINT = "it looks like the old tool's: its tables under `trackers` are all that can be used here"
OLD_TOOL_KEYS = frozenset({"app_name", "app_version", "uploader_name", "upload", "torrent", "qbittorrent"})


@frozen
class WatchClient:
    """A torrent client that takes torrents from a folder; `name` is its key under `clients`."""

    name: str
    path: Path


@frozen
class Configuration:
    """What the user's file says; a tracker's table may still be broken, see `tracker_problems`."""

    path: Path | None = None
    """The file; None where there is none."""
    uploader: str | None = None
    default_trackers: tuple[str, ...] = ()
    clients: Mapping[str, WatchClient] = field(factory=dict)
    image_hosts: Mapping[str, ImageHostConfig] = field(factory=dict)
    """In the order of the file, their keys not looked up."""
    tables: Mapping[str, Mapping[str, object]] = field(factory=dict, repr=False)
    """The tables of the trackers as written, under their ids in upper case."""
    tracker_problems: Mapping[str, tuple[str, ...]] = field(factory=dict)
    """All that is wrong with a tracker's table, for ids where something is, and for keys that are no ids."""

    def misnamed_tables(self) -> tuple[str, ...]:
        """The keys under `trackers` that are no ids, such as `../x`: their tables are not used."""
        return tuple(key for key in self.tracker_problems if key not in self.tables)

    def tracker_ids(self) -> tuple[str, ...]:
        """Upper case, in the order of the file."""
        return tuple(self.tables)

    def has_table(self, tracker_id: str) -> bool:
        return tracker_id.upper() in self.tables

    def table(self, tracker_id: str) -> Mapping[str, object]:
        """The keys and values as written, secrets included; only for an id that `has_table`."""
        return self.tables[tracker_id.upper()]

    def tracker(self, tracker_id: str, resolve: SecretResolver) -> TrackerConfig:
        """The tracker with its secrets looked up, which may block; only for an id that `has_table`.

        A UsageError holds all that is wrong with the table and its secrets.
        """
        name = tracker_id.upper()
        return read_tracker(name, self.tables[name], resolve)

    def secret_warnings(self, tracker_ids: Iterable[str]) -> tuple[str, ...]:
        """The files with secrets of these trackers that other users of the machine can read, each once."""
        owners: dict[Path, dict[str, None]] = {}
        for name in map(str.upper, tracker_ids):
            for path in self._secret_files(name):
                owners.setdefault(path, {})[name] = None
        return tuple(
            f"{path} holds secrets of {', '.join(names)} and can be read by other users: "
            f"run `chmod 600 {path}`"
            for path, names in owners.items()
            if readable_by_others(path)
        )

    def _secret_files(self, name: str) -> Iterator[Path]:
        for key in SECRETS:
            reference = self.tables[name].get(key)
            if not isinstance(reference, str) or not reference.strip():
                continue
            path = self.path if is_literal(reference) else secret_file(reference)
            if path is not None:
                yield path


def load_configuration(path: Path) -> Configuration:
    """Reads and checks a file; see `read_configuration`."""
    return read_configuration(path, parse_document(path, read_text(path)))


def read_configuration(path: Path, document: Document) -> Configuration:
    """Checks a document that came from `path`.

    Anything wrong outside the trackers' tables is a UsageError, which holds all that is wrong in them too.
    """
    problems = values.unknown_keys(document, KEYS)

    def take(key: str, parse: Callable[[object], T]) -> T | None:
        try:
            return parse(document[key]) if key in document else None
        except ValueError as error:
            problems.extend((values.member(key) + below, why) for below, why in values.problems_of(error))
            return None

    uploader = take("uploader", values.text)
    default_trackers = take("default_trackers", _id_list) or ()
    clients = take("clients", _clients) or {}
    hosts = take("image_hosts", image_hosts) or {}
    tables = take("trackers", _tracker_tables) or {}
    if problems:
        old = OLD_TOOL_KEYS & document.keys()
        raise UsageError(
            f"{path} cannot be used",
            hint=OLD_TOOL_HINT if old else "",
            problems=(
                *(f"{place.removeprefix('.')}: {message}" for place, message in problems),
                *_problems_in_tables(document.get("trackers")),
            ),
        )
    return Configuration(
        path=path,
        uploader=uploader,
        default_trackers=default_trackers,
        clients=clients,
        image_hosts=hosts,
        tables=tables,
        tracker_problems={
            **{name: found for name, table in tables.items() if (found := _problems_of(name, table, hosts))},
            **_misnamed(document.get("trackers", {})),
        },
    )


def _problems_of(name: str, table: Mapping[str, object], hosts: Iterable[str]) -> tuple[str, ...]:
    """All that is wrong with a tracker's table, by itself and beside the others."""
    unknown = (f"trackers.{name}{problem}" for problem in unknown_hosts(table, hosts))
    return (*check_tracker(name, table), *unknown)


def _id_list(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError('must be a list of tracker ids, as in ["MH"]')
    ids = values.each(((f"[{index}]", item) for index, item in enumerate(value)), values.tracker_id)
    return tuple(dict.fromkeys(ids))


def _tracker_tables(value: object) -> dict[str, Mapping[str, object]]:
    """The trackers' tables, unchecked, under their ids in upper case; those under no id are left out."""
    misnamed = _misnamed(value)
    entries = {key: entry for key, entry in values.table(value).items() if key not in misnamed}
    times = Counter(key.upper() for key in entries)

    def entry(item: tuple[str, object]) -> tuple[str, Mapping[str, object]]:
        key, table = item
        if times[key.upper()] > 1:
            raise ValueError("an id is given once: upper and lower case are the same")
        return key.upper(), values.table(table)

    return dict(values.each(((values.member(item[0]), item) for item in entries.items()), entry))


def _misnamed(value: object) -> dict[str, tuple[str, ...]]:
    """The keys that are no ids, each with why: a fault of that table alone."""
    problems: dict[str, tuple[str, ...]] = {}
    for key in value if isinstance(value, dict) else ():
        try:
            values.tracker_id(key)
        except ValueError as error:
            problems[key] = (f"trackers{values.member(key)}: {error}",)
    return problems


def _problems_in_tables(value: object) -> Iterator[str]:
    """All that is wrong inside the trackers' tables, and with their ids."""
    for found in _misnamed(value).values():
        yield from found
    for key, entry in value.items() if isinstance(value, dict) else ():
        if isinstance(entry, dict):
            yield from check_tracker(values.member(key.upper()).removeprefix("."), entry)


def _clients(value: object) -> dict[str, WatchClient]:
    table = values.table(value)
    found = values.each(((values.member(key), item) for key, item in table.items()), _watch_folder)
    return {name: WatchClient(name, path) for name, path in zip(table, found, strict=True)}


def _watch_folder(value: object) -> Path:
    table = values.table(value)
    kind = table.get("type")
    if kind is None:
        raise values.ValueProblems([(".type", "is missing: this version has `watch`")])
    if kind != "watch":
        raise values.ValueProblems([(".type", "this version hands torrents to watch folders only: `watch`")])
    problems = values.unknown_keys(table, ("type", "path"))
    try:
        path = values.folder(table.get("path", ""))
    except ValueError as error:
        problems.append((".path", str(error)))
    if problems:
        raise values.ValueProblems(problems)
    return path
