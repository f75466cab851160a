"""The file of questions that `plan --gaps` writes, and that `upload --answers` reads once it is filled in."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

import tomlkit
from attrs import field, frozen
from tomlkit.items import Table

from .errors import UsageError
from .gaps import GAPS, read_fields
from .model.album import Album
from .text import printable

HEAD = (
    "What the files do not say. Fill it in, and give this file to `mua-async upload` with --answers.",
    "What stays empty is passed over. Take the # away from a guess to confirm or to correct it.",
)
CONTENT_ID = re.compile("a1-[0-9a-f]{32}")


@frozen
class GapEntry:
    """What is to be asked of one album; the mappings are from `--set` keys to text."""

    content_id: str
    folder: Path
    missing: tuple[str, ...]
    """`--set` keys."""
    guessed: Mapping[str, str] = field(factory=dict)
    known: Mapping[str, str] = field(factory=dict)


def missing_fields(album: Album, required: frozenset[str]) -> tuple[str, ...]:
    """The `--set` keys of what is unknown among artist, title and the required fields of the album."""
    wanted = {"artist", "title", *required}
    return tuple(key for key, gap in GAPS.items() if gap.field in wanted and not getattr(album, gap.field))


def gap_entry(album: Album, required: frozenset[str]) -> GapEntry:
    """What is missing of the album, guessed and known."""
    values = {key: _shown(value) for key, gap in GAPS.items() if (value := getattr(album, gap.field))}
    guessed = {key for key in values if GAPS[key].field in album.inferred}
    return GapEntry(
        content_id=album.content_id,
        folder=album.files.root,
        missing=missing_fields(album, required),
        guessed={key: text for key, text in values.items() if key in guessed},
        known={key: text for key, text in values.items() if key not in guessed},
    )


def write_gaps(albums: Iterable[GapEntry]) -> str:
    """The TOML text that asks for what is missing, one table for each content; a copy is asked of once."""
    document = tomlkit.document()
    for line in HEAD:
        document.add(tomlkit.comment(line))
    written: set[str] = set()
    for album in albums:
        if album.content_id not in written:
            written.add(album.content_id)
            document.add(tomlkit.nl())
            document.add(tomlkit.comment(printable(str(album.folder))))
            document.add(album.content_id, _questions(album))
    return tomlkit.dumps(document)


def read_answers(text: str, source: str) -> Mapping[str, dict[str, object]]:
    """The album fields that the filled-in text sets, by content id; UsageError with all that is wrong.

    `source` names the file in messages.
    """
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{source} is no TOML: {printable(str(error))}") from None
    answers: dict[str, dict[str, object]] = {}
    problems: list[str] = []
    for content_id, table in document.items():
        if not isinstance(table, dict) or not CONTENT_ID.fullmatch(content_id):
            problems.append(f"{printable(content_id)}: is no album's table, such as [a1-...]")
            continue
        values, wrong = read_fields({key: value for key, value in table.items() if not _is_empty(value)})
        problems += (f"{content_id}: {problem}" for problem in wrong)
        if values:
            answers[content_id] = values
    if problems:
        raise UsageError(
            f"{source} cannot be used", hint="`plan --gaps` writes such a file", problems=tuple(problems)
        )
    return answers


def _questions(album: GapEntry) -> Table:
    table = tomlkit.table()
    for key, text in album.known.items():
        table.add(tomlkit.comment(f"{key}: {printable(text)}"))
    for key, text in album.guessed.items():
        value = tomlkit.string(printable(text)).as_string()
        table.add(tomlkit.comment(f"{key} = {value}  # guessed"))
    for key in album.missing:
        table.add(key, "")
    return table


def _is_empty(value: object) -> bool:
    return value == [] or (isinstance(value, str) and not value.strip())


def _shown(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)
