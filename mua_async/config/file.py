"""The configuration's file: TOML or JSON by its ending, UTF-8, read as plain data."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from pipeline.errors import UsageError

Document = dict[str, object]


def read_text(path: Path) -> str:
    """The file's text without a byte order mark; a UsageError says why it cannot be read."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist", hint="`mua-async tracker add ID` makes one") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is no UTF-8 text (byte {error.start})", hint="save it as UTF-8") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint="name a readable file") from error


def parse_document(path: Path, text: str) -> Document:
    """The text as nested tables; a UsageError names file, line and column of what is no TOML or JSON."""
    try:
        match path.suffix.lower():
            case ".toml":
                return _parse_toml(path, text)
            case ".json":
                return _parse_json(path, text)
            case _:
                raise UsageError(f"{path} is neither .toml nor .json", hint="rename it by what it holds")
    except RecursionError:
        raise UsageError(f"{path} is nested too deeply") from None


def _parse_toml(path: Path, text: str) -> Document:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        match = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", str(error), re.DOTALL)
        if match:
            raise _syntax_error(path, match[1], int(match[2]), int(match[3])) from None
        last = text.rpartition("\n")[2]
        raise _syntax_error(path, "the end is missing", text.count("\n") + 1, len(last) + 1) from None
    except ValueError as error:  # such as a number of too many digits
        raise UsageError(f"{path} is no valid TOML: {error}") from None


def _parse_json(path: Path, text: str) -> Document:
    twice: list[str] = []

    def table(pairs: list[tuple[str, object]]) -> Document:
        keys = [key for key, _ in pairs]
        twice.extend(key for key in dict.fromkeys(keys) if keys.count(key) > 1)
        return dict(pairs)

    try:
        document = json.loads(text, object_pairs_hook=table)
    except json.JSONDecodeError as error:
        raise _syntax_error(path, error.msg, error.lineno, error.colno) from None
    except ValueError as error:  # such as a number of too many digits
        raise UsageError(f"{path} is no valid JSON: {error}") from None
    if twice:
        names = ", ".join(f"`{key}`" for key in twice)
        raise UsageError(f"{path} has a key twice in one table: {names}", hint="keep one of each")
    if not isinstance(document, dict):
        raise UsageError(f"{path} must hold one JSON object")
    return document


def _syntax_error(path: Path, message: str, line: int, column: int) -> UsageError:
    kind = path.suffix[1:].upper()
    return UsageError(f"{path}:{line}:{column}: no valid {kind}: {message}")
