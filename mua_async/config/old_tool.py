"""Turns the old tool's settings into ours, and tells of each what became of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from urllib.parse import urlsplit

from attrs import define, field, frozen

from . import values
from .file import Document
from .old_file import OldFile
from .schema import KEYS, SECRETS, check_tracker
from .secret_ref import is_literal


class Fate(StrEnum):
    TAKEN = "taken"
    RENAMED = "renamed"
    LEFT_OUT = "left out"
    REFUSED = "refused"


@frozen
class Line:
    """What became of one setting of the old file; `text` never holds a secret."""

    fate: Fate
    place: str
    text: str = ""


@frozen
class Imported:
    """What the old file comes to; `tables` are the trackers' under their ids in upper case."""

    uploader: str | None
    tables: Mapping[str, Document] = field(repr=False)
    lines: tuple[Line, ...]


TITLES = ("trackers", "uploader_name")
NO_COUNTERPART: Mapping[str, str] = {
    "app_name": "this program has a name of its own",
    "app_version": "this program has a version of its own",
    "templates_dir": "templates are written into the configuration, see docs/templates.md",
    "temp_dir": "nothing is written beside the data folder (--data-dir)",
    "output_dir": "torrents are kept in the data folder; `hash -o DIR` writes them where you like",
    "logging": "logs go to stderr; --verbose and --quiet choose how much",
    "announce_url": "each tracker has its own: write trackers.ID.announce_url",
    "torrent": "piece size and privacy are chosen for each site, announce and source are the tracker's own",
    "upload": "format and type are read from the files; --media and --release-type fill gaps",
    "qbittorrent": "no client of that kind is supported yet: configure a watch folder under [clients]",
    "musicbrainz_app_id": "nothing is looked up there",
    "musicbrainz_contact": "nothing is looked up there",
    "discogs_token": "nothing is looked up there",
    "acoustid_api_key": "nothing is looked up there",
}
NO_TRACKER_COUNTERPART: Mapping[str, str] = {
    "use_api": "uploads always go through the site's API",
    "category_endpoint": "`tracker test` compares ids with the site's listings, where a family has them",
    "format_endpoint": "`tracker test` compares ids with the site's listings, where a family has them",
}
NEW_NAMES: Mapping[str, str] = {"cover_field_name": "cover_field"}
NEW_TEMPLATES: Mapping[str, str] = {"perfect_album": "perfect_description"}
ID_TABLES = ("category_ids", "format_ids")
WRONG_IDS = frozenset({"SP", "YUS"})
"""Sites whose ids the old tool shipped, and shipped wrong: types of films, for one."""
UNIT3D_PATH = "/api/torrents/upload"
PLACEHOLDER = re.compile(r"YOUR_|your-tracker", re.IGNORECASE)


def translate(old: OldFile) -> Imported:
    """Everything of the old file that has a counterpart, and a line for every setting."""
    lines = [
        Line(Fate.REFUSED, place, f"it is computed (line {line}), and the file is not run: write it yourself")
        for place, line in old.computed.items()
    ]
    uploader = _uploader(old.document, lines)
    description = old.document.get("description")
    template = description.get("template") if isinstance(description, dict) else None
    tables: dict[str, Document] = {}
    trackers = old.document.get("trackers", {})
    if not isinstance(trackers, dict):
        lines.append(Line(Fate.REFUSED, "trackers", "must be a table of trackers"))
        trackers = {}
    for key, table in trackers.items():
        try:
            name = values.tracker_id(key)
            if name in tables:
                raise ValueError("is there twice, in upper and lower case")
            tables[name] = _Translation(name, values.table(table), template, lines).run()
        except ValueError as error:
            lines.append(Line(Fate.REFUSED, f"trackers.{key}", str(error)))
    lines += _other_lines(old.document, template)
    return Imported(uploader, tables, tuple(lines))


def _uploader(document: Document, lines: list[Line]) -> str | None:
    value = document.get("uploader_name")
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip() or PLACEHOLDER.search(value):
        lines.append(Line(Fate.LEFT_OUT, "uploader_name", "it names nobody"))
        return None
    lines.append(Line(Fate.RENAMED, "uploader_name", "is `uploader` here"))
    return value


def _other_lines(document: Document, template: object) -> Iterator[Line]:
    for key in document:
        if key == "description":
            told = "is each tracker's own here: description_template"
            known = template in NEW_TEMPLATES
            yield Line(Fate.RENAMED if known else Fate.LEFT_OUT, key, told)
        elif key not in TITLES:
            yield Line(Fate.LEFT_OUT, key, NO_COUNTERPART.get(key, "nothing here goes by that name"))


