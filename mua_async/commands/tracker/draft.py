"""A tracker's table in the making: from flags and answers, each checked as the configuration is."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence

from attrs import define, field

from pipeline.errors import UsageError
from trackers.registry import TrackerClass
from trackers.tracker_config import TrackerConfig

from ...config.configuration import Configuration
from ...config.schema import SECRETS, check_tracker
from ...config.secret_ref import SecretResolver, describe_reference, is_literal
from ...config.values import member
from ...options import Common
from ...selection import tracker_config
from .masking import masked_description

Table = dict[str, object]


@define
class Draft:
    common: Common
    tracker_id: str
    table: Table = field(factory=dict, repr=False)

    @property
    def found(self) -> TrackerClass:
        family = self.table.get("type")
        return self.common.trackers.find(self.tracker_id, None if family is None else str(family))

    def config(self, resolver: SecretResolver | None = None) -> TrackerConfig:
        """Without a resolver no secret is looked up."""
        configuration = Configuration(tables={self.tracker_id: self.table})
        return tracker_config(configuration, self.tracker_id, resolver)

    @property
    def settled(self) -> TrackerConfig:
        return self.found.cls.settled(self.config())

    def missing(self) -> list[str]:
        return self.found.cls.missing(self.config())

    def empty_ids(self) -> list[str]:
        from .empty_ids import empty_ids  # with the conformance kit's release

        return empty_ids(self.found.cls, self.config())

    def problems(self) -> tuple[str, ...]:
        return check_tracker(self.tracker_id, self.table)

    def check(self) -> None:
        """UsageError with all that is wrong with the table."""
        if problems := self.problems():
            raise UsageError(f"tracker {self.tracker_id} was not added", problems=problems)

    def put(self, place: Sequence[str], value: object) -> tuple[str, ...]:
        """Puts a value at a place of the table; where it is wrong all stays as it was, and why is returned.

        What the rest of the table lacks for it is no fault of the value: `problems` has that.
        """
        changed = Draft(self.common, self.tracker_id, _replaced(self.table, place, value))
        name = f"trackers.{self.tracker_id}{''.join(map(member, place))}"
        found = tuple(
            line for line in changed.problems() if line.startswith((f"{name}:", f"{name}.", f"{name}["))
        )
        if not found:
            self.table = changed.table
        return found

    def at(self, place: Sequence[str]) -> object:
        """What stands at a place; None if nothing does."""
        below: object = self.table
        for key in place:
            below = below.get(key) if isinstance(below, dict) else None
        return below

    def add_setting(self, pair: str) -> None:
        """Takes `key=value`: the value as TOML where it is that and may stand there, else as text."""
        key, equals, text = pair.partition("=")
        path = _key_path(key)
        if not equals or not all(path):
            raise UsageError("--set takes key=value", hint="as in --set category_ids.ALBUM=5")
        if path[0] in SECRETS:
            tables = [_with(self.table, path, text)]
        else:
            tables = [_with(self.table, path, value) for value in _readings(text)]
        self.table = min(tables, key=lambda table: len(check_tracker(self.tracker_id, table)))

    def literal_secrets(self) -> list[str]:
        """The keys whose secret is in the table itself."""
        return [key for key in SECRETS if key in self.table and is_literal(str(self.table[key]))]

    def lines(self) -> list[str]:
        """The table as it may be shown."""
        return [
            f"{key} = {_shown(masked_description(key, value))}"
            if key not in SECRETS
            else f"{key} = {describe_reference(str(value))}"
            for key, value in self.table.items()
        ]


def start_draft(
    common: Common, tracker_id: str, given: Mapping[str, str | None], settings: Iterable[str]
) -> Draft:
    """The table that the flags describe; UsageError with all that is wrong with them."""
    draft = Draft(common, tracker_id, {key: value for key, value in given.items() if value is not None})
    for pair in settings:
        draft.add_setting(pair)
    draft.check()
    return draft


def toml_value(text: str) -> object:
    """The value as TOML where it is that, else the text itself."""
    return _readings(text)[0]


def _readings(text: str) -> list[object]:
    """What the text may mean, the likelier first."""
    try:
        document = tomllib.loads(f"value = {text}")
    except (tomllib.TOMLDecodeError, ValueError, RecursionError):
        return [text]
    return [document["value"], text] if document.keys() == {"value"} else [text]


def _key_path(key: str) -> list[str]:
    """`a.b` and `a."b.c"` as TOML reads them; what is no TOML key, such as `a.*`, is cut at its dots."""
    words: list[str] = []
    try:
        below: object = tomllib.loads(f"{key} = 0")
    except tomllib.TOMLDecodeError:
        return key.strip().split(".")
    while isinstance(below, dict) and len(below) == 1:
        ((word, below),) = below.items()
        words.append(word)
    return words


def _with(table: Table, path: Sequence[str], value: object) -> Table:
    """The table with a value at a path; UsageError where something is there already."""
    key, *rest = path
    if not rest:
        if key in table:
            raise UsageError(f"{key} is given twice", hint="give it once")
        return {**table, key: value}
    inner = table.get(key, {})
    if not isinstance(inner, dict):
        raise UsageError(f"{key} is given twice: as a value, and as a table", hint="give it once")
    return {**table, key: _with(inner, rest, value)}


def _replaced(table: Table, place: Sequence[str], value: object) -> Table:
    """The table with a value at a place, whatever was there."""
    key, *rest = place
    inner = table.get(key)
    below = inner if isinstance(inner, dict) else {}
    return {**table, key: _replaced(below, rest, value) if rest else value}


def _shown(value: object) -> str:
    """A value as it may be read; texts without quotes where they stand alone."""
    return value if isinstance(value, str) else _as_toml(value)


def _as_toml(value: object) -> str:
    match value:
        case dict():
            return (
                f"{{ {', '.join(f'{member(key)[1:]} = {_as_toml(part)}' for key, part in value.items())} }}"
            )
        case list():
            return f"[{', '.join(map(_as_toml, value))}]"
        case _:
            return json.dumps(value, ensure_ascii=False)
