"""Reads an upload's fields in the order of the site's own code: the first thing wrong is what is told."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence

from attrs import frozen

from .gazelle_kinds import GazelleKind
from .gazelle_torrents import Broken

CATEGORIES = frozenset(map(str, range(7)))
IMAGE = re.compile(r"https?://[^/]+/\S+\.(gif|png|webm|jpe?g|tiff?)(\?\S*)?", re.IGNORECASE)
EDITION_TEXTS = {
    "remaster_title": "Remaster title",
    "remaster_record_label": "Remaster record label",
    "remaster_catalogue_number": "Remaster catalogue number",
}


class BadField(ValueError):
    """The site refuses it; the text is its own, with markup."""


@frozen
class Edition:
    """None of it is known of an unknown release."""

    year: int | None = None
    title: str = ""
    record_label: str = ""
    catalogue_number: str = ""


@frozen
class Upload:
    """What the site understood of the fields; those of the group are empty where it joins one."""

    artists: tuple[tuple[str, int], ...]
    title: str
    year: int
    release_type: str
    tags: tuple[str, ...]
    edition: Edition
    media: str
    format: str
    encoding: str
    scene: bool
    group: int | None

    @property
    def mains(self) -> tuple[str, ...]:
        return tuple(name for name, role in self.artists if role == 1)


def read_fields(
    given: Mapping[str, str], kind: GazelleKind, groups: Sequence[int], *, by_form: bool
) -> Upload:
    """Raises BadField and Broken."""
    fields = given if given.get("workaround_broken_html_entities") == "0" else _unescaped(given)
    group = _group(fields, groups)
    is_new = group is None or (by_form and kind.form_of_ancestor)
    artists = _artists(fields, kind) if is_new else ()
    _required(fields, ("type", "format", "bitrate", "media"))
    if is_new:
        _required(fields, ("title", "tags", "year", "releasetype"))
    if fields["type"] not in CATEGORIES:
        raise BadField("Please select a valid category.")
    if is_new:
        _check_release(fields, kind, by_form=by_form)
    _check_words(fields, kind)
    return Upload(
        artists=artists,
        title=fields.get("title", "").strip(),
        year=_number(fields.get("year", "")),
        release_type=fields.get("releasetype", ""),
        tags=tuple(filter(None, map(_tag, fields.get("tags", "").split(",")))),
        edition=_edition(fields, kind),
        media=fields["media"],
        format=fields["format"],
        encoding=_encoding(fields),
        scene="scene" in fields,
        group=group,
    )


def _unescaped(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: html.unescape(text) for name, text in fields.items()}


def _group(fields: Mapping[str, str], groups: Sequence[int]) -> int | None:
    if "groupid" not in fields:
        return None
    if not fields["groupid"].isdigit():
        raise BadField("Group ID was not numeric")
    group = int(fields["groupid"])
    if group in groups:
        return group
    if "title" not in fields:
        raise Broken
    return None


def _artists(fields: Mapping[str, str], kind: GazelleKind) -> tuple[tuple[str, int], ...]:
    if "artists" in fields or "importance" in fields:
        raise Broken
    names, roles = _listed(fields, "artists"), _listed(fields, "importance")
    if len(names) != len(roles):
        raise BadField("There is an error with how artists are specified.")
    if any(not role.isdigit() or not 1 <= int(role) <= kind.roles for role in roles):
        raise Broken
    pairs = [(" ".join(name.split()), int(role)) for name, role in zip(names, roles, strict=True)]
    artists = tuple(dict.fromkeys(pair for pair in pairs if pair[0]))
    if not any(role == 1 for _, role in artists):
        raise BadField("Please enter at least one main artist")
    return artists


def _listed(fields: Mapping[str, str], name: str) -> list[str]:
    numbered = {
        int(match[1]): text
        for key, text in fields.items()
        if (match := re.fullmatch(rf"{name}\[(\d+)\]", key))
    }
    return [numbered[number] for number in sorted(numbered)]


def _required(fields: Mapping[str, str], names: Sequence[str]) -> None:
    for name in names:
        if name not in fields:
            raise BadField(f"{name} is not specified")


def _check_release(fields: Mapping[str, str], kind: GazelleKind, *, by_form: bool) -> None:
    if not 1 <= len(fields["title"].strip().encode()) <= 200:
        raise BadField("Title must be less than 200 characters.")
    if not 2 <= len(fields["tags"].encode()) <= 200:
        raise BadField("You must enter at least one tag. Maximum length is 200 characters.")
    if fields["releasetype"] not in kind.release_types:
        raise BadField("Please select a valid release type.")
    if _number(fields["year"]) < 0 or (by_form and not fields["year"]):
        raise BadField("The year of the original release must be entered.")
    description = fields.get("album_desc", "" if by_form and kind.form_of_ancestor else None)
    if description is not None and not 10 <= len(description.encode()) <= 1_000_000:
        raise BadField("The album description has a minimum length of 10 characters.")
    image = fields.get("image", "")
    if image and (len(image.encode()) > 255 or not IMAGE.fullmatch(image)):
        raise BadField("The image URL you entered was invalid.")


def _check_words(fields: Mapping[str, str], kind: GazelleKind) -> None:
    if fields["format"] not in kind.formats:
        raise BadField("Please select a valid format.")
    if fields["bitrate"] not in kind.bitrates:
        raise BadField("You must choose a bitrate.")
    if fields["bitrate"] == "Other" and not 1 <= len(fields.get("other_bitrate", "")) <= 9:
        raise BadField("You must enter the other bitrate (max length: 9 characters).")
    if fields["media"] not in kind.media:
        raise BadField("Please select a valid media.")
    fewest, most = kind.text_bytes
    for name, shown in EDITION_TEXTS.items():
        size = len(fields.get(name, "").encode())
        if size and not fewest <= size <= most:
            raise BadField(f"{shown} must be between {fewest} and {most} characters.")


def _edition(fields: Mapping[str, str], kind: GazelleKind) -> Edition:
    """What stands there of it; without the flag OPS forgets all, RED's does as it is told."""
    year = _number(fields.get("remaster_year", ""))
    if "remaster" in fields and "remaster_year" not in fields:
        raise BadField("remaster_year is not specified")
    if "remaster" not in fields and (kind.remaster_needed or not year):
        return Edition()
    if fields["media"] == "CD" and year < 1982:
        raise BadField(
            "You have selected a year for an album that predates the media you say it was created on.1982"
        )
    if fields.get("unknown", "") not in ("", "0"):
        return Edition()
    if not year:
        raise BadField("Year of remaster/re-issue must be entered.")
    texts = [fields.get(name, "").strip() for name in EDITION_TEXTS]
    return Edition(year, *texts)


def _encoding(fields: Mapping[str, str]) -> str:
    if fields["bitrate"] != "Other":
        return fields["bitrate"]
    varies = fields.get("vbr", "") not in ("", "0")
    return fields["other_bitrate"] + (" (VBR)" if varies else "")


def _tag(text: str) -> str:
    return re.sub("[^a-z0-9.]", "", re.sub("[ -]", ".", text.strip().lower()))


def _number(text: str) -> int:
    """As PHP casts it."""
    match = re.match(r"\s*(-?\d{1,9})", text)
    return int(match[1]) if match else 0