@define
class _Translation:
    """One tracker's table on its way."""

    name: str
    old: Mapping[str, object]
    template: object
    lines: list[Line]
    new: Document = field(factory=dict)

    def run(self) -> Document:
        for key, value in self.old.items():
            self._setting(key, value)
        self._add_family()
        template = NEW_TEMPLATES.get(self.template) if isinstance(self.template, str) else None
        if template:
            self.new.setdefault("description_template", template)
        return self.new

    def _setting(self, key: str, value: object) -> None:
        if key in NO_TRACKER_COUNTERPART:
            self._tell(Fate.LEFT_OUT, key, NO_TRACKER_COUNTERPART[key])
        elif value in ("", None, {}):
            self._tell(Fate.LEFT_OUT, key, "it is empty")
        elif key in SECRETS and isinstance(value, str) and PLACEHOLDER.search(value):
            self._tell(Fate.LEFT_OUT, key, "it is the example's placeholder")
        elif key == "base_url":
            self._base_url(value)
        elif key == "description_template":
            self._description_template(value)
        elif key in {*ID_TABLES, "type_ids", "resolution_ids"}:
            self._ids(key, value)
        elif key in KEYS or key in NEW_NAMES:
            self._take(key, value)
        else:
            self._tell(Fate.LEFT_OUT, key, "nothing here goes by that name")

    def _take(self, key: str, value: object) -> None:
        name = NEW_NAMES.get(key, key)
        if key in {"enabled", "anon"}:
            try:
                value = values.boolean(value)
            except ValueError as error:
                self._tell(Fate.REFUSED, key, str(error))
                return
        if problems := self._problems(name, value):
            self._tell(Fate.REFUSED, key, "; ".join(problems))
            return
        self.new[name] = value
        if name != key:
            self._tell(Fate.RENAMED, key, f"is `{name}` here")
        elif key in SECRETS and is_literal(str(value)):
            self._tell(Fate.TAKEN, key, "as it is: env:NAME or keyring:SERVICE/NAME keep it elsewhere")
        else:
            self._tell(Fate.TAKEN, key)

    def _base_url(self, value: object) -> None:
        if "url" in self.old:
            self._tell(Fate.LEFT_OUT, "base_url", "`url` says it")
            return
        if problems := self._problems("url", value):
            self._tell(Fate.REFUSED, "base_url", "; ".join(problems))
            return
        self.new["url"] = value
        self._tell(Fate.RENAMED, "base_url", "is `url` here")

    def _description_template(self, value: object) -> None:
        template = NEW_TEMPLATES.get(str(value).removesuffix(".txt"))
        if template is None:
            why = "its language is another: docs/templates.md shows how to write it here"
            self._tell(Fate.LEFT_OUT, "description_template", why)
            return
        self.new["description_template"] = template
        self._tell(Fate.RENAMED, "description_template", f'is "{template}" here')

    def _ids(self, key: str, value: object) -> None:
        if not isinstance(value, dict):
            self._tell(Fate.REFUSED, key, "must be a table of ids")
            return
        if self.name in WRONG_IDS:
            why = "the old tool's ids of this site are not the site's own: those that ship here are used"
            self._tell(Fate.LEFT_OUT, key, why)
            return
        if key == "format_ids" and self.old.get("type_ids"):
            self._tell(Fate.LEFT_OUT, key, "`type_ids` says what is sent")
            return
        if key == "resolution_ids":
            value = {name: item for name, item in value.items() if name.upper() == "OTHER"}
        name = "format_ids" if key == "type_ids" else key
        taken = {entry: item for entry, item in value.items() if not self._problems(name, {entry: item})}
        others = [entry for entry in self._written(key) if entry not in taken]
        if taken:
            self.new[name] = taken
            self._tell(
                Fate.TAKEN if name == key else Fate.RENAMED, key, "" if name == key else f"is `{name}` here"
            )
        if others:
            self._tell(Fate.LEFT_OUT, key, f"{', '.join(others)}: no kind of music")

    def _written(self, key: str) -> list[str]:
        table = self.old[key]
        return [str(entry) for entry in table] if isinstance(table, dict) else []

    def _add_family(self) -> None:
        """Nothing but UNIT3D takes uploads there; the sites that ship here know their family."""
        address = self.new.get("upload_url")
        if isinstance(address, str) and urlsplit(address).path == UNIT3D_PATH and self.name not in WRONG_IDS:
            self.new["type"] = "unit3d"
            self._tell(Fate.TAKEN, "type", '"unit3d", as upload_url tells')

    def _problems(self, key: str, value: object) -> list[str]:
        place = f"trackers.{self.name}.{key}"
        return [line.removeprefix(place).lstrip(": ") for line in check_tracker(self.name, {key: value})]

    def _tell(self, fate: Fate, key: str, text: str = "") -> None:
        self.lines.append(Line(fate, f"trackers.{self.name}.{key}", text))
